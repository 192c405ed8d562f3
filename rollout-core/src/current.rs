//! What is active, in the hands of the code inside.

use std::error::Error;

use serde::Serialize;
use serde_json::Value;

use crate::capture::Payload;
use crate::context::Context;
use crate::failure::Failure;
use crate::id::{SpanId, TraceId};
use crate::note::{FeedbackBuilder, MessageBuilder};
use crate::protocol::EventType;
use crate::provider::Usage;
use crate::record::Update;

/// The trace that is active, for the code inside it. Where none is, or it is not recorded, nothing it
/// is told is recorded.
#[derive(Clone, Debug)]
pub struct CurrentTrace {
    context: Context,
}

/// The span that is active, for the code inside it. Where none is, or it is not recorded, nothing it
/// is told is recorded.
#[derive(Clone, Debug)]
pub struct CurrentSpan {
    context: Context,
}

/// Returns the trace that is active.
///
/// ```
/// # use rollout_core as rollout;
/// #[derive(Debug)]
/// struct Answer {
///     confidence: f64,
/// }
///
/// fn judge(answer: &Answer) {
///     // Somewhere below a function with `#[rollout::agent]`:
///     rollout::current_trace().set_attribute("confidence", answer.confidence);
/// }
/// # judge(&Answer { confidence: 0.9 });
/// ```
pub fn current_trace() -> CurrentTrace {
    CurrentTrace {
        context: Context::current(),
    }
}

/// Returns the span that is active.
///
/// ```
/// # use rollout_core as rollout;
/// // Inside a function with `#[rollout::tool]`:
/// rollout::current_span().set_attribute("cache", "miss");
/// ```
pub fn current_span() -> CurrentSpan {
    CurrentSpan {
        context: Context::current(),
    }
}

impl CurrentTrace {
    /// Returns the id, also of a trace that is not kept; `None` where none is active.
    pub fn id(&self) -> Option<TraceId> {
        self.context.trace_id()
    }

    /// Adds an attribute to the trace, or replaces it. It is told at the trace's end.
    pub fn set_attribute(&self, key: impl Into<String>, value: impl Into<Value>) {
        if let Some(trace) = self.context.trace() {
            trace.noted.set_attribute(key.into(), value.into());
        }
    }

    /// Records what comes out of the run, instead of what the function returns that began it.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// # let recording = rollout::testing::record();
    /// // Somewhere below a function with `#[rollout::agent]`:
    /// # recording.in_scope(|| rollout::trace("support").start().in_scope(|| {
    /// rollout::current_trace().record_output("a short form of a long answer");
    /// # }));
    /// # assert_eq!(recording.run().output(), "a short form of a long answer");
    /// ```
    pub fn record_output<T: Serialize + ?Sized>(&self, value: &T) {
        if let Some(trace) = self.context.trace()
            && trace.core.config.capture_output
        {
            let limit = trace.core.config.max_value_bytes;
            trace.noted.set_output(Payload::serialize(value, limit));
        }
    }

    /// Records that the run failed, where the function that began it does not say so itself.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// # let recording = rollout::testing::record();
    /// # recording.in_scope(|| rollout::trace("support").start().in_scope(|| {
    /// if let Err(error) = "no number".parse::<u64>() {
    ///     rollout::current_trace().record_error(&error); // and go on with an apology
    /// }
    /// # }));
    /// # recording.run().assert_failed("invalid digit");
    /// ```
    pub fn record_error<E: Error + ?Sized>(&self, error: &E) {
        if let Some(trace) = self.context.trace() {
            trace.noted.set_failure(Failure::new(error));
        }
    }

    /// Describes a message of the conversation that the trace is part of.
    pub fn message<T: Serialize + ?Sized>(
        &self,
        role: impl Into<String>,
        content: &T,
    ) -> MessageBuilder {
        MessageBuilder::new(self.context.clone(), role.into(), content)
    }

    /// Describes somebody's judgement of this run.
    pub fn feedback(&self, name: impl Into<String>, value: impl Into<Value>) -> FeedbackBuilder {
        let kind = EventType::Feedback;
        FeedbackBuilder::new(self.context.clone(), kind, name.into(), value.into())
    }

    /// Describes something that a user did and that tells about this run.
    pub fn signal(&self, name: impl Into<String>, value: impl Into<Value>) -> FeedbackBuilder {
        let kind = EventType::UserSignal;
        FeedbackBuilder::new(self.context.clone(), kind, name.into(), value.into())
    }
}

impl CurrentSpan {
    /// Returns the id; `None` where no span is active.
    pub fn id(&self) -> Option<SpanId> {
        self.context.span_id()
    }

    /// Adds an attribute to the span, or replaces it. It is told at the span's end.
    pub fn set_attribute(&self, key: impl Into<String>, value: impl Into<Value>) {
        if let Some(span) = self.context.span() {
            span.noted.set_attribute(key.into(), value.into());
        }
    }

    /// Records what the step starts from, where that was not known before it began.
    pub fn record_input<T: Serialize + ?Sized>(&self, value: &T) {
        if let Some(span) = self.context.span()
            && span.core().config.capture_input
        {
            let limit = span.core().config.max_value_bytes;
            span.update(Update::Input(Payload::serialize(value, limit)));
        }
    }

