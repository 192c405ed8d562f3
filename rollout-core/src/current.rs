//! What is active, in the hands of the code inside.

use serde::Serialize;
use serde_json::Value;

use crate::capture::Payload;
use crate::context::Context;
use crate::id::{SpanId, TraceId};
use crate::note::{FeedbackBuilder, MessageBuilder};
use crate::protocol::EventType;
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
            trace.noted.set(key.into(), value.into());
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
            span.noted.set(key.into(), value.into());
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
    fn where_nothing_is_active_nothing_happens() {
        assert_eq!((current_trace().id(), current_span().id()), (None, None));
        current_trace().set_attribute("k", 1);
        current_span().set_attribute("k", 1);
        current_span().record_input(&1);
    }
}
