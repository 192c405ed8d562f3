//! What is told of a step.

use super::*;

#[test]
fn what_has_not_ended_took_as_long_as_is_known_so_far() {
    let events = [
        event("trace.start", "t", 0, json!({"name": "agent"})),
        event(
            "span.start",
            "t",
            10,
            json!({"span_id": "task", "name": "plan"}),
        ),
        event(
            "span.start",
            "t",
            20,
            json!({"span_id": "a", "parent_span_id": "task", "name": "a"}),
        ),
        event(
            "span.end",
            "t",
            70,
            json!({"span_id": "a", "duration_ms": 50, "status": "ok"}),
        ),
        event(
            "span.start",
            "t",
            80,
            json!({"span_id": "b", "parent_span_id": "task", "name": "b"}),
        ),
    ];
    let expected = "\
… agent · 80 ms · not finished · 2026-01-01 00:00:00Z · t
└─ … plan · 70 ms · not finished
   ├─ ✓ a · 50 ms
   └─ … b · not finished";
    assert_eq!(runs(&events)[0].to_string(), expected);
}

#[test]
fn a_stream_says_what_is_missing_of_it() {
    let (attributes, id) = (
        json!({
            "rollout.stream.complete": false, "rollout.stream.lost_chunks": 1200,
            "gen_ai.response.time_to_first_chunk": 0.25, "rollout.truncated": ["output"],
        }),
        json!("s"),
    );
    let end = |status: &str| {
        json!({
            "span_id": id, "span_type": "llm", "name": "openai.chat.completions", "status": status,
            "duration_ms": 1500, "model": {"provider": "openrouter", "model": "qwen"},
            "usage": {"output_tokens": 9, "cost_usd": 0.25}, "attributes": attributes,
        })
    };
    let line = |status| {
        let run = &runs(&[event("span.end", "t", 9, end(status))])[0];
        run.tree()
            .width(200)
            .to_string()
            .lines()
            .nth(1)
            .unwrap()
            .to_owned()
    };
    let call = "llm openai.chat.completions · openrouter · qwen · 1.50 s · first token 250 ms · 9 tokens out · $0.25";
    assert_eq!(
        line("ok"),
        format!("└─ ✓ {call} · incomplete · 1,200 chunks lost · output cut")
    );
    assert_eq!(
        line("interrupted"),
        format!("└─ ⊘ {call} · interrupted · 1,200 chunks lost · output cut")
    );
    assert_eq!(
        line("cancelled"),
        format!("└─ ⊘ {call} · cancelled · 1,200 chunks lost · output cut")
    );
}

#[test]
fn an_error_is_told_with_its_attempts_and_what_the_provider_said() {
    let end = json!({
        "span_id": "s", "span_type": "llm", "name": "openai.responses", "status": "error",
        "error": {"type": "OpenAIError", "message_preview": "failed to deserialize"},
        "attributes": {
            "http.response.status_code": 429, "rollout.error.code": "rate_limit_exceeded",
            "rollout.error.message": "slow down", "rollout.error.sources": ["expected a value"],
            "rollout.attempt_count": 3,
            "rollout.attempts": [{"status": 503}, {"error": "timed out"}, {"status": 429}],
        },
    });
    let run = &runs(&[event("span.end", "t", 9, end)])[0];
    let expected = "\
… openai.responses · not finished · 2026-01-01 00:00:00Z · t
└─ ✗ llm openai.responses · 3 attempts (503, timed out, 429) · failed
     OpenAIError 429 rate_limit_exceeded: failed to deserialize: expected a value: slow down
1 model call · 1 error";
    assert_eq!(run.tree().width(120).to_string(), expected);
}

#[test]
fn requests_for_tools_keep_their_arguments_though_the_end_repeats_their_names_alone() {
    let answer = json!({"choices": [{"message": {"role": "assistant", "tool_calls": [
        {"id": "c", "type": "function", "function": {"name": "find", "arguments": "{\"q\": \"x\"}"}}
    ]}}]});
    let listed = json!({
        "rollout.tool_calls": [{"id": "c", "name": "find"}],
        "rollout.server_tool_calls": [{"id": "w", "type": "web_search_call", "name": null}],
    });
    let events = [
        event(
            "llm.stream_end",
            "t",
            1,
            json!({"span_id": "s", "raw": {"output": answer}}),
        ),
        event(
            "span.end",
            "t",
            1,
            json!({"span_id": "s", "span_type": "llm", "attributes": listed}),
        ),
    ];
    let tree = runs(&events)[0].to_string();
    assert!(tree.contains("→ calls find(q: \"x\")"), "{tree}");
    assert!(tree.contains("→ ran web_search_call"), "{tree}");
    // The answer was too long to be kept whole.
    let tree = runs(&events[1..])[0].to_string();
    assert!(tree.contains("→ calls find\n"), "{tree}");
}
