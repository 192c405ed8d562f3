//! Traces: one run of an agent, a request, a job.

mod builder;
mod handle;
mod parent;
mod state;

pub use builder::TraceBuilder;
pub use handle::Trace;
pub(crate) use handle::{Delivery, on_unwind};
pub(crate) use state::{Attributes, Plan, TraceState};

use std::borrow::Cow;

use crate::client::Core;

/// Describes a fresh trace of this name; [`start`](TraceBuilder::start) opens it.
///
/// It is recorded by the client that is active, else by the global one.
///
/// ```
/// # use rollout_core as rollout;
/// let mut trace = rollout::trace("support").user_id("u1").input("Where is my order?").start();
/// let place = trace.in_scope(|| rollout::span("lookup").start().in_scope(|| "in transit"));
/// trace.record_output(place);
/// trace.end();
/// ```
pub fn trace(name: impl Into<Cow<'static, str>>) -> TraceBuilder {
    TraceBuilder::new(Core::current(), name.into())
}
