//! What a response says.

use serde_json::Value;

use crate::provider::facts::{CallError, ResponseFacts, ServerToolCall, ToolCall, ToolCallKind};
use crate::provider::json::{as_text, list, present, string, text, unwrapped};
use crate::provider::usage;

/// The members under which items say what a tool was given.
const INPUTS: [&str; 6] = [
    "arguments",
    "action",
    "code",
    "queries",
    "operation",
    "input",
];

pub(in crate::provider) fn response(body: &Value) -> ResponseFacts {
    let status = string(body, "status");
    let details = body.get("incomplete_details").unwrap_or(&Value::Null);
    let incomplete_reason = string(details, "reason");
    let ended = status.clone().filter(|status| is_final(status));
    let reason = incomplete_reason.clone().or(ended);
    let mut facts = ResponseFacts {
        id: string(body, "id"),
        model: string(body, "model"),
        usage: usage::stated(body).map(usage::openai),
        finish_reasons: reason.map(Some).into_iter().collect(),
        status,
        incomplete_reason,
        ..ResponseFacts::default()
    };
    for item in list(body, "output") {
        add_item(&mut facts, item);
    }
    if facts.status.as_deref() == Some("failed") {
        // Some do not say why.
        facts.error = Some(CallError::of(None, body).unwrap_or_default());
    }
    if let Some(usage) = &facts.usage {
        usage::note_modalities(usage, &mut facts.attributes);
    }
    if let Some(tier) = text(body, "service_tier").filter(|tier| !tier.is_empty()) {
        facts
            .attributes
            .insert("openai.response.service_tier".to_owned(), tier.into());
    }
    if let Some(id) = body
        .get("conversation")
        .and_then(|conversation| text(conversation, "id"))
    {
        facts
            .attributes
            .insert("gen_ai.conversation.id".to_owned(), id.into());
    }
    facts
}

/// Returns whether nothing comes after a status.
pub(in crate::provider) fn is_final(status: &str) -> bool {
    matches!(status, "completed" | "incomplete" | "failed" | "cancelled")
}

fn add_item(facts: &mut ResponseFacts, item: &Value) {
    let kind = text(item, "type").unwrap_or_default();
    facts.item_types.push(kind.to_owned());
    match kind {
        "message" => add_message(facts, item),
        "reasoning" => facts.reasoning.extend(reasoning(item)),
        "function_call" => {
            let call = tool_call(item, "arguments", ToolCallKind::Function);
            let input = item.get("arguments").and_then(unwrapped);
            facts.tool_calls.push(ToolCall { input, ..call });
        }
        "custom_tool_call" => {
            facts
                .tool_calls
                .push(tool_call(item, "input", ToolCallKind::Custom));
        }
        _ => facts.server_tool_calls.push(ServerToolCall {
            id: string(item, "id"),
            kind: kind.to_owned(),
            name: string(item, "name"),
            input: INPUTS.iter().find_map(|key| present(item, key)).map(input),
            status: string(item, "status"),
        }),
    }
}

fn add_message(facts: &mut ResponseFacts, message: &Value) {
    // Some servers send the text as it is.
    facts.texts.extend(string(message, "content").map(Some));
    for part in list(message, "content") {
        match text(part, "type") {
            Some("output_text" | "text") => facts.texts.push(string(part, "text")),
            Some("refusal") => facts.refusals.extend(string(part, "refusal")),
            _ => {}
        }
    }
}

/// Returns the summary of a reasoning, or the reasoning itself where a server shows that.
fn reasoning(item: &Value) -> Vec<String> {
    let texts = |key| {
        list(item, key)
            .iter()
            .filter_map(|part| string(part, "text"))
            .collect()
    };
    let summary: Vec<_> = texts("summary");
    if summary.is_empty() {
        texts("content")
    } else {
        summary
    }
}

