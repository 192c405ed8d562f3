//! Spans: the steps of a trace.

mod builder;
mod handle;
mod llm;
mod state;

pub use builder::SpanBuilder;
pub use handle::Span;
pub use llm::{LlmSpanBuilder, llm};
pub(crate) use state::{Detail, Place, SpanState, ToldCall, ToolState};

use std::borrow::Cow;

use crate::context::Context;

/// Describes a span of this type, such as `retrieval`, below what is active;
/// [`start`](SpanBuilder::start) opens it.
///
/// Outside a trace it gets one of its own.
///
/// ```
/// # use rollout_core as rollout;
/// let mut span = rollout::span("retrieval").name("search the manual").input("reset").start();
/// span.record_output(&["page 7"]);
/// span.end();
/// ```
pub fn span(kind: impl Into<Cow<'static, str>>) -> SpanBuilder {
    SpanBuilder::new(Context::current(), kind.into())
}
