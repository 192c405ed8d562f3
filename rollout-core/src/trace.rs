//! Traces: one run of an agent, a request, a job.

mod builder;
mod handle;
mod state;

pub use builder::TraceBuilder;
pub use handle::Trace;
pub(crate) use handle::{Delivery, on_unwind};
pub(crate) use state::{Attributes, Noted, Plan, TraceState};

use std::borrow::Cow;

use crate::client::Core;

/// Describes a fresh trace of this name; [`start`](TraceBuilder::start) opens it.
///
/// It is recorded by the client that is active, else by the global one.
pub fn trace(name: impl Into<Cow<'static, str>>) -> TraceBuilder {
    TraceBuilder::new(Core::current(), name.into())
}