fn tool_call(item: &Value, arguments: &str, kind: ToolCallKind) -> ToolCall {
    ToolCall {
        id: string(item, "call_id"),
        name: string(item, "name").unwrap_or_default(),
        arguments: item.get(arguments).map(as_text).unwrap_or_default(),
        kind,
        ..ToolCall::default()
    }
}

/// Returns an input as JSON where it is a text that holds JSON, else as it is.
fn input(value: &Value) -> Value {
    unwrapped(value).unwrap_or_else(|| value.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn items_are_told_apart() {
        let facts = response(&json!({
            "id": "r", "model": "m", "status": "completed", "service_tier": "default", "output": [
                {"type": "reasoning", "summary": [{"type": "summary_text", "text": "s"}], "content": null},
                {"type": "reasoning", "summary": [], "content": [{"type": "reasoning_text", "text": "t"}]},
                {"type": "message", "content": [
                    {"type": "output_text", "text": "a"}, {"type": "refusal", "refusal": "no"},
                    {"type": "output_text", "text": "b"},
                ]},
                {"type": "function_call", "call_id": "c", "id": "fc", "name": "f", "arguments": "{\"x\":1}"},
                {"type": "custom_tool_call", "call_id": "d", "name": "g", "input": "4 + 4"},
                {"type": "mcp_call", "id": "m", "name": "h", "arguments": "{}", "status": "completed"},
                {"type": "program", "id": "p", "code": "1"},
            ],
        }));
        assert_eq!(facts.texts, [Some("a".to_owned()), Some("b".to_owned())]);
        assert_eq!(facts.refusals, ["no"]);
        assert_eq!(facts.reasoning, ["s", "t"]);
        assert_eq!(facts.tool_calls[0].id.as_deref(), Some("c"));
        assert_eq!(facts.tool_calls[0].input, Some(json!({"x": 1})));
        assert_eq!(facts.tool_calls[1].kind, ToolCallKind::Custom);
        assert_eq!(facts.tool_calls[1].arguments, "4 + 4");
        assert_eq!(facts.server_tool_calls[0].name.as_deref(), Some("h"));
        assert_eq!(facts.server_tool_calls[0].input, Some(json!({})));
        assert_eq!(facts.server_tool_calls[1].kind, "program");
        assert_eq!(facts.item_types.len(), 7);
        assert_eq!(facts.finish_reasons, [Some("completed".to_owned())]);
        assert_eq!(facts.attributes["openai.response.service_tier"], "default");
    }

    #[test]
    fn the_reason_of_an_incomplete_response_is_its_finish_reason() {
        let details = json!({"reason": "max_output_tokens"});
        let facts = response(&json!({"status": "incomplete", "incomplete_details": details}));
        assert_eq!(facts.finish_reasons, [Some("max_output_tokens".to_owned())]);
        assert_eq!(
            facts.incomplete_reason.as_deref(),
            Some("max_output_tokens")
        );
    }

    #[test]
    fn a_response_that_failed_is_an_error_even_if_it_does_not_say_why() {
        let error = |body| response(&body).error;
        let silent = error(json!({"status": "failed", "error": null}));
        assert_eq!(silent, Some(CallError::default()));
        let said = error(json!({"status": "failed", "error": {"code": "c"}})).unwrap();
        assert_eq!(said.code.as_deref(), Some("c"));
        assert_eq!(error(json!({"status": "cancelled", "error": null})), None);
    }

    #[test]
    fn a_response_under_way_has_no_finish_reason() {
        let facts =
            response(&json!({"status": "queued", "incomplete_details": null, "usage": null}));
        assert!(facts.finish_reasons.is_empty());
        assert_eq!(facts.usage, None);
    }

    #[test]
    fn wrong_types_lose_nothing_else() {
        let facts = response(&json!({"id": [], "model": "m", "output": [
            3, {"type": 4}, {"type": "message", "content": "plain"}, {"type": "function_call"},
        ]}));
        assert_eq!(facts.model.as_deref(), Some("m"));
        assert_eq!(facts.texts, [Some("plain".to_owned())]);
        assert_eq!(facts.tool_calls.len(), 1);
    }
}
