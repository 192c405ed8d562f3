//! Tokens, in the conventions' way of counting: totals include their parts.

use serde_json::{Map, Value, json};

use crate::export::otlp::fold::Folded;
use crate::provider::WireFormat;

/// What a call used.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Tokens {
    /// Read, those of the cache included.
    pub(crate) input: Option<u64>,
    /// Written, reasoning included.
    pub(crate) output: Option<u64>,
    pub(crate) cache_read: Option<u64>,
    pub(crate) cache_write: Option<u64>,
    pub(crate) cache_write_5m: Option<u64>,
    pub(crate) cache_write_1h: Option<u64>,
    pub(crate) reasoning: Option<u64>,
    pub(crate) audio_input: Option<u64>,
    pub(crate) audio_output: Option<u64>,
    pub(crate) cost: Option<f64>,
}

impl Tokens {
    pub(crate) fn of(span: &Folded) -> Self {
        let usage = &span.event.usage;
        let number = |name| span.event.attributes.get(name).and_then(Value::as_u64);
        let cache_write = number("gen_ai.usage.cache_write.input_tokens")
            .or_else(|| number("gen_ai.usage.cache_creation.input_tokens"));
        let cache_read = number("gen_ai.usage.cache_read.input_tokens").or_else(|| {
            // Of Anthropic the field has both.
            let both = usage.cached_tokens?;
            Some(both.saturating_sub(cache_write.unwrap_or(0)))
        });
        let input = usage
            .input_tokens
            .or_else(|| number("gen_ai.usage.input_tokens"));
        let cached = cache_read
            .unwrap_or(0)
            .saturating_add(cache_write.unwrap_or(0));
        let input = match input {
            // What is part of a whole can't be more than it.
            Some(input) if counts_the_cache_apart(span) || cached > input => {
                Some(input.saturating_add(cached))
            }
            input => input,
        };
        Self {
            input,
            output: usage
                .output_tokens
                .or_else(|| number("gen_ai.usage.output_tokens")),
            cache_read,
            cache_write,
            cache_write_5m: number("rollout.usage.cache_write_5m"),
            cache_write_1h: number("rollout.usage.cache_write_1h"),
            reasoning: usage
                .reasoning_tokens
                .or_else(|| number("gen_ai.usage.reasoning.output_tokens")),
            audio_input: number("gen_ai.usage.audio.input_tokens"),
            audio_output: number("gen_ai.usage.audio.output_tokens"),
            cost: usage.cost_usd,
        }
    }

    pub(crate) fn total(&self) -> Option<u64> {
        match (self.input, self.output) {
            (None, None) => None,
            (input, output) => Some(input.unwrap_or(0).saturating_add(output.unwrap_or(0))),
        }
    }

    /// Returns buckets that nothing is in twice, by Langfuse's names.
    pub(crate) fn buckets(&self) -> Option<Value> {
        self.total()?;
        let mut buckets = Map::new();
        let mut put = |name: &str, tokens: Option<u64>| {
            if let Some(tokens) = tokens {
                buckets.insert(name.to_owned(), json!(tokens));
            }
        };
        let written = self.cache_write.unwrap_or(0);
        let five = self.cache_write_5m.unwrap_or(0).min(written);
        let hour = self.cache_write_1h.unwrap_or(0).min(written - five);
        let rest = |whole: Option<u64>, parts: [Option<u64>; 2]| {
            let parts = parts.into_iter().flatten().fold(0, u64::saturating_add);
            whole.map(|whole| whole.saturating_sub(parts))
        };
        put(
            "input",
            rest(self.input, [self.cache_read, self.cache_write]),
        );
        put("input_cached_tokens", self.cache_read);
        put(
            "input_cache_creation",
            self.cache_write.map(|written| written - five - hour),
        );
        put("input_cache_creation_5m", (five > 0).then_some(five));
        put("input_cache_creation_1h", (hour > 0).then_some(hour));
        put(
            "output",
            rest(self.output, [self.reasoning, self.audio_output]),
        );
        put("output_reasoning_tokens", self.reasoning);
        put("output_audio_tokens", self.audio_output);
        Some(buckets.into())
    }
}

/// Returns whether the tokens of the cache are not among those of the input: Anthropic's way.
fn counts_the_cache_apart(span: &Folded) -> bool {
    let event = &span.event;
    if let Some(format) = event.format {
        return format == WireFormat::AnthropicMessages;
    }
    // Of recorded events only what they say is known. Those of a wrapped client name the operation, and
    // the kind of API where it is OpenAI's.
    let said = |name: &str| event.attributes.contains_key(name);
    let is_anthropic = event.model.provider.as_deref() == Some("anthropic");
    is_anthropic && said("gen_ai.operation.name") && !said("openai.api.type")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::otlp::encode::tests::model_call;

    #[test]
    fn anthropics_input_is_made_whole_and_openais_is_whole() {
        let mut span = model_call();
        span.event.usage.input_tokens = Some(10);
        span.event.usage.cached_tokens = Some(7);
        span.event
            .attributes
            .insert("gen_ai.usage.cache_read.input_tokens".into(), json!(5));
        span.event
            .attributes
            .insert("gen_ai.usage.cache_write.input_tokens".into(), json!(2));
        span.event.format = Some(WireFormat::OpenAiChat);
        assert_eq!(Tokens::of(&span).input, Some(10));
        span.event.format = Some(WireFormat::AnthropicMessages);
        let tokens = Tokens::of(&span);
        assert_eq!(
            (tokens.input, tokens.cache_read, tokens.cache_write),
            (Some(17), Some(5), Some(2))
        );
    }

    #[test]
    fn nothing_is_in_two_buckets() {
        let tokens = Tokens {
            input: Some(100),
            output: Some(50),
            cache_read: Some(60),
            cache_write: Some(30),
            cache_write_1h: Some(10),
            reasoning: Some(20),
            audio_output: Some(5),
            ..Tokens::default()
        };
        let buckets = tokens.buckets().unwrap();
        let sum: u64 = buckets
            .as_object()
            .unwrap()
            .values()
            .filter_map(Value::as_u64)
            .sum();
        assert_eq!(sum, tokens.total().unwrap(), "{buckets}");
        assert_eq!(buckets["input"], 10);
        assert_eq!(buckets["input_cache_creation"], 20);
        assert_eq!(buckets["output"], 25);
    }

    #[test]
    fn parts_that_are_more_than_the_whole_make_no_sum_negative() {
        let tokens = Tokens {
            input: Some(1),
            cache_read: Some(5),
            ..Tokens::default()
        };
        assert_eq!(tokens.buckets().unwrap()["input"], 0);
        assert_eq!(Tokens::default().buckets(), None);
    }
}
