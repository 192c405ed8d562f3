use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::{LlmSpanBuilder, SpanBuilder, SpanState};
use crate::capture::Payload;
use crate::context::{Active, Context, ContextGuard, InContext, Instrument as _};
use crate::failure::Failure;
use crate::id::SpanId;
use crate::provider::Usage;
use crate::record::{End, Known, Outcome, Update};
use crate::tool::ToolBuilder;
use crate::trace::on_unwind;

/// A span that is open. Ends with [`end`](Self::end), or when it is dropped.
///
/// ```
/// # use rollout_core as rollout;
/// # fn rank(pages: &[&str]) -> std::io::Result<Vec<usize>> { Ok(vec![pages.len()]) }
/// let pages = ["page 7", "page 9"];
/// let mut ranking = rollout::span("ranking").input(&pages).start();
/// match ranking.in_scope(|| rank(&pages)) {
///     Ok(ranks) => ranking.record_output(&ranks),
///     Err(error) => ranking.record_error(&error),
/// }
/// ranking.set_attribute("model", "none");
/// ranking.end();
/// ```
#[derive(Debug)]
#[must_use = "a span ends when it is dropped"]
pub struct Span {
    /// `None` where it is not recorded.
    state: Option<Arc<SpanState>>,
    context: Context,
    outcome: Outcome,
    output: Payload,
    known: Option<Box<Known>>,
}

impl Span {
    pub(crate) fn new(state: Arc<SpanState>, around: Context) -> Self {
        let mut context = Context::new(Active::Span(Arc::clone(&state)), around.user);
        if !state.is_tool() {
            // Steps on the way to the tool do not take the id from it.
            context.tool_call_id = around.tool_call_id;
        }
        let mut span = Self::off(context);
        span.state = Some(state);
        span
    }

    /// Returns a span that records nothing.
    pub(crate) fn off(context: Context) -> Self {
        Self {
            state: None,
            context,
            outcome: Outcome::Ok,
            output: Payload::none(),
            known: None,
        }
    }

    /// Returns the id; `None` where nothing records.
    pub fn id(&self) -> Option<SpanId> {
        self.state.as_ref().map(|state| state.id)
    }

    /// Returns the context in which code is part of this span.
    pub fn context(&self) -> Context {
        self.context.clone()
    }

    /// Makes the span active on this thread until the guard is dropped.
    pub fn enter(&self) -> ContextGuard {
        self.context().attach()
    }

    /// Runs `work` as part of the span. A future that it returns is not: it runs when it is awaited, and
    /// is given to [`instrument`](Self::instrument) for that.
    pub fn in_scope<R>(&self, work: impl FnOnce() -> R) -> R {
        self.context().in_scope(work)
    }

    /// Makes a future part of the span. The span ends by itself, not with the future.
    pub fn instrument<F>(&self, future: F) -> InContext<F> {
        future.in_context(self.context())
    }

    /// Describes a span of this type directly below this one.
    pub fn span(&self, kind: impl Into<Cow<'static, str>>) -> SpanBuilder {
        SpanBuilder::new(self.context(), kind.into())
    }

    /// Describes a call to a model directly below this one.
    pub fn llm(&self, name: impl Into<Cow<'static, str>>) -> LlmSpanBuilder {
        LlmSpanBuilder::new(self.context(), name.into())
    }

    /// Describes a call of this tool directly below this span.
    pub fn tool(&self, name: impl Into<Cow<'static, str>>) -> ToolBuilder {
        ToolBuilder::new(self.context(), name.into())
    }

    /// Records what the step starts from, where that was not known before it began.
    pub fn record_input<T: Serialize + ?Sized>(&self, value: &T) {
        if let Some(state) = &self.state
            && state.core().config.capture_input
        {
            let limit = state.core().config.max_value_bytes;
            state.update(Update::Input(Payload::serialize(value, limit)));
        }
    }

    /// Records what came out of the step.
    pub fn record_output<T: Serialize + ?Sized>(&mut self, value: &T) {
        if let Some(output) = self.state.as_ref().and_then(|state| state.output(value)) {
            self.output = output;
        }
    }

    /// Records a piece of an output that comes piece by piece. The last of the text is shown while it
    /// grows, and all of it is the output unless [`record_output`](Self::record_output) says another.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// let recording = rollout::testing::record();
    /// recording.in_scope(|| {
    ///     let mut export = rollout::span("export").start();
    ///     for line in ["id,state\n", "1042,in transit\n"] {
    ///         export.record_chunk(line);
    ///     }
    /// });
    /// assert_eq!(recording.run().span("export").output(), "id,state\n1042,in transit\n");
    /// ```
    ///
    /// The chunks of a call to a model that was opened with
    /// [`streaming(true)`](crate::LlmSpanBuilder::streaming) are counted and timed as well.
    pub fn record_chunk(&mut self, text: impl Into<String>) {
        if let Some(state) = &self.state {
            state.record_chunk(text.into());
        }
    }

    /// Records what was consumed. What is told later is added: of each count the last one stays.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// use rollout::Usage;
    ///
    /// let mut call = rollout::llm("local.generate").start();
    /// call.set_usage(Usage::default().with_input_tokens(120).with_output_tokens(18));
    /// call.set_usage(Usage::default().with_cost_usd(0.0004)); // the tokens are still there
    /// ```
    pub fn set_usage(&mut self, usage: Usage) {
        if self.state.is_some() {
            self.known().usage.get_or_insert_default().update(usage);
        }
    }

    /// Records which model did the work, and who serves it.
    pub fn set_model(&mut self, provider: impl Into<String>, model: impl Into<String>) {
        let known = self.known();
        known.provider = Some(provider.into());
        known.model = Some(model.into());
    }

    /// Records of the model what is known.
    #[cfg(feature = "tracing")]
    pub(crate) fn know_model(&mut self, provider: Option<String>, model: Option<String>) {
        let known = self.known();
        (known.provider, known.model) = (provider, model);
    }

    /// Adds an attribute, or replaces it.
    pub fn set_attribute(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        if self.state.is_some() {
            self.known().attributes.insert(key.into(), value.into());
        }
    }

    /// Records that the step failed.
    pub fn record_error<E: Error + ?Sized>(&mut self, error: &E) {
        if self.state.is_some() {
            self.outcome = Outcome::Failed(Box::new(Failure::new(error)));
        }
    }

    /// Ends the span.
    pub fn end(self) {}

    pub(crate) fn set(&mut self, outcome: Outcome, output: Payload) {
        self.outcome = outcome;
        self.output = output;
    }

    /// Ends the span; only the first call counts.
    pub(crate) fn finish(&mut self) {
        let Some(state) = self.state.take() else {
            return;
        };
        let outcome = std::mem::take(&mut self.outcome);
        let output = std::mem::take(&mut self.output);
        let known = self.known.take();
        state.end(|at| End {
            at,
            outcome: on_unwind(outcome),
            output,
            known,
        });
    }

    pub(crate) fn state(&self) -> Option<&Arc<SpanState>> {
        self.state.as_ref()
    }

    fn known(&mut self) -> &mut Known {
        self.known.get_or_insert_default()
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        self.finish();
    }
}
