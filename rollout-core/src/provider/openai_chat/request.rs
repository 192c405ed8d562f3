//! What a chat completion request asks for.

use serde_json::Value;

use crate::provider::RequestFacts;
use crate::provider::json::{list, string, text};
use crate::provider::request::{Options, is_stream, temperature};

pub(in crate::provider) fn request(body: &Value) -> RequestFacts {
    let stream = is_stream(body);
    // OpenRouter takes the object that responses have.
    let nested = || {
        body.get("reasoning")
            .and_then(|reasoning| string(reasoning, "effort"))
    };
    let effort = string(body, "reasoning_effort").or_else(nested);
    let tier = text(body, "service_tier").filter(|tier| *tier != "auto");
    let speech = list(body, "modalities")
        .iter()
        .any(|kind| kind == "audio")
        .then_some("speech");
    let attributes = Options::of(body)
        .note("openai.api.type", Some("chat_completions"))
        .numbers(&[
            ("top_p", "gen_ai.request.top_p"),
            ("top_k", "gen_ai.request.top_k"),
            ("frequency_penalty", "gen_ai.request.frequency_penalty"),
            ("presence_penalty", "gen_ai.request.presence_penalty"),
            ("seed", "gen_ai.request.seed"),
            ("max_tokens", "gen_ai.request.max_tokens"),
            ("max_completion_tokens", "gen_ai.request.max_tokens"),
        ])
        .choices()
        .stop_sequences("stop")
        .output_type(body.get("response_format"))
        .note("gen_ai.output.type", speech)
        .note("gen_ai.request.reasoning.level", effort.clone())
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
            "model": "m", "stream": true, "temperature": 0, "top_p": 0.5, "n": 2, "stop": "x",
            "max_completion_tokens": 9, "reasoning_effort": "low", "service_tier": "flex", "seed": -1,
            "response_format": {"type": "json_schema"}, "top_logprobs": 3,
            "tools": [{"type": "function", "function": {"name": "f"}}],
        }));
        assert_eq!(facts.model.as_deref(), Some("m"));
        assert!(facts.stream);
        assert_eq!(facts.temperature, Some(0.0));
        assert_eq!(facts.reasoning_mode.as_deref(), Some("low"));
        let expected = json!({
            "openai.api.type": "chat_completions",
            "openai.request.service_tier": "flex",
            "gen_ai.output.type": "json",
            "gen_ai.request.choice.count": 2,
            "gen_ai.request.max_tokens": 9,
            "gen_ai.request.reasoning.level": "low",
            "gen_ai.request.seed": -1,
            "gen_ai.request.stop_sequences": ["x"],
            "gen_ai.request.stream": true,
            "gen_ai.request.top_p": 0.5,
            "gen_ai.tool.definitions": [{"type": "function", "name": "f"}],
        });
        assert_eq!(Value::Object(facts.attributes), expected);
    }

    #[test]
    fn wrong_types_stay_unknown() {
        let body = json!({"model": 1, "stream": "yes", "temperature": "hot", "reasoning": [1]});
        let facts = request(&body);
        assert_eq!(
            (facts.model, facts.stream, facts.temperature),
            (None, false, None)
        );
        assert_eq!(request(&Value::Null).model, None);
    }
}
