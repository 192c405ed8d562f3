mod folder;
mod nesting;
mod origin;
mod told;

use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::{CallOptions, LlmCall, MemoryExporter, Payload, Rollout, Scope, Timestamp, WireFormat};

/// An agent that asks a model, which asks for a tool, and that answers.
fn agent(rollout: &Rollout) {
    let trace = rollout.trace("support").user_id("u1").start();
    let _active = trace.enter();
    let call = |request: Value, response: Value| {
        let options = CallOptions::new(WireFormat::OpenAiChat);
        let call = LlmCall::start(&Scope::default(), options, || Payload::value(request));
        call.respond(|| Payload::value(response));
    };
    call(
        json!({"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": "Where is 1042?"}]}),
        json!({
            "id": "1", "model": "gpt-4.1-mini-2025-04-14",
            "choices": [{"index": 0, "finish_reason": "tool_calls", "message": {
                "role": "assistant", "content": null, "tool_calls": [
                    {"id": "call_1", "type": "function", "function": {"name": "lookup", "arguments": "{\"order\": 1042}"}}
                ]}}],
            "usage": {"prompt_tokens": 1204, "completion_tokens": 12, "total_tokens": 1216,
                "prompt_tokens_details": {"cached_tokens": 1024}},
        }),
    );
    let mut lookup = crate::span("retrieval")
        .name("lookup")
        .input(&json!({"order": "1042"}))
        .start();
    lookup.in_scope(|| crate::message("system", "cache miss").record());
    lookup.record_error(&std::io::Error::other("no such order"));
    lookup.end();
    call(
        json!({"model": "gpt-4.1-mini", "messages": [{"role": "tool", "content": "gone"}]}),
        json!({"choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "It is lost."}}],
            "usage": {"prompt_tokens": 20, "completion_tokens": 4}}),
    );
    trace.feedback("thumbs_up", false).record();
}

fn recorded(work: impl FnOnce(&Rollout)) -> MemoryExporter {
    let memory = MemoryExporter::new();
    let rollout = Rollout::builder()
        .exporter(memory.clone())
        .stepping_clock(Timestamp::from_unix_nanos(1_000_000_000))
        .build()
        .unwrap();
    work(&rollout);
    rollout.flush(Duration::from_secs(60)).unwrap();
    memory
}

fn lines(memory: &MemoryExporter) -> Vec<Value> {
    let events = memory.events();
    events
        .iter()
        .map(|event| serde_json::to_value(event).unwrap())
        .collect()
}

#[test]
fn a_run_is_shown_as_a_tree() {
    let memory = recorded(agent);
    let trace = memory.runs()[0].trace_id.clone();
    let expected = "\
✓ support · 9.0 ms · 1970-01-01 00:00:01Z · TRACE · user u1
├─ ✓ llm openai.chat.completions · gpt-4.1-mini → gpt-4.1-mini-2025-04-14 · 1.0 ms · 1,204 (1,024 cached) → 12 tokens · tool_calls
│    in  user: Where is 1042?
│    → calls lookup(order: 1042)
├─ ✗ retrieval lookup · 2.0 ms · failed
│  │ in  order: \"1042\"
│  │ io::Error: no such order
│  └─ · message system: cache miss
├─ ✓ llm openai.chat.completions · gpt-4.1-mini · 1.0 ms · 20 → 4 tokens · stop
│    in  tool: gone
│    out It is lost.
└─ · feedback thumbs_up: false
2 model calls 2.0 ms · 1,224 (1,024 cached) → 16 tokens · 1 error";
    let tree = memory.runs()[0].tree().width(160).to_string();
    assert_eq!(tree.replace(&trace, "TRACE"), expected, "\n{tree}");
}

#[test]
fn the_order_of_the_lines_makes_no_difference() {
    let memory = recorded(agent);
    let mut events = lines(&memory);
    let tree = memory.tree();
    for turn in 0..events.len() {
        events.rotate_left(1);
        if turn % 2 == 0 {
            events.reverse();
        }
        assert_eq!(runs(&events)[0].to_string(), tree);
    }
}

#[test]
fn what_is_missing_is_not_made_up() {
    let memory = recorded(agent);
    let events = lines(&memory);
    for missing in 0..events.len() {
        let mut rest = events.clone();
        rest.remove(missing);
        let runs = runs(&rest);
        assert_eq!(runs.len(), 1);
        assert!(!runs[0].steps.is_empty());
    }
    let unfinished: Vec<_> = events[..3].to_vec();
    let run = &runs(&unfinished)[0];
    assert_eq!(run.status, Status::Unfinished);
    assert!(run.to_string().starts_with("… support"), "{run}");
}

#[test]
fn recorded_text_does_nothing_to_the_terminal() {
    let memory = recorded(|rollout| {
        let trace = rollout.trace("evil \x1b[2J\u{202e}name").start();
        trace.span("task").input(&"\x1b]0;title\x07").start().end();
    });
    let tree = memory.tree();
    assert!(!tree.contains(['\x1b', '\x07', '\u{202e}']), "{tree:?}");
    let colored = memory.runs()[0].tree().colored(true).to_string();
    assert!(colored.contains("\x1b[32m"));
    assert!(!colored.contains("[2J\u{202e}"), "{colored:?}");
}

#[test]
fn lines_are_no_wider_than_asked_for() {
    let memory = recorded(agent);
    let tree = memory.runs()[0].tree().width(40).to_string();
    for line in tree.lines() {
        assert!(line.chars().count() <= 40, "{line}");
    }
}

/// Returns an event of a trace, so many milliseconds after midnight, with what else it tells.
fn event(kind: &str, trace: &str, at: u64, mut rest: Value) -> Value {
    let (minutes, seconds, millis) = (at / 60_000, at / 1_000 % 60, at % 1_000);
    let time = format!("2026-01-01T00:{minutes:02}:{seconds:02}.{millis:03}Z");
    if matches!(kind, "trace.start" | "span.start") {
        rest["started_at"] = json!(time);
    }
    rest["event_type"] = json!(kind);
    rest["trace_id"] = json!(trace);
    rest["occurred_at"] = json!(time);
    rest
}

fn inside(trace: &str) -> Value {
    json!({"attributes": {"rollout.parent.trace_id": trace}})
}
