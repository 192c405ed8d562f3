//! What a message request asks for.

use serde_json::Value;

use crate::provider::RequestFacts;
use crate::provider::json::{string, text};
use crate::provider::request::{Options, is_stream, temperature};

pub(in crate::provider) fn request(body: &Value) -> RequestFacts {
    let stream = is_stream(body);
    let thinking = body.get("thinking").unwrap_or(&Value::Null);
    let output = body.get("output_config").unwrap_or(&Value::Null);
    let budget = thinking
        .get("budget_tokens")
        .filter(|budget| budget.is_number());
    let level = string(output, "effort").or_else(|| budget.map(Value::to_string));
    let tier = text(body, "service_tier").filter(|tier| *tier != "auto");
    let attributes = Options::of(body)
        .numbers(&[
            ("top_p", "gen_ai.request.top_p"),
            ("top_k", "gen_ai.request.top_k"),
            ("max_tokens", "gen_ai.request.max_tokens"),
        ])
        .stop_sequences("stop_sequences")
        .output_type(output.get("format").or_else(|| body.get("output_format")))
        .note("gen_ai.request.reasoning.level", level)
        .note("rollout.request.service_tier", tier)
        .tools()
        .stream(stream)
        .finish();
    RequestFacts {
        model: string(body, "model"),
        stream,
        temperature: temperature(body),
        reasoning_mode: string(thinking, "type"),
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
            "model": "m", "max_tokens": 9, "stream": true, "top_k": 3, "stop_sequences": ["x"],
            "thinking": {"type": "enabled", "budget_tokens": 1024},
            "tools": [{"type": "web_search_20250305", "name": "web_search"}, {"name": "f"}],
            "output_format": {"type": "json_schema"}, "service_tier": "standard_only",
        }));
        assert_eq!(facts.reasoning_mode.as_deref(), Some("enabled"));
        let expected = json!({
            "gen_ai.output.type": "json",
            "gen_ai.request.max_tokens": 9,
            "gen_ai.request.reasoning.level": "1024",
            "gen_ai.request.stop_sequences": ["x"],
            "gen_ai.request.stream": true,
            "gen_ai.request.top_k": 3,
            "gen_ai.tool.definitions": [
                {"type": "web_search_20250305", "name": "web_search"},
                {"type": "function", "name": "f"},
            ],
            "rollout.request.service_tier": "standard_only",
        });
        assert_eq!(Value::Object(facts.attributes), expected);
    }

    #[test]
    fn an_effort_is_the_reasoning_level() {
        let facts =
            request(&json!({"output_config": {"effort": "low"}, "thinking": {"type": "adaptive"}}));
        assert_eq!(facts.attributes["gen_ai.request.reasoning.level"], "low");
        assert_eq!(facts.reasoning_mode.as_deref(), Some("adaptive"));
    }
}
