//! What a provider says was consumed.
//!
//! Providers agree on the totals and on little else. The lists of names below are what the recorded
//! traffic of some forty of them uses; the first name that holds a count wins.

mod count;

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Serialize;
use serde_json::{Map, Value};

use self::count::{count, number};
use super::facts::Usage;
use super::json::list;

/// xAI's unit of cost: so many of its ticks are a US dollar.
const TICKS_PER_USD: f64 = 1e10;

type Path = &'static [&'static str];

const INPUT: &[Path] = &[&["prompt_tokens"], &["input_tokens"]];
const OUTPUT: &[Path] = &[&["completion_tokens"], &["output_tokens"]];
const TOTAL: &[Path] = &[&["total_tokens"]];

const CACHED: &[Path] = &[
    &["prompt_tokens_details", "cached_tokens"],
    &["input_tokens_details", "cached_tokens"],
    &["prompt_tokens_details", "cache_read_tokens"],
    &["input_tokens_details", "cache_read_tokens"],
    // Moonshot, Together
    &["cached_tokens"],
    // DeepSeek
    &["prompt_cache_hit_tokens"],
    // Mistral
    &["num_cached_tokens"],
    // Gateways to Anthropic
    &["cache_read_input_tokens"],
];

const CACHE_WRITE: &[Path] = &[
    &["prompt_tokens_details", "cache_write_tokens"],
    &["input_tokens_details", "cache_write_tokens"],
    &["cache_creation_input_tokens"],
    // LiteLLM
    &["prompt_tokens_details", "cache_creation_tokens"],
];

const REASONING: &[Path] = &[
    &["completion_tokens_details", "reasoning_tokens"],
    &["output_tokens_details", "reasoning_tokens"],
    // Copilot
    &["reasoning_tokens"],
];

const CACHE_WRITE_5M: &[Path] = &[&["cache_creation", "ephemeral_5m_input_tokens"]];
const CACHE_WRITE_1H: &[Path] = &[&["cache_creation", "ephemeral_1h_input_tokens"]];

const COST: &[Path] = &[
    // OpenRouter, LiteLLM, Vercel
    &["cost"],
    // DeepInfra
    &["estimated_cost"],
    // Perplexity
    &["cost", "total_cost"],
    // Pydantic
    &["pydantic_ai_gateway", "cost_estimate"],
];

const COST_IN_TICKS: Path = &["cost_in_usd_ticks"];

/// Returns what an OpenAI usage object says, of chat completions or of responses.
///
/// Takes a whole response as well, as JSON or as a client's own type. What is missing or is no count stays unknown; zero is kept.
///
/// ```
/// use rollout_core::usage_from_openai;
/// use serde_json::json;
///
/// let usage = usage_from_openai(&json!({
///     "prompt_tokens": 21, "completion_tokens": 11, "total_tokens": 32,
///     "prompt_tokens_details": {"cached_tokens": 0},
/// }));
/// assert_eq!((usage.input_tokens, usage.output_tokens), (Some(21), Some(11)));
/// assert_eq!((usage.cached_tokens, usage.reasoning_tokens), (Some(0), None));
/// ```
pub fn usage_from_openai<T: Serialize + ?Sized>(response: &T) -> Usage {
    openai(&json_of(response))
}

pub(super) fn openai(value: &Value) -> Usage {
    let usage = own_usage(value);
    let count = |names| first_count(usage, names);
    Usage {
        input_tokens: count(INPUT),
        output_tokens: count(OUTPUT),
        total_tokens: count(TOTAL),
        cached_tokens: count(CACHED),
        cache_write_tokens: count(CACHE_WRITE),
        cache_write_5m_tokens: count(CACHE_WRITE_5M),
        cache_write_1h_tokens: count(CACHE_WRITE_1H),
        reasoning_tokens: count(REASONING),
        cost_usd: cost(usage),
        raw: usage.clone(),
        ..Usage::default()
    }
}

