//! The reasoning of a chat message, which OpenAI does not show and others show in their own ways.

use serde_json::Value;

use super::content;
use crate::provider::budget::Budget;
use crate::provider::json::{list, present, text};

/// The members under which it is a plain text: of most servers, of OpenRouter and Groq,
/// of Copilot.
pub(super) const TEXTS: [&str; 3] = ["reasoning_content", "reasoning", "reasoning_text"];

/// Returns the reasoning of a message, under whichever of its names it comes; some come twice.
pub(super) fn of(message: &Value) -> Option<String> {
    let texts = TEXTS.iter().filter_map(|key| text(message, key));
    let said = texts.map(str::to_owned).find(|said| !said.is_empty());
    said.or_else(|| message.get("content").and_then(content::thinking))
        .or_else(|| in_blocks(message))
}

/// Returns the text of OpenRouter's reasoning blocks.
fn in_blocks(message: &Value) -> Option<String> {
    let blocks = list(message, "reasoning_details").iter();
    let texts = blocks.filter_map(|block| text(block, "text").or_else(|| text(block, "summary")));
    let reasoning: String = texts.collect();
    if reasoning.is_empty() {
        None
    } else {
        Some(reasoning)
    }
}

/// Adds to OpenRouter's list of reasoning blocks: the texts of a block are joined.
pub(super) fn add_block(known: &mut Vec<Value>, block: &Value, budget: &mut Budget) {
    let is_same = |last: &&mut Value| {
        ["type", "index", "id"].iter().all(|key| {
            match (present(last, key), present(block, key)) {
                (Some(known), Some(said)) => known == said,
                // What a block is called need not be repeated.
                _ => true,
            }
        })
    };
    let (Some(Value::Object(last)), Value::Object(more)) =
        (known.last_mut().filter(is_same), block)
    else {
        return budget.push(known, block);
    };
    for (key, value) in more {
        match (key.as_str(), value) {
            (key @ ("text" | "summary" | "data"), Value::String(more)) => {
                budget.append_to(last, key, more);
            }
            (key, value) => budget.merge(last, key, value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn it_is_found_under_all_of_its_names() {
        for message in [
            json!({"reasoning_content": "r", "reasoning": "r"}),
            json!({"reasoning_content": "", "reasoning": "r"}),
            json!({"reasoning_content": null, "reasoning_text": "r"}),
            json!({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "r"}]}]}),
            json!({"reasoning_details": [{"type": "reasoning.text", "text": "r"}]}),
            json!({"reasoning_details": [{"type": "reasoning.summary", "summary": "r"}]}),
        ] {
            assert_eq!(of(&message).as_deref(), Some("r"), "{message}");
        }
        assert_eq!(of(&json!({"content": "c", "reasoning": 1})), None);
    }

    #[test]
    fn blocks_are_joined_by_index() {
        let mut blocks = Vec::new();
        for block in [
            json!({"type": "reasoning.text", "index": 0, "text": "a"}),
            json!({"type": "reasoning.text", "index": 0, "text": "b"}),
            json!({"index": 0, "signature": "s"}),
            json!({"type": "reasoning.text", "index": 1, "text": "c"}),
            json!("odd"),
        ] {
            add_block(&mut blocks, &block, &mut Budget::default());
        }
        assert_eq!(
            Value::Array(blocks),
            json!([
                {"type": "reasoning.text", "index": 0, "text": "ab", "signature": "s"},
                {"type": "reasoning.text", "index": 1, "text": "c"},
                "odd",
            ])
        );
    }
}
