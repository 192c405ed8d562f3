//! What a model was given, in any provider's JSON.

use serde_json::Value;

use super::part::{read, read_all, response, tool_call};
use super::{Conversation, Message, Part};
use crate::provider::json::{list, string, text};

/// Returns what a request says to the model; `None` where it is not one.
pub(crate) fn conversation(request: &Value) -> Option<Conversation> {
    match request {
        Value::String(text) => Some(Conversation {
            system: Vec::new(),
            messages: vec![Message::new("user", vec![Part::Text(text.clone())])],
        }),
        Value::Array(items) if items.iter().all(is_message) && !items.is_empty() => {
            Some(Conversation {
                system: Vec::new(),
                messages: items.iter().map(message).collect(),
            })
        }
        Value::Object(map) => {
            let said = ["messages", "input", "prompt"]
                .iter()
                .find_map(|key| map.get(*key))?;
            let mut conversation = conversation(said)?;
            let system = ["system", "instructions"]
                .iter()
                .find_map(|key| map.get(*key));
            conversation.system = system.map(read_all).unwrap_or_default();
            Some(conversation)
        }
        _ => None,
    }
}

fn is_message(item: &Value) -> bool {
    text(item, "role").is_some() || text(item, "type").is_some()
}

/// Returns a message, or an item of a request to OpenAI's responses.
pub(super) fn message(item: &Value) -> Message {
    match text(item, "type") {
        None | Some("message") => {}
        Some("reasoning") => return Message::new("assistant", super::output::reasoning(item)),
        Some(kind) => {
            let role = if kind.ends_with("_output") {
                "tool"
            } else {
                "assistant"
            };
            return Message::new(role, read(item).into_iter().collect());
        }
    }
    let role = text(item, "role").unwrap_or("user");
    if item.get("parts").is_some_and(Value::is_array) {
        let mut message = Message::new(role, read_all(item.get("parts").unwrap_or(&Value::Null)));
        message.name = string(item, "name");
        return message;
    }
    let content = item.get("content").unwrap_or(&Value::Null);
    let mut parts = Vec::new();
    if matches!(role, "tool" | "function") {
        parts.push(Part::ToolResponse {
            id: string(item, "tool_call_id").or_else(|| string(item, "name")),
            response: response(content),
        });
    } else {
        let said = ["reasoning_content", "reasoning"]
            .iter()
            .find_map(|key| string(item, key));
        parts.extend(said.map(Part::Reasoning));
        parts.extend(read_all(content));
        let refusal = string(item, "refusal");
        parts.extend(refusal.map(|refusal| Part::Other {
            kind: "refusal".to_owned(),
            content: refusal.into(),
        }));
        parts.extend(list(item, "tool_calls").iter().map(tool_call));
        let legacy = item.get("function_call").filter(|call| call.is_object());
        parts.extend(legacy.map(tool_call));
    }
    // Anthropic has the answers of tools said by the user.
    let is_tool = !parts.is_empty()
        && parts
            .iter()
            .all(|part| matches!(part, Part::ToolResponse { .. }));
    let mut message = Message::new(if is_tool { "tool" } else { role }, parts);
    message.name = string(item, "name").filter(|_| !is_tool);
    message
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(request: &Value) -> Conversation {
        conversation(request).unwrap()
    }

    #[test]
    fn a_chat_is_read_in_order() {
        let read = said(&json!({"model": "m", "messages": [
            {"role": "system", "content": "be brief"},
            {"role": "user", "name": "ann", "content": [{"type": "text", "text": "hi"}]},
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}},
            ]},
            {"role": "tool", "tool_call_id": "c", "content": "4"},
        ]}));
        assert_eq!(read.system, []);
        let roles: Vec<_> = read
            .messages
            .iter()
            .map(|message| message.role.as_str())
            .collect();
        assert_eq!(roles, ["system", "user", "assistant", "tool"]);
        assert_eq!(read.messages[1].name.as_deref(), Some("ann"));
        let response = Part::ToolResponse {
            id: Some("c".into()),
            response: json!("4"),
        };
        assert_eq!(read.messages[3].parts, [response]);
    }

    #[test]
    fn items_of_responses_are_messages() {
        let read = said(&json!({"instructions": "be brief", "input": [
            {"role": "user", "content": "hi"},
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]},
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c", "output": "4"},
        ]}));
        assert_eq!(read.system, [Part::Text("be brief".into())]);
        let roles: Vec<_> = read
            .messages
            .iter()
            .map(|message| message.role.as_str())
            .collect();
        assert_eq!(roles, ["user", "assistant", "assistant", "tool"]);
        assert_eq!(read.messages[1].parts, [Part::Reasoning("hm".into())]);
        assert_eq!(said(&json!({"input": "hi"})).messages[0].text(), "hi");
    }

    #[test]
    fn answers_of_tools_are_no_users_words() {
        let read = said(
            &json!({"system": [{"type": "text", "text": "s"}], "messages": [
                {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t", "content": "4"}]},
            ]}),
        );
        assert_eq!(read.system, [Part::Text("s".into())]);
        assert_eq!(read.messages[0].role, "tool");
    }

    #[test]
    fn what_is_no_request_is_none() {
        for value in [
            json!({"x": 1}),
            json!([1, 2]),
            json!([]),
            json!(null),
            json!({"input": 3}),
        ] {
            assert_eq!(conversation(&value), None, "{value}");
        }
    }
}
