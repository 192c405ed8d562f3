//! One choice of a chat completion stream.

use serde_json::{Map, Value, json};

use super::tool_calls::tool_calls;
use super::tool_deltas::{ToolCalls, add_function};
use super::{content, reasoning};
use crate::provider::Delta;
use crate::provider::budget::Budget;

/// What has come of a choice so far.
#[derive(Debug, Default)]
pub(super) struct Choice {
    message: Map<String, Value>,
    tool_calls: ToolCalls,
    rest: Map<String, Value>,
}

impl Choice {
    /// Takes what a chunk says about the choice.
    pub(super) fn add(&mut self, chunk: &Map<String, Value>, budget: &mut Budget) -> Delta {
        let mut brought = Delta::default();
        for (key, value) in chunk {
            match (key.as_str(), value) {
                ("delta", Value::Object(delta)) => brought = self.add_delta(delta, budget),
                // A whole message instead of deltas, or (Perplexity) next to them.
                ("message", Value::Object(message)) if present_delta(chunk).is_none() => {
                    if !self.has_output() {
                        brought = self.add_delta(message, budget);
                    }
                }
                ("message" | "index", _) => {}
                // The shape of the legacy completions; Together sends both.
                ("text", Value::String(text)) => {
                    if present_delta(chunk).is_none() {
                        brought = self.add_delta(&content_delta(text), budget);
                    }
                }
                ("finish_reason", reason) => self.finish_reason(reason, budget),
                ("logprobs", value) => budget.merge(&mut self.rest, key, value),
                _ => budget.overlay(&mut self.rest, key, value),
            }
        }
        brought
    }

    fn has_output(&self) -> bool {
        let content = self.message.get("content").and_then(content::visible);
        content.is_some_and(|text| !text.is_empty()) || !self.tool_calls.is_empty()
    }

    /// Returns whether the choice has said why it ended.
    pub(super) fn is_finished(&self) -> bool {
        matches!(self.rest.get("finish_reason"), Some(Value::String(reason)) if !reason.is_empty())
    }

    /// Returns the choice as a response has it.
    pub(super) fn finish(self, index: u64) -> Value {
        let Self {
            mut message,
            tool_calls,
            rest: mut choice,
        } = self;
        message.entry("role").or_insert_with(|| "assistant".into());
        message.entry("content").or_insert(Value::Null);
        if !tool_calls.is_empty() {
            message.insert("tool_calls".to_owned(), tool_calls.finish().into());
        }
        choice.insert("index".to_owned(), index.into());
        choice.insert("message".to_owned(), message.into());
        choice.entry("finish_reason").or_insert(Value::Null);
        choice.into()
    }

    fn finish_reason(&mut self, reason: &Value, budget: &mut Budget) {
        // Some repeat the reason; null or an empty one says nothing new.
        let says_nothing = reason.is_null() || reason.as_str().is_some_and(str::is_empty);
        if !says_nothing || !self.rest.contains_key("finish_reason") {
            budget.put(&mut self.rest, "finish_reason", reason);
        }
    }

    fn add_delta(&mut self, delta: &Map<String, Value>, budget: &mut Budget) -> Delta {
        let message = &mut self.message;
        for (key, value) in delta {
            match (key.as_str(), value) {
                ("content", content) => content::add(message, content, budget),
                ("tool_calls", calls) => {
                    for call in tool_calls(Some(calls)) {
                        self.tool_calls.add(call, budget);
                    }
                }
                ("function_call", Value::Object(more)) => {
                    let call = message.entry(key.clone()).or_insert_with(|| json!({}));
                    match call {
                        Value::Object(call) => add_function(call, "arguments", more, budget),
                        call => *call = value.clone(),
                    }
                }
                ("audio", Value::Object(more)) => {
                    let audio = message.entry(key.clone()).or_insert_with(|| json!({}));
                    if let Value::Object(audio) = audio {
                        add_audio(audio, more, budget);
                    }
                }
                ("reasoning_details", Value::Array(details)) => {
                    let known = message.entry(key.clone()).or_insert_with(|| json!([]));
                    if let Value::Array(known) = known {
                        for detail in details {
                            reasoning::add_block(known, detail, budget);
                        }
                    }
                }
                // Other strings than these are whole wherever they stand.
                (key, Value::String(more))
                    if key == "refusal" || reasoning::TEXTS.contains(&key) =>
                {
                    budget.append_to(message, key, more);
                }
                (key, value) => budget.merge(message, key, value),
            }
        }
        brought(delta)
    }
}

