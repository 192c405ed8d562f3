//! Rebuilds a message from its events.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::block::{Block, started};
use super::response;
use crate::provider::budget::Budget;
use crate::provider::json::{index, present, text};
use crate::provider::{Delta, ResponseFacts};

/// What a block costs beside its content, so that their number is bounded.
const BLOCK: usize = 512;

/// What has come of a message so far.
#[derive(Debug, Default)]
pub(in crate::provider) struct MessageStream {
    message: Map<String, Value>,
    blocks: BTreeMap<u64, Block>,
    /// Where the blocks are that came at a place which another had already.
    moved: BTreeMap<u64, u64>,
    stopped: bool,
    budget: Budget,
}

impl MessageStream {
    pub(in crate::provider) fn push(&mut self, name: Option<&str>, event: &Value) -> Delta {
        match text(event, "type").or(name).unwrap_or_default() {
            "message_start" => self.start(event.get("message").unwrap_or(&Value::Null)),
            // A relay that does not stream.
            "message" => self.start(event),
            "content_block_start" => self.start_block(event),
            "content_block_delta" => self.add_to_block(event),
            "message_delta" => self.add_to_message(event),
            "message_stop" => {
                self.stopped = true;
                Delta::default()
            }
            // A ping, the end of a block, something yet unknown.
            _ => Delta::default(),
        }
    }

    pub(in crate::provider) fn done(&mut self) {
        self.stopped = true;
    }

    /// The stop reason is the last thing that a message says; some relays forget `message_stop`.
    pub(in crate::provider) fn is_complete(&self) -> bool {
        self.stopped
            || self
                .message
                .get("stop_reason")
                .is_some_and(Value::is_string)
    }

    pub(in crate::provider) fn finish(self) -> (Value, ResponseFacts) {
        let complete = self.is_complete();
        let Self {
            mut message,
            blocks,
            budget,
            ..
        } = self;
        if message.is_empty() && blocks.is_empty() {
            return (
                Value::Null,
                ResponseFacts {
                    complete,
                    ..ResponseFacts::default()
                },
            );
        }
        let blocks: Vec<_> = blocks.into_values().map(Block::finish).collect();
        let inputs: Vec<_> = blocks
            .iter()
            .filter(|(b, _)| is_tool_use(b))
            .map(|(_, input)| input.clone())
            .collect();
        if !blocks.is_empty() || !message.contains_key("content") {
            let blocks = blocks.into_iter().map(|(block, _)| block).collect();
            message.insert("content".to_owned(), Value::Array(blocks));
        }
        message.entry("type").or_insert_with(|| "message".into());
        let message = Value::Object(message);
        let mut facts = ResponseFacts {
            complete,
            ..response(&message)
        };
        for (call, input) in facts.tool_calls.iter_mut().zip(inputs) {
            // As it was on the wire, which JSON that was parsed and printed again is not.
            call.arguments = input.unwrap_or_else(|| std::mem::take(&mut call.arguments));
        }
        budget.note(&mut facts.attributes);
        (message, facts)
    }

    fn start(&mut self, message: &Value) -> Delta {
        if let Value::Object(message) = message {
            self.add_members(message);
        }
        Delta::default()
    }

    fn start_block(&mut self, event: &Value) -> Delta {
        let Some(start) = present(event, "content_block") else {
            return Delta::default();
        };
        // When the model refused, another went on: its name is that of the whole answer, as it is
        // where nothing is streamed.
        if text(start, "type") == Some("fallback")
            && let Some(model @ Value::String(_)) = start.get("to").and_then(|to| to.get("model"))
        {
            self.budget.put(&mut self.message, "model", model);
        }
        if let (Some((block, budget)), Value::Object(start)) = (self.block(event), start) {
            block.start(start, budget);
        }
        started(start)
    }

    fn add_to_block(&mut self, event: &Value) -> Delta {
        match (self.block(event), event.get("delta")) {
            (Some((block, budget)), Some(Value::Object(delta))) => block.add(delta, budget),
            _ => Delta::default(),
        }
    }

    fn add_to_message(&mut self, event: &Value) -> Delta {
        if let Some(Value::Object(delta)) = event.get("delta") {
            self.add_members(delta);
        }
        if let Value::Object(event) = event {
            self.add_members(event);
        }
        Delta::default()
    }

    /// The last word on each member counts, and what an event does not mention stays: so do counts of
    /// tokens, which are cumulative.
    fn add_members(&mut self, members: &Map<String, Value>) {
        for (key, value) in members {
            let known = self.message.get(key).and_then(Value::as_str);
            match key.as_str() {
                "type" | "delta" => {}
                // What a message is called does not change on the way.
                "id" | "model" if known.is_some_and(|known| !known.is_empty()) => {}
                _ => self.budget.overlay(&mut self.message, key, value),
            }
        }
    }

    /// Returns the block that an event is about; without an index it is the last.
    fn block(&mut self, event: &Value) -> Option<(&mut Block, &mut Budget)> {
        let last = self.blocks.last_key_value().map(|(index, _)| *index);
        let next = last.map_or(0, |last| last.saturating_add(1));
        let index = match (
            index(event, "index"),
            present(event, "content_block").is_some(),
        ) {
            (None, true) => next,
            (None, false) => last.unwrap_or(0),
            (Some(said), true) => {
                // There are relays that count each block as the first.
                let is_taken = self.blocks.get(&said).is_some_and(Block::has_started);
                let index = if is_taken { next } else { said };
                self.moved.remove(&said);
                if is_taken && self.budget.take(BLOCK) {
                    self.moved.insert(said, index);
                }
                index
            }
            (Some(said), false) => self.moved.get(&said).copied().unwrap_or(said),
        };
        if !self.blocks.contains_key(&index) && !self.budget.take(BLOCK) {
            return None;
        }
        Some((self.blocks.entry(index).or_default(), &mut self.budget))
    }
}

fn is_tool_use(block: &Value) -> bool {
    text(block, "type") == Some("tool_use")
}

#[cfg(test)]
mod tests;
