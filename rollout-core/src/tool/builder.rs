use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::context::Context;
use crate::span::{Span, SpanBuilder};

/// A call of a tool that is about to begin.
///
/// ```
/// # use rollout_core as rollout;
/// let call = rollout::tool("get_weather").tool_call_id("call_1").input(&["Paris"]);
/// let mut call = call.start();
/// let answer = call.in_scope(|| "sunny");
/// call.record_output(&answer);
/// call.end();
/// ```
#[must_use = "the call of a tool begins with `start`"]
pub struct ToolBuilder {
    span: SpanBuilder,
    call_id: Option<String>,
    retry_count: Option<u64>,
}

/// Describes a call of this tool, below what is active; [`start`](ToolBuilder::start) opens it.
///
/// It is recorded as a call and a result, with a span of its own. Outside a trace it gets one of its
/// own. For functions there is `#[rollout::tool]`.
///
/// ```
/// # use rollout_core as rollout;
/// use serde_json::json;
///
/// let mut call = rollout::tool("get_weather").input(&json!({"city": "Paris"})).start();
/// call.record_output(&json!({"sky": "clear"}));
/// ```
pub fn tool(name: impl Into<Cow<'static, str>>) -> ToolBuilder {
    ToolBuilder::new(Context::current(), name.into())
}

impl ToolBuilder {
    pub(crate) fn new(around: Context, name: Cow<'static, str>) -> Self {
        Self {
            span: SpanBuilder::new(around, "tool".into()).name(name),
            call_id: None,
            retry_count: None,
        }
    }

    /// Sets the id that the model gave the call. Defaults to that of the
    /// [`tool_call`](super::tool_call) around, else to one of its own.
    pub fn tool_call_id(mut self, id: impl Into<String>) -> Self {
        self.call_id = Some(id.into());
        self
    }

    /// Sets how many times this call was tried before.
    pub fn retry_count(mut self, count: u64) -> Self {
        self.retry_count = Some(count);
        self
    }

    /// Adds an attribute.
    pub fn attribute(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        self.span = self.span.attribute(key, value);
        self
    }

    /// Records the arguments.
    pub fn input<T: Serialize + ?Sized>(mut self, arguments: &T) -> Self {
        self.span = self.span.input(arguments);
        self
    }

    /// Says when it began, where that was before now.
    #[cfg(feature = "tracing")]
    pub(crate) fn started(mut self, at: crate::clock::Tick) -> Self {
        self.span = self.span.started(at);
        self
    }

    #[cfg(feature = "tracing")]
    pub(crate) fn input_payload(mut self, payload: crate::capture::Payload) -> Self {
        self.span = self.span.input_payload(payload);
        self
    }

    /// Opens the call. It ends with [`Span::end`], or when it is dropped; what was recorded as its
    /// output by then is the tool's result.
    pub fn start(self) -> Span {
        let around = || Context::with(|context| context.tool_call_id.clone()).flatten();
        let call_id = self.call_id.or_else(|| around().map(|id| id.to_string()));
        self.span.tool(call_id, self.retry_count).start()
    }
}

impl fmt::Debug for ToolBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToolBuilder")
            .field("span", &self.span)
            .field("call_id", &self.call_id)
            .finish_non_exhaustive()
    }
}