fn present_delta(chunk: &Map<String, Value>) -> Option<&Value> {
    chunk.get("delta").filter(|delta| !delta.is_null())
}

fn content_delta(text: &str) -> Map<String, Value> {
    Map::from_iter([("content".to_owned(), text.into())])
}

/// Says what kind of content a delta brought.
fn brought(delta: &Map<String, Value>) -> Delta {
    let has_text = |key: &str| {
        delta
            .get(key)
            .and_then(Value::as_str)
            .is_some_and(|piece| !piece.is_empty())
    };
    let content = delta.get("content").unwrap_or(&Value::Null);
    let calls = tool_calls(delta.get("tool_calls"));
    let legacy = delta.get("function_call").is_some_and(Value::is_object);
    Delta {
        text: content::visible(content).filter(|text| !text.is_empty()),
        reasoning: content::thinking(content).is_some()
            || reasoning::TEXTS.iter().any(|key| has_text(key)),
        tool_call: legacy || !calls.is_empty(),
        other: has_text("refusal") || delta.get("audio").is_some_and(Value::is_object),
        ..Delta::default()
    }
}

/// Adds to an audio answer: base64 data and its transcript come in pieces.
fn add_audio(audio: &mut Map<String, Value>, more: &Map<String, Value>, budget: &mut Budget) {
    for (key, value) in more {
        match (key.as_str(), value) {
            (key @ ("data" | "transcript"), Value::String(more)) => {
                budget.append_to(audio, key, more);
            }
            (key, value) => budget.merge(audio, key, value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(chunks: &[Value]) -> Value {
        let mut choice = Choice::default();
        for chunk in chunks {
            choice.add(chunk.as_object().unwrap(), &mut Budget::default());
        }
        choice.finish(0)
    }

    #[test]
    fn pieces_are_joined_and_whole_values_replaced() {
        let choice = choice(&[
            json!({"delta": {"role": "assistant", "content": "", "channel": "analysis"}}),
            json!({"delta": {"reasoning": "a", "channel": "analysis"}, "logprobs": {"content": [1]}}),
            json!({"delta": {"reasoning": "b", "refusal": null}, "logprobs": {"content": [2]}}),
            json!({"delta": {"content": "c", "refusal": "d"}, "finish_reason": null}),
            json!({"delta": {"content": null}, "finish_reason": "stop", "stop_reason": 7}),
            json!({"delta": {}, "finish_reason": ""}),
        ]);
        assert_eq!(
            choice,
            json!({
                "index": 0, "finish_reason": "stop", "stop_reason": 7, "logprobs": {"content": [1, 2]},
                "message": {
                    "role": "assistant", "content": "c", "refusal": "d", "reasoning": "ab",
                    "channel": "analysis",
                },
            })
        );
    }

    #[test]
    fn a_whole_message_counts_only_where_there_are_no_deltas() {
        let message = json!({"message": {"role": "assistant", "content": "ab"}});
        assert_eq!(
            choice(&[message.clone(), message.clone()])["message"]["content"],
            "ab"
        );
        let deltas = [
            json!({"delta": {"content": "a"}, "message": {"content": "a"}}),
            json!({"delta": {"content": "b"}, "message": {"content": "ab"}}),
            message,
        ];
        assert_eq!(choice(&deltas)["message"]["content"], "ab");
        assert_eq!(
            choice(&[json!({"text": "a"}), json!({"text": "b"})])["message"]["content"],
            "ab"
        );
    }

    #[test]
    fn legacy_calls_and_audio_come_in_pieces() {
        let choice = choice(&[
            json!({"delta": {"function_call": {"name": "f", "arguments": ""}}}),
            json!({"delta": {"function_call": {"arguments": "{}"}, "audio": {"id": "x", "data": "a"}}}),
            json!({"delta": {"audio": {"data": "b", "transcript": "t"}}}),
        ]);
        assert_eq!(
            choice["message"]["function_call"],
            json!({"name": "f", "arguments": "{}"})
        );
        assert_eq!(
            choice["message"]["audio"],
            json!({"id": "x", "data": "ab", "transcript": "t"})
        );
    }
}
