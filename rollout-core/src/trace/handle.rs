use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use super::TraceState;
use crate::capture::Payload;
use crate::config::Flush;
use crate::context::{Context, ContextGuard, InContext, Instrument as _};
use crate::failure::Failure;
use crate::id::TraceId;
use crate::note::{FeedbackBuilder, MessageBuilder};
use crate::pipeline::latch::Latch;
use crate::protocol::EventType;
use crate::record::{End, Outcome};
use crate::span::{LlmSpanBuilder, SpanBuilder};
use crate::tool::ToolBuilder;

/// A trace that is open. Ends with [`end`](Self::end), or when it is dropped.
///
/// ```
/// # use rollout_core as rollout;
/// # fn run() -> std::io::Result<&'static str> { Ok("done") }
/// let mut trace = rollout::trace("import").start();
/// match trace.in_scope(run) {
///     Ok(result) => trace.record_output(result),
///     Err(error) => trace.record_error(&error),
/// }
/// ```
///
/// A future is made part of it, wherever it is polled:
///
/// ```
/// # use rollout_core as rollout;
/// # async fn work() {}
/// # async fn run() {
/// let trace = rollout::trace("import").start();
/// trace.instrument(work()).await;
/// # }
/// ```
#[derive(Debug)]
#[must_use = "a trace ends when it is dropped"]
pub struct Trace {
    /// `None` where it is not recorded.
    state: Option<Arc<TraceState>>,
    context: Context,
    outcome: Outcome,
    output: Payload,
}

impl Trace {
    pub(crate) fn new(state: Option<Arc<TraceState>>, context: Context) -> Self {
        Self {
            state,
            context,
            outcome: Outcome::Ok,
            output: Payload::none(),
        }
    }

    /// Returns a trace that records nothing.
    pub(crate) fn off() -> Self {
        Self::new(None, Context::current())
    }

    /// Returns the id; `None` where nothing records.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// # let recording = rollout::testing::record();
    /// # let client = recording.client();
    /// let trace = client.trace("support").start();
    /// let id = trace.id().map(|id| id.to_string()); // for feedback that comes later
    /// # assert!(id.unwrap().starts_with("trace_"));
    /// ```
    pub fn id(&self) -> Option<TraceId> {
        self.context.trace_id()
    }

    /// Returns the context in which code is part of this trace.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// # let recording = rollout::testing::record();
    /// # let client = recording.client();
    /// let trace = client.trace("support").start();
    /// let context = trace.context();
    /// std::thread::spawn(move || context.in_scope(|| rollout::span("lookup").start().end()))
    ///     .join()
    ///     .unwrap();
    /// trace.end();
    /// assert_eq!(recording.run().steps[0].label, "lookup");
    /// ```
    pub fn context(&self) -> Context {
        self.context.clone()
    }

    /// Makes the trace active on this thread until the guard is dropped.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// # let recording = rollout::testing::record();
    /// # let client = recording.client();
    /// let trace = client.trace("support").start();
    /// {
    ///     let _active = trace.enter();
    ///     rollout::span("a step of the trace").start().end();
    /// }
    /// rollout::span("none of its steps").start().end();
    /// trace.end();
    /// assert_eq!(recording.run().steps.len(), 1);
    /// ```
    pub fn enter(&self) -> ContextGuard {
        self.context().attach()
    }

    /// Runs `work` as part of the trace. A future that it returns is not: it runs when it is awaited, and
    /// is given to [`instrument`](Self::instrument) for that.
    pub fn in_scope<R>(&self, work: impl FnOnce() -> R) -> R {
        self.context().in_scope(work)
    }

    /// Makes a future part of the trace. The trace ends by itself, not with the future.
    pub fn instrument<F>(&self, future: F) -> InContext<F> {
        future.in_context(self.context())
    }

    /// Describes a span of this type directly below the trace.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// # let recording = rollout::testing::record();
    /// # let client = recording.client();
    /// let trace = client.trace("support").start();
    /// let search = trace.span("retrieval").name("search the manual").start();
    /// search.span("rerank").start().end(); // inside of it
    /// search.end();
    /// ```
    pub fn span(&self, kind: impl Into<Cow<'static, str>>) -> SpanBuilder {
        SpanBuilder::new(self.context(), kind.into())
    }

    /// Describes a call to a model directly below the trace.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// # let recording = rollout::testing::record();
    /// # let client = recording.client();
    /// let trace = client.trace("support").start();
    /// let mut call = trace.llm("local.generate").provider("llama.cpp").model("qwen3-4b").start();
    /// call.record_output("Good morning.");
    /// call.end();
    /// trace.end();
    /// assert_eq!(recording.run().llm_call().model.as_deref(), Some("qwen3-4b"));
    /// ```
    pub fn llm(&self, name: impl Into<Cow<'static, str>>) -> LlmSpanBuilder {
        LlmSpanBuilder::new(self.context(), name.into())
    }

