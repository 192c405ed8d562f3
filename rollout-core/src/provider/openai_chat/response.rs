//! What a chat completion says.

use serde_json::Value;

use super::tool_calls::{legacy_call, tool_call, tool_calls};
use super::{content, reasoning};
use crate::provider::facts::{CallError, ResponseFacts, ToolCall};
use crate::provider::json::{index, list, present, string, text};
use crate::provider::usage;

pub(in crate::provider) fn response(body: &Value) -> ResponseFacts {
    let mut facts = ResponseFacts {
        id: string(body, "id"),
        model: string(body, "model"),
        usage: usage::stated(body).map(usage::openai),
        ..ResponseFacts::default()
    };
    let choices = list(body, "choices");
    let several = choices.len() > 1;
    for (place, choice) in choices.iter().enumerate() {
        let index = index(choice, "index").unwrap_or(place as u64);
        add_choice(&mut facts, choice, several.then_some(index));
    }
    // OpenRouter tells of failures upstream where the answer would be.
    let failures = choices.iter().map(|choice| CallError::of(None, choice));
    let failures: Option<Vec<_>> = failures.collect();
    let failure = failures.and_then(|failures| failures.into_iter().next());
    // Groq, of a stream that stopped early.
    let stopped = || CallError::of(None, body.get("x_groq")?);
    facts.error = failure.or_else(stopped);
    if let Some(usage) = &mut facts.usage {
        // Venice puts the price next to the usage.
        let price = || body.get("cost")?.get("usd")?.as_f64();
        usage.cost_usd = usage.cost_usd.or_else(price);
        usage::note_modalities(usage, &mut facts.attributes);
    }
    for (key, attribute) in [
        ("service_tier", "openai.response.service_tier"),
        ("system_fingerprint", "openai.response.system_fingerprint"),
    ] {
        if let Some(said) = text(body, key).filter(|said| !said.is_empty()) {
            facts.attributes.insert(attribute.to_owned(), said.into());
        }
    }
    facts
}

fn add_choice(facts: &mut ResponseFacts, choice: &Value, index: Option<u64>) {
    let message = choice.get("message").unwrap_or(&Value::Null);
    // The legacy completions have the text in the place of the message.
    let content = present(message, "content").or_else(|| choice.get("text"));
    facts.texts.push(content.and_then(content::visible));
    facts.reasoning.extend(reasoning::of(message));
    let refusal = text(message, "refusal").filter(|refusal| !refusal.is_empty());
    facts.refusals.extend(refusal.map(str::to_owned));
    let calls = tool_calls(message.get("tool_calls")).iter().map(tool_call);
    let legacy = present(message, "function_call").map(legacy_call);
    let calls = calls.chain(legacy).map(|call| ToolCall {
        choice: index,
        ..call
    });
    facts.tool_calls.extend(calls);
    facts.finish_reasons.push(string(choice, "finish_reason"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::ToolCallKind;
    use serde_json::json;

    #[test]
    fn several_choices_are_kept_apart() {
        let call = json!({"id": "c", "type": "function", "function": {"name": "f", "arguments": "{\"a\":1}"}});
        let facts = response(&json!({
            "id": "x", "model": "m", "choices": [
                {"index": 0, "finish_reason": "stop", "message": {"content": "a"}},
                {"index": 1, "finish_reason": "tool_calls", "message": {"content": null, "tool_calls": [call]}},
                {"index": 2, "finish_reason": "content_filter"},
            ],
        }));
        assert_eq!(facts.texts, [Some("a".to_owned()), None, None]);
        assert_eq!(facts.finish_reasons.len(), 3);
        assert_eq!(facts.tool_calls[0].choice, Some(1));
        assert_eq!(facts.tool_calls[0].input, Some(json!({"a": 1})));
        assert_eq!(facts.usage, None);
    }

    #[test]
    fn reasoning_refusals_and_legacy_calls_are_found() {
        let facts = response(&json!({"choices": [{"message": {
            "content": null, "refusal": "no", "reasoning_content": null, "reasoning": "because",
            "function_call": {"name": "f", "arguments": "{"},
        }}]}));
        assert_eq!(facts.refusals, ["no"]);
        assert_eq!(facts.reasoning, ["because"]);
        assert_eq!(facts.tool_calls[0].kind, ToolCallKind::LegacyFunction);
        assert_eq!(facts.tool_calls[0].arguments, "{");
        assert_eq!(facts.tool_calls[0].input, None);
        assert_eq!(facts.tool_calls[0].choice, None);
    }

    #[test]
    fn legacy_completions_have_texts_without_messages() {
        let facts = response(&json!({"object": "text_completion", "choices": [
            {"text": "a", "index": 0, "logprobs": null, "finish_reason": "length"},
            {"text": "b", "message": null, "index": 1, "finish_reason": "stop"},
        ]}));
        assert_eq!(facts.texts, [Some("a".to_owned()), Some("b".to_owned())]);
        assert_eq!(facts.finish_reasons.len(), 2);
        let both = json!({"choices": [{"text": "a", "message": {"content": "b"}}]});
        assert_eq!(response(&both).texts, [Some("b".to_owned())]);
    }

    #[test]
    fn tier_and_fingerprint_and_a_price_next_to_the_usage_are_noted() {
        let facts = response(&json!({
            "service_tier": "flex", "system_fingerprint": "fp", "usage": {"prompt_tokens": 1},
            "cost": {"usd": 0.5, "diem": 0}, "choices": [],
        }));
        assert_eq!(facts.attributes["openai.response.service_tier"], "flex");
        assert_eq!(facts.attributes["openai.response.system_fingerprint"], "fp");
        assert_eq!(facts.usage.unwrap().cost_usd, Some(0.5));
    }

    #[test]
    fn a_call_has_failed_if_all_of_its_choices_have() {
        let failed = json!({"finish_reason": "error", "error": {"code": 502, "message": "m"}});
        let answered = json!({"finish_reason": "stop", "message": {"content": "a"}, "error": null});
        let error = |choices| response(&json!({ "choices": choices })).error;
        let found = error(json!([failed, failed])).unwrap();
        assert_eq!(
            (found.code.as_deref(), found.message.as_deref()),
            (Some("502"), Some("m"))
        );
        assert_eq!(error(json!([failed, answered])), None);
        assert_eq!(error(json!([answered])), None);
        assert_eq!(error(json!([])), None);
        let stopped =
            response(&json!({"choices": [answered], "x_groq": {"id": "r", "error": "m"}}));
        assert_eq!(stopped.error.unwrap().message.as_deref(), Some("m"));
    }

    #[test]
    fn wrong_types_lose_nothing_else() {
        let facts = response(&json!({
            "id": 7, "model": "m", "usage": 3, "choices": [
                {"message": {"content": 5, "tool_calls": [null, {"function": {"name": "f"}}]}}, "?",
            ],
        }));
        assert_eq!(facts.id, None);
        assert_eq!(facts.model.as_deref(), Some("m"));
        assert_eq!(facts.texts, [None, None]);
        assert_eq!(facts.tool_calls[1].name, "f");
    }
}