    /// Records what comes out of the step, instead of what its function returns.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// # let recording = rollout::testing::record();
    /// // Inside a function with `#[rollout::span("retrieval")]`, whose result is not recorded:
    /// # recording.in_scope(|| rollout::span("retrieval").start().in_scope(|| {
    /// rollout::current_span().record_output(&["page 7", "page 9"]);
    /// # }));
    /// # assert_eq!(recording.run().span("retrieval").output()[0], "page 7");
    /// ```
    ///
    /// What a provider answered to a wrapped client, or to a function with `#[rollout::llm]`, stays as it
    /// is.
    pub fn record_output<T: Serialize + ?Sized>(&self, value: &T) {
        if let Some(span) = self.context.span().filter(|span| span.call().is_none())
            && let Some(output) = span.output(value)
        {
            span.noted.set_output(output);
        }
    }

    /// Records a piece of an output that comes piece by piece, as
    /// [`Span::record_chunk`](crate::Span::record_chunk) does.
    pub fn record_chunk(&self, text: impl Into<String>) {
        if let Some(span) = self.context.span() {
            span.record_chunk(text.into());
        }
    }

    /// Records what was consumed. What is told later is added: of each count the last one stays, and it
    /// wins over what a provider said.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// # let recording = rollout::testing::record();
    /// # recording.in_scope(|| rollout::span("embed").start().in_scope(|| {
    /// rollout::current_span().set_usage(rollout::Usage::default().with_input_tokens(120));
    /// # }));
    /// # assert_eq!(recording.run().span("embed").usage.input_tokens, Some(120));
    /// ```
    pub fn set_usage(&self, usage: Usage) {
        if let Some(span) = self.context.span() {
            span.noted.set_usage(usage);
        }
    }

    /// Records which model did the work, and who serves it.
    pub fn set_model(&self, provider: impl Into<String>, model: impl Into<String>) {
        if let Some(span) = self.context.span() {
            span.noted.set_model(provider.into(), model.into());
        }
    }

    /// Records that the step failed, where its function does not say so itself.
    pub fn record_error<E: Error + ?Sized>(&self, error: &E) {
        if let Some(span) = self.context.span() {
            span.noted.set_failure(Failure::new(error));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::record;

    #[test]
    fn code_inside_adds_to_what_is_active() {
        let recording = record();
        let trace = recording
            .client()
            .trace("support")
            .attribute("tier", 1)
            .start();
        trace.in_scope(|| {
            crate::span("task").start().in_scope(|| {
                current_trace().set_attribute("tier", 2);
                current_span().set_attribute("cache", "miss");
                current_span().record_input(&"late");
                current_trace().message("user", "hi").record();
            });
        });
        let id = trace.id();
        assert_eq!(trace.in_scope(|| current_trace().id()), id);
        drop(trace);

        let run = recording.run();
        assert_eq!(run.attributes["tier"], 2);
        let task = run.span("task");
        assert_eq!(
            (&task.attributes["cache"], task.input()),
            (&"miss".into(), "late".into())
        );
        assert_eq!(task.steps[0].label, "message");
    }

    #[test]
    fn what_the_code_inside_tells_is_told_at_the_end() {
        let recording = record();
        let trace = recording.client().trace("support").start();
        trace.in_scope(|| {
            let mut step = crate::span("embed").start();
            step.set_usage(Usage::default().with_input_tokens(3));
            step.record_output("what the function returns");
            step.in_scope(|| {
                let span = current_span();
                span.set_usage(Usage::default().with_cost_usd(0.5));
                span.set_model("local", "bge-m3");
                span.record_output("what is worth knowing");
                span.record_error(&std::io::Error::other("half of it is missing"));
            });
            let export = crate::span("export").start();
            export.in_scope(|| ["a ", "b"].map(|piece| current_span().record_chunk(piece)));
            current_trace().record_output("done");
            current_trace().record_error(&std::io::Error::other("not all of it"));
        });
        drop(trace);

        let run = recording.run();
        run.assert_failed("not all of it");
        assert_eq!(run.output(), "done");
        let step = run.find(|step| step.label == "embed").unwrap();
        step.assert_failed("half of it is missing");
        assert_eq!(step.output(), "what is worth knowing");
        assert_eq!(step.model.as_deref(), Some("bge-m3"));
        let usage = (step.usage.input_tokens, step.usage.cost_usd);
        assert_eq!(usage, (Some(3), Some(0.5)));
        assert_eq!(run.span("export").output(), "a b");
    }

    #[test]
    fn a_trace_that_is_there_for_a_span_is_told_of_as_well() {
        let recording = record();
        recording.in_scope(|| {
            crate::span("step").start().in_scope(|| {
                current_trace().set_attribute("tier", 2);
                current_trace().record_output("done");
            });
        });
        let run = recording.run();
        assert_eq!(
            (&run.attributes["tier"], run.output()),
            (&2.into(), "done".into())
        );
        run.assert_ok();
    }

    #[test]
    fn where_nothing_is_active_nothing_happens() {
        assert_eq!((current_trace().id(), current_span().id()), (None, None));
        current_trace().set_attribute("k", 1);
        current_span().set_attribute("k", 1);
        current_span().record_input(&1);
        current_span().record_output(&1);
        current_span().record_chunk("1");
        current_trace().record_output(&1);
    }
}
