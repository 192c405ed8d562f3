//! Spans of `tracing` that follow the GenAI conventions, recorded as ours.

mod rig;
mod spans;
mod together;
mod told;
mod twins;

use rollout::testing::{Recording, record};
use tracing_subscriber::layer::SubscriberExt as _;

/// Runs a program whose subscriber has the layer.
fn recorded(program: impl FnOnce()) -> Recording {
    let recording = record();
    let subscriber = tracing_subscriber::registry().with(rollout::tracing::layer());
    tracing::subscriber::with_default(subscriber, || recording.in_scope(program));
    recording
}
