//! What a response is asked to be.

use serde_json::Value;

use crate::provider::RequestFacts;
use crate::provider::json::{string, text};
use crate::provider::request::{Options, is_stream, temperature};

pub(in crate::provider) fn request(body: &Value) -> RequestFacts {
    let stream = is_stream(body);
    let effort = body
        .get("reasoning")
        .and_then(|reasoning| string(reasoning, "effort"));
    let tier = text(body, "service_tier").filter(|tier| *tier != "auto");
    let conversation = body.get("conversation").unwrap_or(&Value::Null);
    let attributes = Options::of(body)
        .note("openai.api.type", Some("responses"))
        .numbers(&[
            ("top_p", "gen_ai.request.top_p"),
            ("max_output_tokens", "gen_ai.request.max_tokens"),
        ])
        .output_type(body.get("text").and_then(|text| text.get("format")))
        .note("gen_ai.request.reasoning.level", effort.clone())
        .note(
            "gen_ai.request.previous_response.id",
            text(body, "previous_response_id"),
        )
        .note(
            "gen_ai.conversation.id",
            conversation.as_str().or_else(|| text(conversation, "id")),
        )
        .note("openai.request.service_tier", tier)
        .tools()
        .stream(stream)
        .finish();
    RequestFacts {
        model: string(body, "model"),
        stream,
        temperature: temperature(body),
        reasoning_mode: effort,
        attributes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn options_get_their_conventional_names() {
        let facts = request(&json!({
            "model": "m", "input": "hi", "top_p": 1, "max_output_tokens": 9, "temperature": 0.5,
            "reasoning": {"effort": "high", "summary": "auto"}, "service_tier": "auto",
            "text": {"format": {"type": "json_object"}}, "previous_response_id": "r",
            "conversation": {"id": "c"}, "tools": [{"type": "web_search"}],
        }));
        assert_eq!(facts.reasoning_mode.as_deref(), Some("high"));
        assert_eq!(facts.temperature, Some(0.5));
        let expected = json!({
            "openai.api.type": "responses",
            "gen_ai.conversation.id": "c",
            "gen_ai.output.type": "json",
            "gen_ai.request.max_tokens": 9,
            "gen_ai.request.previous_response.id": "r",
            "gen_ai.request.reasoning.level": "high",
            "gen_ai.request.top_p": 1,
            "gen_ai.tool.definitions": [{"type": "web_search"}],
        });
        assert_eq!(Value::Object(facts.attributes), expected);
    }
}
