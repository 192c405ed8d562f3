//! Rebuilds a message from its events.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::block::{Block, started};
use super::response;
use crate::provider::budget::Budget;
use crate::provider::json::text;
use crate::provider::{Delta, ResponseFacts};

/// What a block costs beside its content, so that their number is bounded.
const BLOCK: usize = 512;

/// What has come of a message so far.
#[derive(Debug, Default)]
pub(in crate::provider) struct MessageStream {
    message: Map<String, Value>,
    blocks: BTreeMap<u64, Block>,
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
    fn the_last_word_on_each_count_wins() {
        let delta = |usage| json!({"type": "message_delta", "delta": {}, "usage": usage});
        let created = json!({"ephemeral_5m_input_tokens": 4, "ephemeral_1h_input_tokens": 3});
        let (_, facts) = stream(&[
            start(),
            delta(json!({"output_tokens": 20, "input_tokens": null, "cache_creation": created})),
            delta(json!({"output_tokens": 21, "cache_read_input_tokens": 0})),
            delta(json!({"cache_creation": {"ephemeral_1h_input_tokens": 5}})),
        ])
        .finish();
        let usage = facts.usage.unwrap();
        assert_eq!(
            (usage.input_tokens, usage.output_tokens),
            (Some(10), Some(21))
        );
        assert_eq!(
            (usage.cached_tokens, usage.cache_write_tokens),
            (Some(0), Some(7))
        );
        assert_eq!(usage.cache_write_5m_tokens, Some(4));
        assert_eq!(usage.cache_write_1h_tokens, Some(5));
        assert_eq!(usage.total_tokens, None);
    }

    #[test]
    fn a_message_keeps_its_name_and_takes_one_that_comes_late() {
        let named = json!({"type": "message_delta", "delta": {"id": "y", "model": "n"}});
        let (_, facts) = stream(&[start(), named.clone()]).finish();
        assert_eq!(facts.id.as_deref(), Some("x"));
        assert_eq!(facts.model.as_deref(), Some("m"));
        let nameless = json!({"type": "message_start", "message": {"id": "", "model": ""}});
        let (_, facts) = stream(&[nameless, named]).finish();
        assert_eq!(facts.id.as_deref(), Some("y"));
        assert_eq!(facts.model.as_deref(), Some("n"));
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
