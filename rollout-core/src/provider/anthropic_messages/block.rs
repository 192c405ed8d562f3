//! One content block of a message stream.

use serde_json::{Map, Value};

use crate::provider::Delta;
use crate::provider::budget::Budget;
use crate::provider::json::{parse, text};

/// What has come of a block so far.
#[derive(Debug, Default)]
pub(super) struct Block {
    members: Map<String, Value>,
    started: bool,
    /// The pieces of a tool's input, which are JSON only once they are together.
    input: Option<String>,
}

impl Block {
    /// Begins with what the block's start says.
    pub(super) fn start(&mut self, block: &Map<String, Value>, budget: &mut Budget) {
        self.started = true;
        for (key, value) in block {
            budget.put(&mut self.members, key, value);
        }
    }

    /// Returns whether its start has come.
    pub(super) fn has_started(&self) -> bool {
        self.started
    }

    /// Takes a delta.
    pub(super) fn add(&mut self, delta: &Map<String, Value>, budget: &mut Budget) -> Delta {
        let kind = delta
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default();
        if !self.members.contains_key("type") {
            // Its start got lost.
            budget.put(&mut self.members, "type", &block_type(kind).into());
        }
        if let Some(Value::String(piece)) = delta.get("partial_json") {
            budget.append(self.input.get_or_insert_default(), piece);
        }
        for (key, value) in delta {
            match (key.as_str(), value) {
                ("type" | "partial_json", _) => {}
                ("citation", citation) => {
                    let list = Value::Array(vec![citation.clone()]);
                    budget.merge(&mut self.members, "citations", &list);
                }
                (key, Value::String(piece)) => budget.append_to(&mut self.members, key, piece),
                (key, value) => budget.merge(&mut self.members, key, value),
            }
        }
        brought(kind, delta)
    }

    /// Returns the block as a message has it, and the text of its input where that came in pieces.
    pub(super) fn finish(self) -> (Value, Option<String>) {
        let Self {
            mut members, input, ..
        } = self;
        if let Some(input) = &input {
            // An input that broke off stays as it came. Without a piece it is what the start said.
            if !input.is_empty() {
                let whole = parse(input.as_bytes()).unwrap_or_else(|| input.as_str().into());
                members.insert("input".to_owned(), whole);
            }
        }
        (Value::Object(members), input)
    }
}

fn block_type(delta: &str) -> &str {
    match delta {
        "input_json_delta" => "tool_use",
        "signature_delta" => "thinking",
        "citations_delta" => "text",
        delta => delta.strip_suffix("_delta").unwrap_or(delta),
    }
}

/// Says what kind of content the start of a block brings.
pub(super) fn started(block: &Value) -> Delta {
    let piece = text(block, "text").filter(|piece| !piece.is_empty());
    Delta {
        text: piece.map(str::to_owned),
        reasoning: text(block, "thinking").is_some_and(|piece| !piece.is_empty()),
        tool_call: text(block, "type").is_some_and(|kind| kind.ends_with("tool_use")),
        ..Delta::default()
    }
}

fn brought(kind: &str, delta: &Map<String, Value>) -> Delta {
    let piece = |key: &str| {
        delta
            .get(key)
            .and_then(Value::as_str)
            .filter(|piece| !piece.is_empty())
    };
    match kind {
        "text_delta" => Delta {
            text: piece("text").map(str::to_owned),
            ..Delta::default()
        },
        "thinking_delta" => Delta {
            reasoning: piece("thinking").is_some(),
            ..Delta::default()
        },
        "input_json_delta" => Delta {
            tool_call: piece("partial_json").is_some(),
            ..Delta::default()
        },
        // They belong to content that has come already.
        "signature_delta" | "citations_delta" => Delta::default(),
        _ => Delta {
            other: true,
            ..Delta::default()
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn block(start: &Value, deltas: &[Value]) -> (Value, Option<String>) {
        let mut block = Block::default();
        let mut budget = Budget::default();
        if let Value::Object(start) = start {
            block.start(start, &mut budget);
        }
        for delta in deltas {
            block.add(delta.as_object().unwrap(), &mut budget);
        }
        block.finish()
    }

    #[test]
    fn thinking_and_its_signature_belong_together() {
        let (block, _) = block(
            &json!({"type": "thinking", "thinking": "", "signature": ""}),
            &[
                json!({"type": "thinking_delta", "thinking": "a"}),
                json!({"type": "thinking_delta", "thinking": "b"}),
                json!({"type": "signature_delta", "signature": "s"}),
            ],
        );
        assert_eq!(
            block,
            json!({"type": "thinking", "thinking": "ab", "signature": "s"})
        );
    }

    #[test]
    fn an_input_is_parsed_when_it_is_whole() {
        let piece = |text| json!({"type": "input_json_delta", "partial_json": text});
        let start = json!({"type": "tool_use", "id": "t", "name": "f", "input": {}});
        let (whole, text) = block(&start, &[piece(""), piece("{\"x\""), piece(":1}")]);
        assert_eq!(whole["input"], json!({"x": 1}));
        assert_eq!(text.as_deref(), Some("{\"x\":1}"));
        let (broken, text) = block(&start, &[piece("{\"x\"")]);
        assert_eq!(broken["input"], "{\"x\"");
        assert_eq!(text.as_deref(), Some("{\"x\""));
        assert_eq!(block(&start, &[piece("")]).0["input"], json!({}));
        assert_eq!(block(&start, &[]).1, None);
    }

    #[test]
    fn citations_and_unknown_deltas_are_kept() {
        let (cited, _) = block(
            &json!({"type": "text", "text": "", "citations": null}),
            &[
                json!({"type": "citations_delta", "citation": {"url": "u"}}),
                json!({"type": "text_delta", "text": "a"}),
                json!({"type": "citations_delta", "citation": {"url": "v"}}),
            ],
        );
        assert_eq!(cited["citations"], json!([{"url": "u"}, {"url": "v"}]));
        let (compaction, _) = block(
            &json!({"type": "compaction", "content": null}),
            &[json!({"type": "compaction_delta", "content": "c"})],
        );
        assert_eq!(compaction, json!({"type": "compaction", "content": "c"}));
    }

    #[test]
    fn a_block_without_start_is_known_by_its_deltas() {
        let (text, _) = block(&json!(null), &[json!({"type": "text_delta", "text": "a"})]);
        assert_eq!(text, json!({"type": "text", "text": "a"}));
        let (tool, _) = block(
            &json!(null),
            &[json!({"type": "input_json_delta", "partial_json": "{}"})],
        );
        assert_eq!(tool, json!({"type": "tool_use", "input": {}}));
    }
}
