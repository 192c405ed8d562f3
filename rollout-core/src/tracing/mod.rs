//! Spans of `tracing` that tell of calls to models, recorded as ours.
//!
//! Libraries such as rig and genai have no client that could be wrapped, but speak the GenAI conventions
//! of OpenTelemetry: their spans say which model was asked, what it was told and what it answered. With
//! [`layer`] in the program's subscriber these become `llm`, tool and agent spans.
//!
//! ```
//! use tracing_subscriber::layer::SubscriberExt as _;
//! # use rollout_core as rollout;
//!
//! let subscriber = tracing_subscriber::registry().with(rollout::tracing::layer());
//! # drop(subscriber); // tracing::subscriber::set_global_default(subscriber)?;
//! ```
//!
//! - A span belongs to the trace and span of rollout that are active where it is opened, and what is
//!   opened inside of it, by rollout or by `tracing`, belongs to it.
//! - Where no trace is active, the outermost span of `tracing` around it, such as that of an HTTP
//!   request, becomes one; an agent without any becomes a trace itself.
//! - rig runs an agent beside its span and not inside of it. The first step that names the agent is taken
//!   for the beginning of its work; where several agents of one name begin at once on one thread, that
//!   can't be told, and `#[rollout::agent]` around them keeps them apart.
//! - A call that rollout sees itself, by a wrapped client inside of such a span or around it, is
//!   recorded once: as rollout saw it.
//! - A task that knows only a span of `tracing` (`spawn(work.instrument(span))`) tells below the trace of
//!   ours in which that span was opened.
//! - Messages may be told as fields of the span or, as older libraries do, as events inside of it
//!   (`gen_ai.user.message`, `gen_ai.choice` …).
//! - Where `tracing::Instrument` is in scope, `trace.instrument(work)` of ours is hidden by it:
//!   `(&trace).instrument(work)` is ours.
//! - Other spans cost a look at the names of their fields, and inside of a trace a note of it.
//!
//! What is told of messages, arguments and results is up to the library: many leave them out unless
//! they are asked for them.

mod detached;
mod entered;
mod fields;
mod finding;
mod layer;
mod messages;
mod operation;
mod slot;
mod story;
mod twin;

pub use finding::ForeignCall;
pub use layer::GenAiLayer;
pub(crate) use twin::{Twin, enter};

/// Returns a layer which records those spans that follow the GenAI conventions.
///
/// They are recorded by the client that is active where they are opened, else by the global one. It is
/// no matter which is set up first, the subscriber or the client.
pub fn layer() -> GenAiLayer {
    GenAiLayer::new()
}