/// Returns what an Anthropic usage object says.
///
/// Takes a whole message as well, as JSON or as a client's own type. What is missing or is no count stays unknown; zero is kept.
///
/// ```
/// use rollout_core::usage_from_anthropic;
/// use serde_json::json;
///
/// let usage = usage_from_anthropic(&json!({
///     "input_tokens": 21, "output_tokens": 11, "cache_read_input_tokens": 8,
/// }));
/// assert_eq!((usage.input_tokens, usage.cached_tokens), (Some(21), Some(8)));
/// ```
pub fn usage_from_anthropic<T: Serialize + ?Sized>(response: &T) -> Usage {
    anthropic(&json_of(response))
}

pub(super) fn anthropic(value: &Value) -> Usage {
    let usage = own_usage(value);
    let count = |name: Path| at(usage, name).and_then(count);
    Usage {
        input_tokens: count(&["input_tokens"]),
        output_tokens: count(&["output_tokens"]),
        total_tokens: None,
        cached_tokens: count(&["cache_read_input_tokens"]),
        cache_write_tokens: count(&["cache_creation_input_tokens"]),
        cache_write_5m_tokens: first_count(usage, CACHE_WRITE_5M),
        cache_write_1h_tokens: first_count(usage, CACHE_WRITE_1H),
        reasoning_tokens: count(&["output_tokens_details", "thinking_tokens"]),
        cost_usd: cost(usage),
        raw: usage.clone(),
        ..Usage::default()
    }
}

/// Returns what a body says about its usage, if it says something: in its own place, in Groq's, or
/// in Moonshot's.
pub(super) fn stated(body: &Value) -> Option<&Value> {
    let moonshot = || list(body, "choices").first()?.get("usage");
    [
        body.get("usage"),
        at(body, &["x_groq", "usage"]),
        moonshot(),
    ]
    .into_iter()
    .flatten()
    .find(|usage| usage.is_object())
}

/// Notes the parts of an OpenAI usage that are of other modalities than text.
///
/// Zeros are left out: every call has them, and `raw` keeps them.
pub(super) fn note_modalities(usage: &Usage, attributes: &mut Map<String, Value>) {
    const DETAILS: [(&str, &str); 4] = [
        ("prompt_tokens_details", "input_tokens"),
        ("input_tokens_details", "input_tokens"),
        ("completion_tokens_details", "output_tokens"),
        ("output_tokens_details", "output_tokens"),
    ];
    for modality in ["audio", "image"] {
        for (details, side) in DETAILS {
            let name = format!("{modality}_tokens");
            let tokens = usage.raw.get(details).and_then(|details| details.get(name));
            if let Some(tokens) = tokens.and_then(count).filter(|tokens| *tokens > 0) {
                attributes.insert(format!("gen_ai.usage.{modality}.{side}"), tokens.into());
            }
        }
    }
}

/// Returns a response as JSON; what can't be written says nothing.
fn json_of<T: Serialize + ?Sized>(response: &T) -> Value {
    // The response's type is the program's: it may fail, and it may panic.
    let json = catch_unwind(AssertUnwindSafe(|| serde_json::to_value(response)));
    json.ok().and_then(Result::ok).unwrap_or_default()
}

fn own_usage(value: &Value) -> &Value {
    stated(value).unwrap_or(value)
}

fn first_count(usage: &Value, names: &[Path]) -> Option<u64> {
    names
        .iter()
        .filter_map(|path| at(usage, path))
        .find_map(count)
}

fn at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, key| value.get(key))
}