    /// Describes a call of this tool directly below the trace.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// # let recording = rollout::testing::record();
    /// # let client = recording.client();
    /// let trace = client.trace("support").start();
    /// let mut call = trace.tool("lookup_order").tool_call_id("call_1").input(&1042).start();
    /// call.record_output("in transit");
    /// call.end();
    /// trace.end();
    /// recording.run().assert_tool_called("lookup_order").once().assert_ok();
    /// ```
    pub fn tool(&self, name: impl Into<Cow<'static, str>>) -> ToolBuilder {
        ToolBuilder::new(self.context(), name.into())
    }

    /// Describes a message of the conversation that the trace is part of.
    pub fn message<T: Serialize + ?Sized>(
        &self,
        role: impl Into<String>,
        content: &T,
    ) -> MessageBuilder {
        MessageBuilder::new(self.context(), role.into(), content)
    }

    /// Describes somebody's judgement of this run.
    pub fn feedback(&self, name: impl Into<String>, value: impl Into<Value>) -> FeedbackBuilder {
        let kind = EventType::Feedback;
        FeedbackBuilder::new(self.context(), kind, name.into(), value.into())
    }

    /// Describes something that a user did and that tells about this run.
    pub fn signal(&self, name: impl Into<String>, value: impl Into<Value>) -> FeedbackBuilder {
        let kind = EventType::UserSignal;
        FeedbackBuilder::new(self.context(), kind, name.into(), value.into())
    }

    /// Adds an attribute, or replaces it. It is told at the trace's end.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// # let recording = rollout::testing::record();
    /// # recording.in_scope(|| {
    /// let mut trace = rollout::trace("import").attribute("source", "crm").start();
    /// trace.set_attribute("rows", 1042);
    /// # });
    /// # assert_eq!(recording.run().attributes["rows"], 1042);
    /// ```
    pub fn set_attribute(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        if let Some(trace) = self.state() {
            trace.noted.set_attribute(key.into(), value.into());
        }
    }

    /// Records what came out of the run.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// # let recording = rollout::testing::record();
    /// # let client = recording.client();
    /// let mut trace = client.trace("support").start();
    /// trace.record_output("Your order is in transit.");
    /// trace.end();
    /// assert_eq!(recording.run().output(), "Your order is in transit.");
    /// ```
    pub fn record_output<T: Serialize + ?Sized>(&mut self, value: &T) {
        if let Some(trace) = self.state()
            && trace.core.config.capture_output
        {
            self.output = Payload::serialize(value, trace.core.config.max_value_bytes);
        }
    }

    /// Records that the run failed.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// # let recording = rollout::testing::record();
    /// # let client = recording.client();
    /// let mut trace = client.trace("import").start();
    /// if let Err(error) = "12 pieces".parse::<u32>() {
    ///     trace.record_error(&error);
    /// }
    /// trace.end();
    /// recording.run().assert_failed("invalid digit");
    /// ```
    pub fn record_error<E: Error + ?Sized>(&mut self, error: &E) {
        if self.state().is_some() {
            self.outcome = Outcome::Failed(Box::new(Failure::new(error)));
        }
    }

    /// Ends the trace.
    pub fn end(self) {}

    pub(crate) fn set(&mut self, outcome: Outcome, output: Payload) {
        self.outcome = outcome;
        self.output = output;
    }

    /// Returns the state, where this trace is recorded.
    pub(crate) fn state(&self) -> Option<&Arc<TraceState>> {
        self.state.as_ref()
    }

    /// Ends the trace. Returns what opens when it is delivered where that is to be waited for: if the
    /// client's option says so, or the caller does.
    pub(crate) fn finish(&mut self, wait: bool) -> Option<Delivery> {
        let trace = self.state.take()?;
        let outcome = std::mem::take(&mut self.outcome);
        let output = std::mem::take(&mut self.output);
        trace.end(|at| End {
            at,
            outcome: on_unwind(outcome),
            output,
            known: None,
        });
        let config = &trace.core.config;
        let latch = (wait || config.flush == Flush::Wait).then(|| trace.core.delivery());
        Some(Delivery {
            latch: latch.flatten()?,
            timeout: config.shutdown_timeout,
        })
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        if let Some(delivery) = self.finish(false) {
            delivery.wait();
        }
    }
}

/// The delivery of a trace that has ended.
pub(crate) struct Delivery {
    latch: Latch,
    timeout: Duration,
}

impl Delivery {
    /// Waits for it on this thread.
    pub(crate) fn wait(self) {
        self.latch.wait(self.timeout);
    }

    /// Waits for it in this task.
    pub(crate) async fn arrive(self) {
        self.latch.within(self.timeout).await;
    }
}

/// Returns the outcome, or the panic that is on its way through this thread.
pub(crate) fn on_unwind(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Ok if std::thread::panicking() => Outcome::Failed(Box::new(Failure {
            kind: "panic".into(),
            ..Failure::default()
        })),
        outcome => outcome,
    }
}
