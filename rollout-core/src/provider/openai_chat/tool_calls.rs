//! Tool calls of a chat message.

use serde_json::Value;

use crate::provider::json::{as_text, present, string, unwrapped};
use crate::provider::{ToolCall, ToolCallKind};

/// Returns the tool calls in the member of this name: a list, or (TGI) the only one.
pub(super) fn tool_calls(member: Option<&Value>) -> &[Value] {
    match member {
        Some(Value::Array(calls)) => calls,
        Some(call @ Value::Object(_)) => std::slice::from_ref(call),
        _ => &[],
    }
}

/// Returns a tool call of a message.
pub(super) fn tool_call(call: &Value) -> ToolCall {
    // Snowflake sends an empty `custom` along with each function.
    let (kind, tool, arguments) = match (present(call, "function"), present(call, "custom")) {
        (None, Some(custom)) => (ToolCallKind::Custom, custom, "input"),
        (function, _) => (
            ToolCallKind::Function,
            function.unwrap_or(call),
            "arguments",
        ),
    };
    named(
        tool,
        arguments,
        ToolCall {
            id: string(call, "id"),
            kind,
            ..ToolCall::default()
        },
    )
}

/// Returns the call of the first chat models, which have one a message.
pub(super) fn legacy_call(call: &Value) -> ToolCall {
    let kind = ToolCallKind::LegacyFunction;
    named(
        call,
        "arguments",
        ToolCall {
            kind,
            ..ToolCall::default()
        },
    )
}

fn named(tool: &Value, arguments: &str, call: ToolCall) -> ToolCall {
    let arguments = tool.get(arguments).unwrap_or(&Value::Null);
    ToolCall {
        name: string(tool, "name").unwrap_or_default(),
        arguments: as_text(arguments),
        input: if call.kind == ToolCallKind::Custom {
            None
        } else {
            unwrapped(arguments)
        },
        ..call
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_call_may_stand_where_a_list_of_calls_should() {
        let one = json!({"index": 0, "function": {"name": "f"}});
        assert_eq!(tool_calls(Some(&one)).len(), 1);
        assert_eq!(tool_calls(Some(&json!([one, one]))).len(), 2);
        assert_eq!(tool_calls(Some(&json!("f"))).len(), 0);
    }

    #[test]
    fn custom_calls_have_text_as_input() {
        let custom = tool_call(&json!({"id": "a", "custom": {"name": "f", "input": "4 + 4"}}));
        assert_eq!(custom.kind, ToolCallKind::Custom);
        assert_eq!((custom.arguments.as_str(), custom.input), ("4 + 4", None));
    }
}
