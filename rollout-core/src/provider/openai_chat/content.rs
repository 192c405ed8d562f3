//! The content of a chat message: a text, or (Mistral) a list of parts.

use serde_json::{Map, Value};

use crate::provider::budget::Budget;
use crate::provider::json::{list, text};

/// Returns the text of a content.
pub(super) fn visible(content: &Value) -> Option<String> {
    match content {
        Value::String(text) => Some(text.clone()),
        Value::Array(parts) => Some(joined(parts, "text")),
        _ => None,
    }
}

/// Returns the thinking in a content.
pub(super) fn thinking(content: &Value) -> Option<String> {
    let parts = content.as_array()?;
    let thoughts = parts
        .iter()
        .filter(|part| text(part, "type") == Some("thinking"));
    let thoughts: String = thoughts
        .map(|part| match part.get("thinking") {
            Some(Value::String(thought)) => thought.clone(),
            _ => joined(list(part, "thinking"), "text"),
        })
        .collect();
    if thoughts.is_empty() {
        None
    } else {
        Some(thoughts)
    }
}

fn joined(parts: &[Value], kind: &str) -> String {
    // Gateways from other formats call it what it was there.
    let kinds = [kind, "output_text"];
    let of_kind = |part: &&Value| text(part, "type").is_none_or(|found| kinds.contains(&found));
    parts
        .iter()
        .filter(of_kind)
        .filter_map(|part| part.as_str().or_else(|| text(part, "text")))
        .collect()
}

/// Adds a chunk's content to that of the chunks before.
pub(super) fn add(message: &mut Map<String, Value>, more: &Value, budget: &mut Budget) {
    match more {
        Value::String(more) => match message.get_mut("content") {
            // Mistral answers with parts first, and with plain text once it has thought.
            Some(Value::Array(parts)) => {
                if !more.is_empty() {
                    add_part(parts, &text_part(more), budget);
                }
            }
            _ => budget.append_to(message, "content", more),
        },
        Value::Array(more) => {
            let content = message.entry("content").or_insert(Value::Null);
            if let Value::String(before) = content {
                *content = if before.is_empty() {
                    Value::Array(Vec::new())
                } else {
                    Value::Array(vec![text_part(before)])
                };
            } else if !content.is_array() {
                *content = Value::Array(Vec::new());
            }
            if let Value::Array(parts) = content {
                for part in more {
                    add_part(parts, part, budget);
                }
            }
        }
        // A null is all that some messages say.
        _ => {
            message.entry("content").or_insert(Value::Null);
        }
    }
}

fn text_part(text: &str) -> Value {
    serde_json::json!({ "type": "text", "text": text })
}

/// Adds a part: its text goes on where the last part of its kind ended.
fn add_part(parts: &mut Vec<Value>, part: &Value, budget: &mut Budget) {
    let kind = text(part, "type");
    let last = parts.last_mut().filter(|last| text(last, "type") == kind);
    match (kind, last) {
        (Some("text"), Some(Value::Object(last))) => {
            if let Some(more) = text(part, "text") {
                budget.append_to(last, "text", more);
                return;
            }
        }
        (Some("thinking"), Some(last)) => {
            let inner = last.get_mut("thinking").and_then(Value::as_array_mut);
            if let (Some(inner), Some(Value::Array(more))) = (inner, part.get("thinking")) {
                for part in more {
                    add_part(inner, part, budget);
                }
                return;
            }
        }
        _ => {}
    }
    budget.push(parts, part);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn content(chunks: &[Value]) -> Value {
        let mut message = Map::new();
        for chunk in chunks {
            add(&mut message, chunk, &mut Budget::default());
        }
        message.remove("content").unwrap_or_default()
    }

    #[test]
    fn texts_are_joined_and_null_is_not_empty() {
        assert_eq!(
            content(&[json!(null), json!("a"), json!(null), json!("b")]),
            json!("ab")
        );
        assert_eq!(content(&[json!(null)]), json!(null));
        assert_eq!(content(&[json!("")]), json!(""));
    }

    #[test]
    fn parts_of_other_formats_and_plain_texts_are_texts() {
        let parts = json!(["a", {"type": "output_text", "text": "b"}, {"text": "c"}, {"type": "image_url"}, 5]);
        assert_eq!(visible(&parts).as_deref(), Some("abc"));
    }

    #[test]
    fn parts_are_joined_by_kind_and_plain_text_goes_on_after_them() {
        let thought =
            |text| json!([{"type": "thinking", "thinking": [{"type": "text", "text": text}]}]);
        let said = |text| json!([{"type": "text", "text": text}]);
        let whole = content(&[
            json!(""),
            thought("a"),
            thought("b"),
            said("c"),
            json!("d"),
            json!(""),
        ]);
        assert_eq!(
            whole,
            json!([
                {"type": "thinking", "thinking": [{"type": "text", "text": "ab"}]},
                {"type": "text", "text": "cd"},
            ])
        );
        assert_eq!(visible(&whole).as_deref(), Some("cd"));
        assert_eq!(thinking(&whole).as_deref(), Some("ab"));
        assert_eq!(
            visible(&content(&[json!("a"), said("b"), json!([7])])).as_deref(),
            Some("ab")
        );
    }
}
