use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::{Span, SpanBuilder, ToldCall};
use crate::context::Context;

/// A call to a model that is about to begin, told by hand.
#[must_use = "a call begins with `start`"]
pub struct LlmSpanBuilder {
    span: SpanBuilder,
    call: ToldCall,
}

/// Describes a call to a model, below what is active; [`start`](LlmSpanBuilder::start) opens it.
///
/// For clients that can't be wrapped and functions without a place for `#[rollout::llm]`: what is not
/// told is not recorded. Outside a trace it gets one of its own.
///
/// ```
/// # use rollout_core as rollout;
/// use rollout::Usage;
///
/// let call = rollout::llm("local.generate").provider("ollama").model("llama3.2");
/// let mut call = call.temperature(0.2).input("Where is my order?").start();
/// // … ask the model …
/// call.record_output("It has shipped.");
/// call.set_usage(Usage::default().with_input_tokens(12).with_output_tokens(5));
/// call.end();
/// ```
///
/// An answer that comes piece by piece is told so:
///
/// ```
/// # use rollout_core as rollout;
/// let mut call = rollout::llm("local.generate").model("llama3.2").streaming(true).start();
/// for piece in ["It ", "has ", "shipped."] {
///     call.record_chunk(piece); // shown while it runs, and kept as a whole
/// }
/// ```
pub fn llm(name: impl Into<Cow<'static, str>>) -> LlmSpanBuilder {
    LlmSpanBuilder::new(Context::current(), name.into())
}

impl LlmSpanBuilder {
    pub(crate) fn new(around: Context, name: Cow<'static, str>) -> Self {
        Self {
            span: SpanBuilder::new(around, "llm".into()).name(name),
            call: ToldCall::default(),
        }
    }

    /// Says who serves the model.
    pub fn provider(mut self, name: impl Into<String>) -> Self {
        self.call.model.provider = Some(name.into());
        self
    }

    /// Says which model is asked.
    pub fn model(mut self, name: impl Into<String>) -> Self {
        self.call.model.model = Some(name.into());
        self
    }

    /// Says which version of the model is asked.
    pub fn model_version(mut self, version: impl Into<String>) -> Self {
        self.call.model.model_version = Some(version.into());
        self
    }

    /// Says how much the model is to think, such as `low`.
    pub fn reasoning_mode(mut self, mode: impl Into<String>) -> Self {
        self.call.model.reasoning_mode = Some(mode.into());
        self
    }

    /// Says the sampling temperature.
    pub fn temperature(mut self, temperature: f64) -> Self {
        self.call.model.temperature = Some(temperature);
        self
    }

    /// Says that the answer comes piece by piece, to be told with
    /// [`record_chunk`](Span::record_chunk). Defaults to false.
    pub fn streaming(mut self, streaming: bool) -> Self {
        self.call.streaming = streaming;
        self
    }

    /// Adds an attribute.
    pub fn attribute(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<Value>) -> Self {
        self.span = self.span.attribute(key, value);
        self
    }

    /// Records what the model is asked.
    pub fn input<T: Serialize + ?Sized>(mut self, value: &T) -> Self {
        self.span = self.span.input(value);
        self
    }

    /// Opens the span. It ends with [`Span::end`], or when it is dropped.
    pub fn start(self) -> Span {
        self.span.told_call(self.call).start()
    }
}

impl fmt::Debug for LlmSpanBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LlmSpanBuilder")
            .field("span", &self.span)
            .field("call", &self.call)
            .finish()
    }
}
