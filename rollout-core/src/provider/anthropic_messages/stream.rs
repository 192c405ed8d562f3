//! Rebuilds a message from its events.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::block::{Block, started};
use super::response;
use crate::provider::budget::Budget;
use crate::provider::json::text;
use crate::provider::usage::merge_anthropic;
use crate::provider::{CallError, Delta, ResponseFacts};

/// What a block costs beside its content, so that their number is bounded.
const BLOCK: usize = 512;

/// What has come of a message so far.
#[derive(Debug, Default)]
pub(in crate::provider) struct MessageStream {
    message: Map<String, Value>,
    usage: Value,
    blocks: BTreeMap<u64, Block>,
    error: Option<CallError>,
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
            kind => self.error(kind, event),
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
            usage,
            blocks,
            error,
            budget,
            ..
        } = self;
        let blocks: Vec<_> = blocks.into_values().map(Block::finish).collect();
        let inputs: Vec<_> = blocks
            .iter()
            .filter(|(b, _)| is_tool_use(b))
            .map(|b| b.1.clone())
            .collect();
        if !blocks.is_empty() || !message.contains_key("content") {
            let blocks = blocks.into_iter().map(|(block, _)| block).collect();
            message.insert("content".to_owned(), Value::Array(blocks));
        }
        message.entry("type").or_insert_with(|| "message".into());
        if !usage.is_null() {
            message.insert("usage".to_owned(), usage);
        }
        let message = Value::Object(message);
        let mut facts = response(&message);
        for (call, input) in facts.tool_calls.iter_mut().zip(inputs) {
            // As it was on the wire, which JSON that was parsed and printed again is not.
            call.arguments = input.unwrap_or_else(|| std::mem::take(&mut call.arguments));
        }
        facts.error = error;
        facts.complete = complete;
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
        let Some(start) = event.get("content_block") else {
            return Delta::default();
        };
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
            let rest = event
                .iter()
                .filter(|(key, _)| !matches!(key.as_str(), "type" | "delta"));
            self.add_members(
                &rest
                    .map(|(key, value)| (key.clone(), value.clone()))
                    .collect(),
            );
        }
        Delta::default()
    }

    fn add_members(&mut self, members: &Map<String, Value>) {
        for (key, value) in members {
            if key == "usage" {
                merge_anthropic(&mut self.usage, value);
            } else {
                self.budget.overlay(&mut self.message, key, value);
            }
        }
    }

    /// Takes an event that is not about the message: an error, a ping, something yet unknown.
    fn error(&mut self, kind: &str, event: &Value) -> Delta {
        let error = kind == "error" || CallError::of(None, event).is_some();
        if error {
            self.error.get_or_insert_with(|| CallError::of_event(event));
        }
        Delta {
            error,
            ..Delta::default()
        }
    }

    /// Returns the block that an event is about; without an index it is the last.
    fn block(&mut self, event: &Value) -> Option<(&mut Block, &mut Budget)> {
        let last = self.blocks.last_key_value().map(|(index, _)| *index);
        let next = if event.get("content_block").is_some() {
            last.map_or(0, |last| last.saturating_add(1))
        } else {
            last.unwrap_or(0)
        };
        let index = event.get("index").and_then(Value::as_u64).unwrap_or(next);
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
mod tests {
    use super::*;
    use serde_json::json;

    fn stream(events: &[Value]) -> MessageStream {
        let mut stream = MessageStream::default();
        for event in events {
            stream.push(None, event);
        }
        stream
    }

    fn start() -> Value {
        let usage =
            json!({"input_tokens": 10, "cache_creation_input_tokens": 7, "output_tokens": 1});
        let message = json!({"type": "message", "id": "x", "model": "m", "content": [],
            "stop_reason": null, "usage": usage});
        json!({"type": "message_start", "message": message})
    }

    fn block(index: u64, block: &Value) -> Value {
        json!({"type": "content_block_start", "index": index, "content_block": block})
    }

    fn delta(index: u64, delta: &Value) -> Value {
        json!({"type": "content_block_delta", "index": index, "delta": delta})
    }

    fn text_delta(index: u64, text: &str) -> Value {
        delta(index, &json!({"type": "text_delta", "text": text}))
    }

    #[test]
    fn a_message_is_rebuilt_as_if_it_had_not_been_streamed() {
        let tool = json!({"type": "tool_use", "id": "t", "name": "f", "input": {}});
        let stream = stream(&[
            start(),
            block(0, &json!({"type": "text", "text": ""})),
            json!({"type": "ping"}),
            text_delta(0, "a"),
            text_delta(0, "b"),
            json!({"type": "content_block_stop", "index": 0}),
            block(1, &tool),
            delta(
                1,
                &json!({"type": "input_json_delta", "partial_json": "{\"x\": 1}"}),
            ),
            json!({"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": null},
                "usage": {"output_tokens": 20}, "context_management": {"applied_edits": []}}),
            json!({"type": "message_stop"}),
        ]);
        assert!(stream.is_complete());
        let (message, facts) = stream.finish();
        assert_eq!(
            message,
            json!({
                "type": "message", "id": "x", "model": "m", "stop_reason": "tool_use",
                "stop_sequence": null, "context_management": {"applied_edits": []},
                "content": [
                    {"type": "text", "text": "ab"},
                    {"type": "tool_use", "id": "t", "name": "f", "input": {"x": 1}},
                ],
                "usage": {"input_tokens": 10, "cache_creation_input_tokens": 7, "output_tokens": 20},
            })
        );
        assert_eq!(facts.tool_calls[0].arguments, "{\"x\": 1}");
        assert_eq!(facts.usage.unwrap().cache_write_tokens, Some(7));
    }

    #[test]
    fn a_stream_that_breaks_off_yields_what_it_brought() {
        let (message, facts) = stream(&[start(), text_delta(0, "a")]).finish();
        assert_eq!(facts.texts, [Some("a".to_owned())]);
        assert_eq!(facts.finish_reasons, [None]);
        assert!(!facts.complete);
        assert_eq!(message["content"][0]["type"], "text");
    }

    #[test]
    fn an_error_in_the_middle_keeps_what_came_before() {
        let mut stream = stream(&[start(), text_delta(0, "a")]);
        let error = json!({"type": "overloaded_error", "message": "Overloaded"});
        assert!(
            stream
                .push(Some("error"), &json!({"type": "error", "error": error}))
                .error
        );
        let facts = stream.finish().1;
        let error = facts.error.unwrap();
        assert_eq!(error.kind.as_deref(), Some("overloaded_error"));
        assert!(error.mid_stream);
        assert_eq!(facts.texts, [Some("a".to_owned())]);
    }

    #[test]
    fn without_index_deltas_go_to_the_last_block() {
        let text = json!({"type": "text", "text": ""});
        let start = json!({"type": "content_block_start", "content_block": text});
        let delta = |text| json!({"type": "content_block_delta", "delta": {"type": "text_delta", "text": text}});
        let facts = stream(&[start.clone(), delta("a"), start, delta("b")])
            .finish()
            .1;
        assert_eq!(facts.texts, [Some("a".to_owned()), Some("b".to_owned())]);
    }

    #[test]
    fn events_say_what_they_brought() {
        let mut stream = stream(&[start()]);
        assert_eq!(
            stream.push(None, &text_delta(0, "a")).text.as_deref(),
            Some("a")
        );
        let thinking = json!({"type": "thinking_delta", "thinking": "a"});
        assert!(stream.push(None, &delta(1, &thinking)).reasoning);
        let input = json!({"type": "input_json_delta", "partial_json": "{"});
        assert!(stream.push(None, &delta(2, &input)).tool_call);
        assert!(!stream.push(Some("ping"), &json!({})).has_content());
    }
}
