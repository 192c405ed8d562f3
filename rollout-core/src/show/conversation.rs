//! What was said, in the JSON of requests to models and of their responses.

use serde_json::Value;

use super::model::{Preview, ToolRequest};
use super::preview;
use crate::provider::{ResponseFacts, ToolCall, WireFormat};

/// Returns the last message of what looks like a request or a list of messages.
pub(super) fn last_message(input: &Value) -> Option<Preview> {
    let messages = match input {
        Value::Array(messages) => messages,
        Value::Object(map) => {
            let said = map.get("messages").or_else(|| {
                // Of a request to OpenAI's responses, and not of just any object.
                map.get("input").filter(|_| map.contains_key("model"))
            })?;
            match said {
                Value::Array(messages) => messages,
                Value::String(text) => return Some(message("user", preview::text(text))),
                _ => return None,
            }
        }
        _ => return None,
    };
    let last = messages.last().filter(|last| last.is_object())?;
    let (role, content) = match last.get("type").and_then(Value::as_str) {
        Some("function_call_output") => ("tool", last.get("output")?),
        // The GenAI conventions have parts.
        _ => (
            last.get("role")?.as_str()?,
            last.get("content").or_else(|| last.get("parts"))?,
        ),
    };
    // Anthropic hands tool results in as a user's message.
    let role = if is_tool_result(content) {
        "tool"
    } else {
        role
    };
    Some(message(role, content_text(content)))
}

/// Returns what a message says.
pub(super) fn content_text(content: &Value) -> String {
    let Value::Array(parts) = content else {
        return preview::of(content);
    };
    let texts: Vec<String> = parts
        .iter()
        .map(|part| {
            let text = ["text", "refusal", "content", "response"]
                .iter()
                .find_map(|key| part.get(key));
            match (text, part.get("type").and_then(Value::as_str)) {
                (Some(Value::String(text)), _) => preview::text(text),
                (_, Some(kind)) => format!("[{kind}]"),
                _ => preview::of(part),
            }
        })
        .collect();
    preview::text(&texts.join(" "))
}

/// Returns the facts of a response of any format that we know; `None` if it is none.
pub(super) fn response(output: &Value) -> Option<ResponseFacts> {
    if let Value::Array(messages) = output {
        return parts(messages);
    }
    let is_list = |key| output.get(key).is_some_and(Value::is_array);
    let format = if is_list("choices") {
        WireFormat::OpenAiChat
    } else if is_list("output") {
        WireFormat::OpenAiResponses
    } else if is_list("content") && output.get("role").is_some() {
        WireFormat::AnthropicMessages
    } else {
        return None;
    };
    Some(format.response(None, output))
}

/// Returns the facts of messages as the GenAI conventions have them; `None` if they are none.
fn parts(messages: &[Value]) -> Option<ResponseFacts> {
    let mut facts = ResponseFacts::default();
    for message in messages {
        for part in message.get("parts")?.as_array()? {
            let text = |key| part.get(key).and_then(Value::as_str).map(str::to_owned);
            match part.get("type").and_then(Value::as_str) {
                Some("text") => facts.texts.push(text("content")),
                Some("tool_call") => {
                    let input = part.get("arguments").cloned();
                    facts.tool_calls.push(ToolCall {
                        id: text("id"),
                        name: text("name").unwrap_or_default(),
                        input,
                        ..ToolCall::default()
                    });
                }
                _ => {}
            }
        }
    }
    Some(facts)
}

/// Returns what a model answered, in text; `None` if it only asked for tools.
pub(super) fn answer(facts: &ResponseFacts) -> Option<Preview> {
    let texts = facts.texts.iter().flatten().chain(&facts.refusals);
    let said: Vec<_> = texts
        .map(|text| preview::text(text))
        .filter(|text| !text.is_empty())
        .collect();
    (!said.is_empty()).then(|| message("assistant", preview::text(&said.join(" "))))
}

/// Returns the tools that a model asked for.
pub(super) fn tool_requests(facts: ResponseFacts) -> Vec<ToolRequest> {
    let calls = facts.tool_calls.into_iter();
    calls
        .map(|call| ToolRequest {
            arguments: Some(match &call.input {
                Some(input) => preview::arguments(input),
                None => preview::text(&call.arguments),
            }),
            id: call.id,
            name: call.name,
        })
        .collect()
}

fn message(role: &str, text: String) -> Preview {
    Preview {
        role: Some(role.to_owned()),
        text,
    }
}

fn is_tool_result(content: &Value) -> bool {
    let parts = content.as_array().map_or(&[][..], Vec::as_slice);
    parts
        .last()
        .is_some_and(|part| part.get("type").is_some_and(|kind| kind == "tool_result"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_last_message_is_found_in_every_format() {
        for (input, role, text) in [
            (
                json!({"messages": [{"role": "user", "content": "hi"}]}),
                "user",
                "hi",
            ),
            (
                json!([{"role": "system", "content": "be brief"}]),
                "system",
                "be brief",
            ),
            (json!({"model": "m", "input": "hi"}), "user", "hi"),
            (
                json!({"model": "m", "input": [{"type": "function_call_output", "output": "21°"}]}),
                "tool",
                "21°",
            ),
            (
                json!({"messages": [{"role": "user", "content": [
                    {"type": "text", "text": "what is"}, {"type": "image_url", "image_url": {}}
                ]}]}),
                "user",
                "what is [image_url]",
            ),
            (
                json!({"messages": [{"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": "t", "content": "21°"}
                ]}]}),
                "tool",
                "21°",
            ),
            (
                json!({"messages": [{"role": "tool", "parts": [
                    {"type": "tool_call_response", "id": "t", "response": "21°"}
                ]}]}),
                "tool",
                "21°",
            ),
        ] {
            assert_eq!(
                last_message(&input),
                Some(message(role, text.into())),
                "{input}"
            );
        }
        for input in [
            json!({"input": "x"}),
            json!("x"),
            json!([1]),
            json!({"messages": []}),
        ] {
            assert_eq!(last_message(&input), None, "{input}");
        }
    }

    #[test]
    fn the_answer_is_found_in_every_format() {
        for output in [
            json!({"choices": [{"message": {"role": "assistant", "content": "hello"}}]}),
            json!({"output": [{"type": "message", "role": "assistant", "content": [
                {"type": "output_text", "text": "hello"}
            ]}]}),
            json!({"role": "assistant", "content": [{"type": "text", "text": "hello"}]}),
            json!([{"role": "assistant", "parts": [{"type": "text", "content": "hello"}]}]),
        ] {
            let facts = response(&output).unwrap();
            assert_eq!(
                answer(&facts),
                Some(message("assistant", "hello".into())),
                "{output}"
            );
        }
        for output in [
            json!({"answer": 42}),
            json!([{"parts": 1}]),
            json!(["hello"]),
        ] {
            assert_eq!(response(&output), None, "{output}");
        }
    }

    #[test]
    fn tools_that_are_asked_for_are_found_in_parts() {
        let output = json!([{"role": "assistant", "parts": [
            {"type": "tool_call", "id": "c1", "name": "weather", "arguments": {"city": "Oslo"}}
        ]}]);
        let facts = response(&output).unwrap();
        assert_eq!(answer(&facts), None);
        let calls = tool_requests(facts);
        assert_eq!(calls[0].name, "weather");
        assert_eq!(calls[0].arguments.as_deref(), Some(r#"city: "Oslo""#));
    }
}
