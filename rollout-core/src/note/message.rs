use serde::Serialize;
use serde_json::Value;

use super::Note;
use crate::capture::Payload;
use crate::context::Context;
use crate::protocol::EventType;

/// A message of a conversation, about to be recorded.
///
/// ```
/// # use rollout_core as rollout;
/// # let recording = rollout::testing::record();
/// # let trace = recording.client().trace("support").start();
/// trace.message("assistant", "It is on its way.").id("msg_7").index(1).record();
/// trace.message("system", "Be brief.").internal().attribute("source", "prompt 12").record();
/// # drop(trace);
/// # assert_eq!(recording.run().steps.len(), 2);
/// ```
#[derive(Debug)]
#[must_use = "a message is recorded with `record`"]
pub struct MessageBuilder {
    note: Note,
}

/// Describes a message of the conversation that the active trace is part of.
///
/// The role is `user`, `assistant`, `system` or `tool`; the content is a text or parts.
///
/// ```
/// # use rollout_core as rollout;
/// let trace = rollout::trace("support").start();
/// let _active = trace.enter();
/// rollout::message("user", "Where is my order?").record();
/// ```
pub fn message<T: Serialize + ?Sized>(role: impl Into<String>, content: &T) -> MessageBuilder {
    MessageBuilder::new(Context::current(), role.into(), content)
}

impl MessageBuilder {
    pub(crate) fn new<T: Serialize + ?Sized>(around: Context, role: String, content: &T) -> Self {
        let mut note = Note::new(around, EventType::Message);
        note.event.message.role = Some(role);
        note.event.message.is_internal = Some(false);
        if let Some(core) = &note.core {
            note.content = Payload::serialize(content, core.config.max_value_bytes);
        }
        Self { note }
    }

    /// Sets the message's own id.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.note.event.message.id = Some(id.into());
        self
    }

    /// Sets the type of the content, such as `text/markdown`.
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.note.event.message.content_type = Some(content_type.into());
        self
    }

    /// Sets the tool call that this message answers.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// # let recording = rollout::testing::record();
    /// # let trace = recording.client().trace("support").start();
    /// trace.message("tool", &["in transit"]).tool_call_id("call_1").record();
    /// # drop(trace);
    /// ```
    pub fn tool_call_id(mut self, id: impl Into<String>) -> Self {
        self.note.event.message.tool_call_id = Some(id.into());
        self
    }

    /// Sets the message's place in the conversation, from 0.
    pub fn index(mut self, index: u64) -> Self {
        self.note.event.message.index = Some(index);
        self
    }

    /// Marks the message as one that the user does not see.
    pub fn internal(mut self) -> Self {
        self.note.event.message.is_internal = Some(true);
        self
    }

    /// Adds an attribute.
    pub fn attribute(mut self, key: impl Into<String>, value: impl Into<Value>) -> Self {
        self.note.attribute(key, value);
        self
    }

    /// Records the message. Outside a trace it is dropped, and counted as not valid.
    pub fn record(self) {
        self.note.record();
    }
}