/// Returns what the call cost, in US dollars.
fn cost(usage: &Value) -> Option<f64> {
    let is_price = |price: &f64| price.is_finite() && *price >= 0.0;
    let ticks = || {
        at(usage, COST_IN_TICKS)
            .and_then(number)
            .map(|ticks| ticks / TICKS_PER_USD)
    };
    let stated = COST
        .iter()
        .filter_map(|path| at(usage, path))
        .find_map(number);
    stated.or_else(ticks).filter(is_price)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn chat_and_responses_names_are_both_understood() {
        let chat = json!({
            "prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15,
            "prompt_tokens_details": {"cached_tokens": 3, "cache_write_tokens": 2},
            "completion_tokens_details": {"reasoning_tokens": 0},
        });
        let responses = json!({
            "input_tokens": 10, "output_tokens": 5, "total_tokens": 15,
            "input_tokens_details": {"cached_tokens": 3, "cache_write_tokens": 2},
            "output_tokens_details": {"reasoning_tokens": 0},
        });
        for raw in [chat, responses] {
            let usage = usage_from_openai(&raw);
            assert_eq!(
                (usage.input_tokens, usage.output_tokens),
                (Some(10), Some(5))
            );
            assert_eq!(
                (usage.total_tokens, usage.reasoning_tokens),
                (Some(15), Some(0))
            );
            assert_eq!(
                (usage.cached_tokens, usage.cache_write_tokens),
                (Some(3), Some(2))
            );
            assert_eq!(usage.cost_usd, None);
            assert_eq!(usage.raw, raw);
        }
    }

    #[test]
    fn the_dialects_of_cache_counts_are_understood() {
        for raw in [
            json!({"cached_tokens": 7}),
            json!({"prompt_cache_hit_tokens": 7, "prompt_cache_miss_tokens": 1}),
            json!({"num_cached_tokens": 7}),
            json!({"cache_read_input_tokens": 7}),
            json!({"prompt_tokens_details": null, "cached_tokens": 7}),
            json!({"prompt_tokens_details": {"cached_tokens": null, "cache_read_tokens": 7}}),
        ] {
            assert_eq!(usage_from_openai(&raw).cached_tokens, Some(7), "{raw}");
        }
        let zero = json!({"prompt_tokens_details": {"cached_tokens": 0}, "cached_tokens": 7});
        assert_eq!(usage_from_openai(&zero).cached_tokens, Some(0));
    }

    #[test]
    fn the_dialects_of_cost_are_understood() {
        for raw in [
            json!({"cost": 0.25}),
            json!({"estimated_cost": 0.25}),
            json!({"cost": {"request_cost": 0.1, "total_cost": 0.25}}),
            json!({"cost_in_usd_ticks": 2_500_000_000_u64}),
            json!({"pydantic_ai_gateway": {"cost_estimate": 0.25}}),
        ] {
            assert_eq!(usage_from_openai(&raw).cost_usd, Some(0.25), "{raw}");
        }
        assert_eq!(usage_from_openai(&json!({"cost": 0})).cost_usd, Some(0.0));
        assert_eq!(usage_from_openai(&json!({"cost": -1})).cost_usd, None);
    }

    #[test]
    fn a_whole_response_is_taken_for_the_usage_in_it() {
        let groq = json!({"id": "x", "x_groq": {"usage": {"prompt_tokens": 4}}});
        let usage = usage_from_openai(&groq);
        assert_eq!(usage.input_tokens, Some(4));
        assert_eq!(usage.raw, json!({"prompt_tokens": 4}));
        let moonshot = json!({"usage": null, "choices": [{"usage": {"prompt_tokens": 4}}]});
        assert_eq!(usage_from_openai(&moonshot).input_tokens, Some(4));
        let message = json!({"type": "message", "usage": {"input_tokens": 4}});
        assert_eq!(usage_from_anthropic(&message).input_tokens, Some(4));
    }

    #[test]
    fn parts_of_other_modalities_are_noted() {
        let usage = usage_from_openai(&json!({
            "prompt_tokens_details": {"audio_tokens": 9, "image_tokens": 0, "text_tokens": 3},
        }));
        let mut attributes = Map::new();
        note_modalities(&usage, &mut attributes);
        assert_eq!(
            Value::Object(attributes),
            json!({"gen_ai.usage.audio.input_tokens": 9})
        );
    }
}
