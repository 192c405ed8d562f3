//! The handlers of a stream. claude-api's own are out of reach, but its `Aggregator` is not.

use std::collections::BTreeMap;

use serde_json::Value;

use super::upstream::{
    Error,
    messages::{
        ContentBlock, ContentDelta, KnownBlock, KnownContentDelta, KnownStreamEvent, StreamEvent,
        stream::Aggregator,
    },
    types::Usage,
};

pub(super) type OnText = Box<dyn FnMut(&str) + Send>;
pub(super) type OnToolUse = Box<dyn FnMut(&str, &str, &Value) + Send>;
pub(super) type OnStop = Box<dyn FnMut(&Usage) + Send>;
pub(super) type OnError = Box<dyn FnMut(&Error) + Send>;

/// The handlers that were set, and what has to be known to call them as claude-api does.
#[derive(Default)]
pub(super) struct Hooks {
    pub(super) text_delta: Option<OnText>,
    pub(super) thinking_delta: Option<OnText>,
    pub(super) tool_use_complete: Option<OnToolUse>,
    pub(super) message_stop: Option<OnStop>,
    pub(super) error: Option<OnError>,
    /// How many blocks have begun.
    blocks: u32,
    tools: BTreeMap<u32, ToolUse>,
    /// A message without content, to count what it consumes.
    totals: Aggregator,
}

/// A tool call that may not be complete.
struct ToolUse {
    id: String,
    name: String,
    input: Value,
    /// The pieces of the input that came since.
    pieces: String,
}

impl Hooks {
    /// Takes an event, before the message does.
    pub(super) fn event(&mut self, event: &StreamEvent) {
        let StreamEvent::Known(known) = event else {
            return;
        };
        match known {
            KnownStreamEvent::MessageStart { .. } | KnownStreamEvent::MessageDelta { .. } => {
                self.count(event);
            }
            KnownStreamEvent::ContentBlockStart { content_block, .. } => self.start(content_block),
            // Deltas for a block that never began are dropped.
            KnownStreamEvent::ContentBlockDelta {
                index,
                delta: ContentDelta::Known(delta),
            } if *index < self.blocks => self.delta(*index, delta),
            KnownStreamEvent::ContentBlockStop { index } => self.stop(*index),
            KnownStreamEvent::MessageStop => self.message_stop(),
            _ => {}
        }
    }

    pub(super) fn error(&mut self, error: &Error) {
        if let Some(handler) = &mut self.error {
            handler(error);
        }
    }

    fn count(&mut self, event: &StreamEvent) {
        if self.message_stop.is_some() {
            // Fails for other events only.
            let _ = self.totals.handle(event.clone());
        }
    }

    fn start(&mut self, block: &ContentBlock) {
        let index = self.blocks;
        self.blocks = self.blocks.saturating_add(1);
        if self.tool_use_complete.is_some()
            && let ContentBlock::Known(
                KnownBlock::ToolUse {
                    id, name, input, ..
                }
                | KnownBlock::ServerToolUse {
                    id, name, input, ..
                },
            ) = block
        {
            let tool = ToolUse {
                id: id.clone(),
                name: name.clone(),
                input: input.clone(),
                pieces: String::new(),
            };
            self.tools.insert(index, tool);
        }
    }

    fn delta(&mut self, index: u32, delta: &KnownContentDelta) {
        match delta {
            KnownContentDelta::TextDelta { text } => call(&mut self.text_delta, text),
            KnownContentDelta::ThinkingDelta { thinking } => {
                call(&mut self.thinking_delta, thinking);
            }
            KnownContentDelta::InputJsonDelta { partial_json } => {
                if let Some(tool) = self.tools.get_mut(&index) {
                    tool.pieces.push_str(partial_json);
                }
            }
            _ => {}
        }
    }

    fn stop(&mut self, index: u32) {
        let Some(handler) = &mut self.tool_use_complete else {
            return;
        };
        let Some(tool) = self.tools.get_mut(&index) else {
            return;
        };
        let pieces = std::mem::take(&mut tool.pieces);
        if !pieces.is_empty() {
            tool.input = serde_json::from_str(&pieces).unwrap_or(Value::String(pieces));
        }
        handler(&tool.id, &tool.name, &tool.input);
    }

    fn message_stop(&mut self) {
        let Some(handler) = &mut self.message_stop else {
            return;
        };
        if let Ok(message) = std::mem::take(&mut self.totals).finalize() {
            handler(&message.usage);
            let again = KnownStreamEvent::MessageStart { message };
            let _ = self.totals.handle(again.into());
        }
    }
}

fn call(handler: &mut Option<OnText>, text: &str) {
    if let Some(handler) = handler {
        handler(text);
    }
}
