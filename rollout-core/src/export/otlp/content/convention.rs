//! A part of a message as the conventions themselves have it: what libraries tell `tracing`.

use serde_json::Value;

use super::{Part, Source};
use crate::provider::json::{string, text, unwrapped};

/// Returns a part; `None` where it is none of the conventions'.
pub(super) fn read(kind: &str, part: &Value) -> Option<Part> {
    let id = || string(part, "id");
    let found = match kind {
        // A provider's own has its text elsewhere.
        "text" if part.get("text").is_none() => Part::Text(string(part, "content")?),
        "reasoning" => Part::Reasoning(string(part, "content")?),
        "tool_call" => {
            let arguments = part.get("arguments").cloned().unwrap_or_default();
            Part::ToolCall {
                id: id(),
                name: string(part, "name")?,
                arguments: unwrapped(&arguments).unwrap_or(arguments),
            }
        }
        "tool_call_response" => {
            // Some libraries have the second, against the conventions.
            let response = ["response", "result"].iter().find_map(|key| part.get(key));
            Part::ToolResponse {
                id: id(),
                response: super::part::response(response.unwrap_or(&Value::Null)),
            }
        }
        "server_tool_call" => {
            let (kind, input) = inner(part.get(kind)?, "input")?;
            Part::ServerToolCall {
                id: id(),
                name: string(part, "name").unwrap_or_else(|| kind.clone()),
                kind,
                input,
            }
        }
        "server_tool_call_response" => {
            let (kind, content) = inner(part.get(kind)?, "content")?;
            Part::ServerToolResponse {
                id: id(),
                kind,
                content: content.unwrap_or_default(),
            }
        }
        "blob" | "uri" | "file" => media(kind, part)?,
        _ => return None,
    };
    Some(found)
}

/// Returns the type of what the provider's tool was given or gave, and that itself.
fn inner(call: &Value, key: &str) -> Option<(String, Option<Value>)> {
    let kind = string(call, "type")?;
    if let Some(said) = call.get(key) {
        return Some((kind, Some(said.clone())));
    }
    let mut members = call.as_object()?.clone();
    members.remove("type");
    Some((kind, (!members.is_empty()).then_some(members.into())))
}

fn media(kind: &str, part: &Value) -> Option<Part> {
    let modality = match text(part, "modality")? {
        "image" => "image",
        "audio" => "audio",
        "video" => "video",
        _ => "document",
    };
    let source = match kind {
        "blob" => match string(part, "content")? {
            elided if elided.starts_with("rollout-blob:") => Source::Uri(elided),
            data => Source::Blob(data),
        },
        "uri" => Source::Uri(string(part, "uri")?),
        _ => Source::File(string(part, "file_id")?),
    };
    Some(Part::Media {
        modality,
        mime: string(part, "mime_type"),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::super::{answers, conversation, messages};
    use serde_json::{Value, json};

    /// What is read of the conventions and written by them is the same.
    #[test]
    fn messages_of_the_conventions_stay_as_they_are() {
        let said = json!([
            {"role": "system", "parts": [{"type": "text", "content": "Be brief."}]},
            {"role": "user", "name": "ann", "parts": [
                {"type": "text", "content": "Weather?"},
                {"type": "blob", "modality": "image", "content": "AAAA", "mime_type": "image/png"},
                {"type": "uri", "modality": "audio", "uri": "https://h/a.wav"},
                {"type": "file", "modality": "document", "file_id": "f"},
            ]},
            {"role": "assistant", "parts": [
                {"type": "reasoning", "content": "hm"},
                {"type": "tool_call", "id": "c", "name": "weather", "arguments": {"city": "Oslo"}},
                {"type": "server_tool_call", "id": "s", "name": "web_search",
                    "server_tool_call": {"type": "web_search", "input": {"query": "q"}}},
                {"type": "server_tool_call_response", "id": "s",
                    "server_tool_call_response": {"type": "web_search", "content": [1]}},
                {"type": "of_somebody", "more": 1},
            ]},
            {"role": "tool", "parts": [
                {"type": "tool_call_response", "id": "c", "response": {"celsius": 4}},
            ]},
        ]);
        let read =
            conversation(&json!({"messages": said, "system": [{"type": "text", "content": "S"}]}));
        let read = read.unwrap();
        assert_eq!(messages(&read.messages, false), said);
        assert_eq!(read.system, [super::Part::Text("S".into())]);
        let said = json!([
            {"role": "assistant", "parts": [{"type": "text", "content": "a"}], "finish_reason": "stop"},
            {"role": "assistant", "parts": [{"type": "text", "content": "b"}], "finish_reason": "length"},
        ]);
        assert_eq!(messages(&answers(&said), false), said);
    }

    #[test]
    fn what_is_nearly_of_the_conventions_is_read_too() {
        let parts = |part: Value| {
            let said = json!([{"role": "user", "parts": [part]}]);
            messages(&conversation(&said).unwrap().messages, false)[0]["parts"].clone()
        };
        let response = json!([{"type": "tool_call_response", "response": 4}]);
        assert_eq!(
            parts(json!({"type": "tool_call_response", "result": 4})),
            response
        );
        let call = json!([{"type": "tool_call", "name": "f", "arguments": {"a": 1}}]);
        let told = json!({"type": "tool_call", "name": "f", "arguments": "{\"a\":1}"});
        assert_eq!(parts(told), call);
        let text = json!([{"type": "text", "content": "of Gemini"}]);
        assert_eq!(parts(json!({"text": "of Gemini"})), text);
    }
}
