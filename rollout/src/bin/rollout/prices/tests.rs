use super::*;

fn tokens(input: u64, cached: u64, cache_write: u64, output: u64) -> Tokens {
    Tokens {
        input: Some(input),
        output: Some(output),
        cached: (cached > 0).then_some(cached),
        cache_write: (cache_write > 0).then_some(cache_write),
        reasoning: None,
    }
}

fn call(provider: &str, model: &str, tokens: Tokens) -> Call {
    Call {
        provider: Some(provider.into()),
        model: Some(model.into()),
        status: "ok".into(),
        is_call: true,
        tokens,
        ..Call::default()
    }
}

fn listed(call: &Call) -> f64 {
    match Prices::listed().unwrap().cost(call) {
        Some(Cost::Listed(usd)) => usd,
        other => panic!("{other:?} of {call:?}"),
    }
}

fn unknown(call: &Call) -> bool {
    Prices::listed().unwrap().cost(call) == Some(Cost::Unknown)
}

#[track_caller]
fn assert_usd(usd: f64, expected: f64) {
    assert!((usd - expected).abs() < 1e-12, "{usd} is not {expected}");
}

#[test]
fn cached_tokens_are_a_part_of_the_input() {
    // gpt-4.1-mini: 0.40, 0.10 cached, 1.60. 600 fresh: 240, 400 cached: 40, 100 written: 160 millionths.
    let usd = listed(&call("openai", "gpt-4.1-mini", tokens(1000, 400, 0, 100)));
    assert_usd(usd, 0.000_440);
}

#[test]
fn tokens_written_to_the_cache_cost_more() {
    // claude-sonnet-4-5: 3, 0.30 read, 3.75 written, 15. Of 10,000 read by the model 1,000 are fresh:
    // 3,000; 7,000 from the cache: 2,100; 2,000 to the cache: 7,500; 500 of output: 7,500 millionths.
    let call = call(
        "anthropic",
        "claude-sonnet-4-5-20250929",
        tokens(10_000, 7_000, 2_000, 500),
    );
    assert_usd(listed(&call), 0.020_1);
}

#[test]
fn reasoning_is_paid_once_with_the_output() {
    // o4-mini: 1.10 and 4.40. 100 in: 110, 1,000 out: 4,400 millionths, of which 900 thought.
    let mut thinking = call("openai", "o4-mini-2025-04-16", tokens(100, 0, 0, 1_000));
    thinking.tokens.reasoning = Some(900);
    assert_usd(listed(&thinking), 0.004_510);
}

#[test]
fn a_long_input_has_a_price_of_its_own_as_a_whole() {
    // gemini-2.5-pro: 1.25 and 10 up to 200,000; above 2.50 and 15.
    let price = |input| {
        listed(&call(
            "google",
            "gemini-2.5-pro",
            tokens(input, 0, 0, 1_000),
        ))
    };
    assert_usd(price(200_000), 0.25 + 0.01);
    assert_usd(price(200_001), 0.500_002_5 + 0.015);
}

#[test]
fn a_date_belongs_to_its_family_and_the_longest_name_counts() {
    let mega = tokens(1_000_000, 0, 0, 0);
    for (provider, model, expected) in [
        ("openai", "gpt-4.1-mini-2025-04-14", 0.4),
        ("openai", "gpt-4.1-2025-04-14", 2.0),
        ("openai", "gpt-4o-2024-05-13", 5.0),
        ("openai", "gpt-4o-2024-11-20", 2.5),
        ("openai", "GPT-4o-mini", 0.15),
        ("azure", "gpt-4o", 2.5),
        ("openrouter", "openai/gpt-4o-mini", 0.15),
        ("openrouter", "anthropic/claude-haiku-4.5", 1.0),
        (
            "aws.bedrock",
            "us.anthropic.claude-haiku-4-5-20251001-v1:0",
            1.0,
        ),
        ("x_ai", "grok-4-0709", 6.0),
        ("mistral", "mistral-small-latest", 0.1),
        ("deepseek", "deepseek-chat", 0.28),
    ] {
        let usd = listed(&call(provider, model, mega));
        assert!((usd - expected).abs() < 1e-9, "{provider} {model}: {usd}");
    }
}

#[test]
fn what_is_not_in_the_list_is_unknown_and_not_the_next_best() {
    let some = tokens(1_000, 0, 0, 10);
    for (provider, model) in [
        ("openai", "gpt-4o-audio-preview"),
        ("openai", "gpt-4.5-preview"),
        ("openai", "gpt-41"),
        ("anthropic", "claude-opus-4-9"),
        ("openrouter", "openai/gpt-oss-20b:free"),
        ("openrouter", "gpt-4o"),
        ("somebody", "claude-sonnet-4-5"),
        ("anthropic", "openai/gpt-4o"),
    ] {
        assert!(unknown(&call(provider, model, some)), "{provider} {model}");
    }
}

#[test]
fn the_model_that_answered_is_the_one_to_be_paid() {
    let mut routed = call("azure", "my-deployment", tokens(1_000_000, 0, 0, 0));
    routed.answered = Some("gpt-4.1-nano-2025-04-14".into());
    assert_usd(listed(&routed), 0.1);
}

#[test]
fn models_on_ones_own_machine_are_free_whatever_they_are() {
    for provider in ["ollama", "vllm", "llama.cpp", "lmstudio"] {
        assert_usd(listed(&call(provider, "anything", tokens(5, 0, 0, 5))), 0.0);
    }
    // Also if they do not count.
    assert_usd(listed(&call("ollama", "anything", Tokens::default())), 0.0);
}

#[test]
fn what_the_gateway_says_wins() {
    let mut said = call("openrouter", "openai/gpt-4o", tokens(1_000, 0, 0, 10));
    said.cost = Some(0.25);
    assert_eq!(
        Prices::listed().unwrap().cost(&said),
        Some(Cost::Said(0.25))
    );
}

#[test]
fn a_call_that_does_not_say_what_it_wrote_is_unknown() {
    let mut broken_off = call("openai", "gpt-4o", tokens(1_000, 0, 0, 0));
    broken_off.tokens.output = None;
    assert!(unknown(&broken_off));
    // Embeddings write nothing.
    broken_off.model = Some("text-embedding-3-small".into());
    assert_usd(listed(&broken_off), 0.000_02);
}

#[test]
fn a_sum_says_that_a_part_of_it_is_unknown() {
    let known = call("openai", "gpt-4o", tokens(1_000_000, 0, 0, 0));
    let odd = call("somebody", "x", tokens(1, 0, 0, 1));
    let mut refused = call("openai", "gpt-4o", Tokens::default());
    refused.status = "failed".into();
    let prices = Prices::listed().unwrap();
    let expected = Sum {
        usd: Some(2.5),
        estimated: true,
        unknown: 1,
    };
    assert_eq!(prices.sum([&known, &odd, &refused]), expected);
    assert_eq!(prices.sum([&refused]), Sum::default());
    assert_eq!(prices.sum([&odd]).usd, None);
}

#[test]
fn scripts_read_a_sum_without_the_dust_of_binary_fractions() {
    let mut sum = Sum::default();
    for _ in 0..3 {
        sum.add(Cost::Said(0.1));
    }
    assert_ne!(sum.usd, Some(0.3), "as floating point has it");
    let json = serde_json::to_string(&sum).unwrap();
    assert_eq!(
        json,
        r#"{"cost_usd":0.3,"cost_estimated":false,"cost_unknown_calls":0}"#
    );
}
