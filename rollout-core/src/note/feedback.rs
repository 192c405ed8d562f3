use serde_json::Value;

use super::Note;
use crate::context::Context;
use crate::id::TraceId;
use crate::protocol::EventType;

/// What somebody said, or did, about a run; about to be recorded.
///
/// ```
/// # use rollout_core as rollout;
/// # let recording = rollout::testing::record();
/// # let trace = recording.client().trace("support").start();
/// # let id = trace.id().unwrap();
/// // While the run goes on:
/// trace.feedback("stars", 4).attribute("comment", "a bit slow").record();
/// trace.end();
/// // And later, by whoever knows its id:
/// # recording.in_scope(|| {
/// rollout::feedback("thumbs_up", true).trace_id(id).record();
/// # });
/// ```
#[derive(Debug)]
#[must_use = "feedback is recorded with `record`"]
pub struct FeedbackBuilder {
    note: Note,
}

/// Describes somebody's judgement of a run: the active trace, or the one that is named.
///
/// ```
/// # use rollout_core as rollout;
/// // In the handler of the button, long after the run:
/// rollout::feedback("thumbs_up", true).external_trace_id("order-1042").record();
/// ```
pub fn feedback(name: impl Into<String>, value: impl Into<Value>) -> FeedbackBuilder {
    FeedbackBuilder::new(
        Context::current(),
        EventType::Feedback,
        name.into(),
        value.into(),
    )
}

/// Describes something that a user did and that tells about a run: the active trace, or the one that
/// is named.
///
/// ```
/// # use rollout_core as rollout;
/// rollout::signal("copied_answer", 1).external_trace_id("order-1042").record();
/// ```
pub fn signal(name: impl Into<String>, value: impl Into<Value>) -> FeedbackBuilder {
    FeedbackBuilder::new(
        Context::current(),
        EventType::UserSignal,
        name.into(),
        value.into(),
    )
}

impl FeedbackBuilder {
    pub(crate) fn new(context: Context, kind: EventType, name: String, value: Value) -> Self {
        let mut note = Note::new(context, kind);
        note.event.name = Some(name);
        note.attribute("value", value);
        Self { note }
    }

    /// Names the trace by its id, where it is not the active one.
    ///
    /// Of a trace that has an id of the program's own, give that one: where not all traces are kept,
    /// it is by that id that this trace was.
    pub fn trace_id(mut self, id: TraceId) -> Self {
        self.note.event.trace_id = Some(id.to_string());
        self
    }

    /// Names the trace by the program's own id for it, where it is not the active one.
    pub fn external_trace_id(mut self, id: impl Into<String>) -> Self {
        self.note.event.external_trace_id = Some(id.into());
        self
    }

    /// Adds an attribute, such as the reason.
    pub fn attribute(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.note.attribute(key, value);
        self
    }

    /// Records it. Where no trace is active and none is named, it is dropped, and counted as not
    /// valid.
    pub fn record(self) {
        self.note.record();
    }
}
