//! What a message says.

use serde_json::Value;

use crate::provider::facts::{ResponseFacts, ServerToolCall, ToolCall};
use crate::provider::json::{as_text, list, present, string, text};
use crate::provider::partial::parse_partial;
use crate::provider::usage;

pub(in crate::provider) fn response(body: &Value) -> ResponseFacts {
    let mut facts = ResponseFacts {
        id: string(body, "id"),
        model: string(body, "model"),
        stop_sequence: string(body, "stop_sequence"),
        usage: usage::stated(body).map(usage::anthropic),
        ..ResponseFacts::default()
    };
    // An error has neither.
    if present(body, "content").is_some() || present(body, "stop_reason").is_some() {
        facts.finish_reasons.push(string(body, "stop_reason"));
    }
    // Some relays send the text as it is.
    facts.texts.extend(string(body, "content").map(Some));
    for block in list(body, "content") {
        add_block(&mut facts, block);
    }
    // Both change the price.
    for (key, attribute) in [
        ("service_tier", "rollout.response.service_tier"),
        ("inference_geo", "rollout.response.inference_geo"),
    ] {
        if let Some(said) = body.get("usage").and_then(|usage| text(usage, key)) {
            facts.attributes.insert(attribute.to_owned(), said.into());
        }
    }
    facts
}

fn add_block(facts: &mut ResponseFacts, block: &Value) {
    let kind = text(block, "type").unwrap_or_default();
    facts.item_types.push(kind.to_owned());
    match kind {
        "text" => facts.texts.push(string(block, "text")),
        "thinking" => facts.reasoning.extend(string(block, "thinking")),
        "tool_use" => facts.tool_calls.push(ToolCall {
            id: string(block, "id"),
            name: string(block, "name").unwrap_or_default(),
            arguments: block.get("input").map(as_text).unwrap_or_default(),
            input: block.get("input").and_then(known),
            ..ToolCall::default()
        }),
        // Their results are blocks of their own: `web_search_tool_result` and the like.
        kind if kind.ends_with("tool_use") => facts.server_tool_calls.push(ServerToolCall {
            id: string(block, "id"),
            kind: kind.to_owned(),
            name: string(block, "name"),
            input: present(block, "input")
                .map(|input| known(input).unwrap_or_else(|| input.clone())),
            status: None,
        }),
        _ => {}
    }
}

/// Returns an input as JSON; of one that broke off what is known of it, as the provider's own
/// clients do.
fn known(input: &Value) -> Option<Value> {
    match input {
        Value::String(text) => parse_partial(text),
        Value::Null => None,
        input => Some(input.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn blocks_are_told_apart() {
        let facts = response(&json!({
            "type": "message", "id": "x", "model": "m", "stop_reason": "tool_use", "content": [
                {"type": "thinking", "thinking": "hm", "signature": "s"},
                {"type": "redacted_thinking", "data": "…"},
                {"type": "text", "text": "a"},
                {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "q"}},
                {"type": "web_search_tool_result", "tool_use_id": "s", "content": []},
                {"type": "mcp_tool_use", "id": "p", "name": "n", "server_name": "v", "input": {}},
                {"type": "text", "text": "b"},
                {"type": "tool_use", "id": "t", "name": "f", "input": {"x": 1}},
            ],
            "usage": {"input_tokens": 1, "service_tier": "priority"},
        }));
        assert_eq!(facts.texts, [Some("a".to_owned()), Some("b".to_owned())]);
        assert_eq!(facts.reasoning, ["hm"]);
        assert_eq!(facts.tool_calls[0].arguments, "{\"x\":1}");
        assert_eq!(facts.tool_calls[0].input, Some(json!({"x": 1})));
        assert_eq!(
            facts.server_tool_calls[0].name.as_deref(),
            Some("web_search")
        );
        assert_eq!(facts.server_tool_calls[1].kind, "mcp_tool_use");
        assert_eq!(facts.item_types.len(), 8);
        assert_eq!(facts.finish_reasons, [Some("tool_use".to_owned())]);
        assert_eq!(
            facts.attributes["rollout.response.service_tier"],
            "priority"
        );
    }

    #[test]
    fn of_an_input_that_broke_off_is_kept_what_is_known() {
        let facts = response(&json!({"content": [
            {"type": "tool_use", "name": "f", "input": "{\"x\": 1, \"y\": \"ha"},
            {"type": "server_tool_use", "name": "g", "input": "{\"x\": [1"},
            {"type": "server_tool_use", "name": "g", "input": "odd"},
            {"type": "tool_use", "name": "f", "input": "odd"},
        ]}));
        assert_eq!(facts.tool_calls[0].input, Some(json!({"x": 1})));
        assert_eq!(facts.tool_calls[0].arguments, "{\"x\": 1, \"y\": \"ha");
        assert_eq!(facts.server_tool_calls[0].input, Some(json!({"x": [1]})));
        assert_eq!(facts.server_tool_calls[1].input, Some(json!("odd")));
        assert_eq!(facts.tool_calls[1].input, None);
    }

    #[test]
    fn an_error_is_no_message() {
        let error = json!({"type": "error", "error": {"type": "overloaded_error"}});
        let facts = response(&error);
        assert_eq!(facts, ResponseFacts::default());
    }
}
