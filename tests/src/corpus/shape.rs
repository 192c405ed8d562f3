//! Facts in the shape that the corpus has them in.

use rollout_core::provider::{ServerToolCall, ToolCall, ToolCallKind};
use serde_json::{Map, Value, json};

pub(super) fn openai_call(call: &ToolCall, _expected: &Value) -> Value {
    let mut shape = Map::new();
    shape.insert("id".to_owned(), json!(call.id));
    shape.insert("name".to_owned(), call.name.clone().into());
    shape.insert("arguments".to_owned(), call.arguments.clone().into());
    if let Some(choice) = call.choice {
        shape.insert("choice".to_owned(), choice.into());
    }
    let kind = match call.kind {
        ToolCallKind::Custom => Some("custom"),
        ToolCallKind::LegacyFunction => Some("legacy_function_call"),
        _ => None,
    };
    if let Some(kind) = kind {
        shape.insert("kind".to_owned(), kind.into());
    }
    shape.into()
}

/// The arguments are JSON; of streams the corpus has them as they were on the wire as well.
pub(super) fn anthropic_call(call: &ToolCall, expected: &Value) -> Value {
    let mut shape = json!({ "id": call.id, "name": call.name, "arguments": call.input });
    if let (Some(shape), true) = (
        shape.as_object_mut(),
        expected.get("arguments_text").is_some(),
    ) {
        shape.insert("arguments_text".to_owned(), call.arguments.clone().into());
    }
    shape
}

pub(super) fn server_call(call: &ServerToolCall) -> Value {
    json!({ "id": call.id, "name": call.name, "kind": call.kind, "arguments": call.input })
}

pub(super) fn item(item: &ServerToolCall) -> Value {
    json!({ "id": item.id, "type": item.kind, "status": item.status })
}

/// Leaves of the usage of a streamed message what the corpus has of it, which is what Anthropic's
/// accumulator makes of it: that takes no members out of `message_delta` but those that it can name,
/// and fills in nulls. We keep all that was on the wire.
pub(super) fn as_accumulated(expected: &mut Value, got: &mut Value) {
    if let (Value::Object(expected), Value::Object(got)) = (expected, got) {
        expected.retain(|_, value| !value.is_null());
        got.retain(|key, _| expected.contains_key(key));
    }
}
