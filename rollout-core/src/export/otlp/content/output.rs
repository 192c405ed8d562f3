//! What a model answered, in any provider's JSON.

use serde_json::Value;

use super::part::{read, read_all, tool_call};
use super::{Message, Part, plain};
use crate::provider::json::{list, string, text};

/// Returns the answers, one a choice.
pub(crate) fn answers(response: &Value) -> Vec<Message> {
    match response {
        Value::Null => Vec::new(),
        Value::Object(map) if map.get("choices").is_some_and(Value::is_array) => {
            list(response, "choices").iter().map(choice).collect()
        }
        Value::Object(map) if map.get("output").is_some_and(Value::is_array) => {
            vec![response_object(response)]
        }
        Value::Object(map) if map.contains_key("content") && map.contains_key("role") => {
            vec![message(response)]
        }
        Value::Array(said) if are_messages(response) => said.iter().map(of_list).collect(),
        other => vec![plain("assistant", other)],
    }
}

/// Returns whether this is a list of messages, as the conventions have what a model answered.
pub(super) fn are_messages(value: &Value) -> bool {
    let has = |said: &Value, key| said.get(key).is_some_and(|value| !value.is_null());
    let is_message =
        |said: &Value| text(said, "role").is_some() && (has(said, "parts") || has(said, "content"));
    value
        .as_array()
        .is_some_and(|said| !said.is_empty() && said.iter().all(is_message))
}

fn of_list(said: &Value) -> Message {
    let mut message = super::input::message(said);
    let reason = text(said, "finish_reason");
    message.finish_reason = reason.map(|reason| finish_reason(reason).to_owned());
    message
}

fn choice(choice: &Value) -> Message {
    let empty = Value::Null;
    let answer = choice.get("message").unwrap_or(&empty);
    let mut parts = Vec::new();
    let thoughts = ["reasoning_content", "reasoning"]
        .iter()
        .find_map(|key| string(answer, key));
    parts.extend(thoughts.map(Part::Reasoning));
    parts.extend(read_all(answer.get("content").unwrap_or(&empty)));
    parts.extend(refusal(answer));
    parts.extend(list(answer, "tool_calls").iter().map(tool_call));
    let legacy = answer.get("function_call").filter(|call| call.is_object());
    parts.extend(legacy.map(tool_call));
    finished(answer, parts, text(choice, "finish_reason"))
}

fn response_object(response: &Value) -> Message {
    let mut parts = Vec::new();
    for item in list(response, "output") {
        match text(item, "type") {
            Some("message") => parts.extend(read_all(item.get("content").unwrap_or(&Value::Null))),
            Some("reasoning") => parts.extend(reasoning(item)),
            _ => parts.extend(read(item)),
        }
    }
    let asks_for_tool = parts
        .iter()
        .any(|part| matches!(part, Part::ToolCall { .. }));
    let incomplete = response
        .get("incomplete_details")
        .and_then(|details| text(details, "reason"));
    let reason = match text(response, "status") {
        Some("completed") if asks_for_tool => Some("tool_call"),
        status => incomplete.or(status),
    };
    finished(response, parts, reason)
}

fn message(response: &Value) -> Message {
    let parts = read_all(response.get("content").unwrap_or(&Value::Null));
    let reason = text(response, "stop_reason").or_else(|| text(response, "finish_reason"));
    finished(response, parts, reason)
}

fn finished(answer: &Value, parts: Vec<Part>, reason: Option<&str>) -> Message {
    let role = text(answer, "role").unwrap_or("assistant");
    let mut message = Message::new(role, parts);
    message.finish_reason = reason.map(|reason| finish_reason(reason).to_owned());
    message
}

fn refusal(answer: &Value) -> Option<Part> {
    let refusal = text(answer, "refusal").filter(|refusal| !refusal.is_empty())?;
    Some(Part::Other {
        kind: "refusal".to_owned(),
        content: refusal.into(),
    })
}

/// Returns the summary of a reasoning, or the reasoning itself where a server shows that.
pub(super) fn reasoning(item: &Value) -> Vec<Part> {
    let texts = |key| {
        list(item, key)
            .iter()
            .filter_map(|part| string(part, "text"))
    };
    let summary: Vec<_> = texts("summary").map(Part::Reasoning).collect();
    if summary.is_empty() {
        texts("content").map(Part::Reasoning).collect()
    } else {
        summary
    }
}

/// Returns the conventions' word for a provider's.
fn finish_reason(reason: &str) -> &str {
    match reason {
        "stop" | "end_turn" | "stop_sequence" | "completed" => "stop",
        "length"
        | "max_tokens"
        | "max_output_tokens"
        | "model_context_window_exceeded"
        | "incomplete" => "length",
        "tool_calls" | "function_call" | "tool_use" => "tool_call",
        "content_filter" | "refusal" => "content_filter",
        "failed" | "cancelled" => "error",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_choice_is_an_answer() {
        let answers = answers(&json!({"choices": [
            {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "a"}},
            {"index": 1, "finish_reason": "tool_calls", "message": {"content": null, "refusal": "", "tool_calls": [
                {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}},
            ]}},
        ]}));
        assert_eq!(answers[0].text(), "a");
        let reasons: Vec<_> = answers
            .iter()
            .map(|answer| answer.finish_reason.as_deref())
            .collect();
        assert_eq!(reasons, [Some("stop"), Some("tool_call")]);
        assert_eq!(answers[1].parts.len(), 1);
    }

    #[test]
    fn the_items_of_a_response_are_one_answer() {
        let answer = |status, items: Value| {
            let mut answers = answers(&json!({"status": status, "output": items}));
            assert_eq!(answers.len(), 1);
            answers.remove(0)
        };
        let text = json!([
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "a"}]},
        ]);
        let said = answer("completed", text);
        assert_eq!(
            said.parts,
            [Part::Reasoning("hm".into()), Part::Text("a".into())]
        );
        assert_eq!(said.finish_reason.as_deref(), Some("stop"));
        let call =
            json!([{"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}]);
        assert_eq!(
            answer("completed", call).finish_reason.as_deref(),
            Some("tool_call")
        );
        assert_eq!(
            answer("failed", json!([])).finish_reason.as_deref(),
            Some("error")
        );
    }

    #[test]
    fn a_message_is_an_answer_and_so_is_anything_else() {
        let said = &answers(
            &json!({"role": "assistant", "stop_reason": "max_tokens", "content": [
                {"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "a"},
            ]}),
        )[0];
        assert_eq!(
            (said.text().as_str(), said.finish_reason.as_deref()),
            ("a", Some("length"))
        );
        assert_eq!(answers(&json!("plain"))[0].text(), "plain");
        assert_eq!(
            answers(&json!({"answer": 42}))[0].text(),
            r#"{"answer":42}"#
        );
        assert_eq!(answers(&Value::Null), []);
    }
}
