use std::fs;
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::{
    CallOptions, LlmCall, LocalExporter, MemoryExporter, Payload, Rollout, Scope, Timestamp,
    WireFormat,
};

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
                    {"id": "call_1", "type": "function", "function": {"name": "lookup", "arguments": "{}"}}
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
├─ ✓ llm openai.chat.completions · gpt-4.1-mini · 1.0 ms · 1,204 (1,024 cached) → 12 tokens · tool_calls
│    in  user: Where is 1042?
│    → calls lookup
├─ ✗ retrieval lookup · 2.0 ms · failed
│  │ in  order: \"1042\"
│  │ error::Error: no such order
│  └─ · message system: cache miss
├─ ✓ llm openai.chat.completions · gpt-4.1-mini · 1.0 ms · 20 → 4 tokens · stop
│    in  tool: gone
│    out It is lost.
└─ · feedback thumbs_up: false
2 model calls 2.0 ms · 1,224 (1,024 cached) → 16 tokens · 1 error";
    let tree = memory.runs()[0].tree().width(140).to_string();
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
fn a_run_inside_another_is_shown_there() {
    let memory = recorded(|rollout| {
        let outer = rollout.trace("outer").start();
        let span = outer.span("task").start();
        span.in_scope(|| {
            let inner = crate::trace("inner").start();
            inner.in_scope(|| crate::span("step").start().end());
        });
    });
    let runs = memory.runs();
    assert_eq!(runs.len(), 1);
    let task = &runs[0].steps[0];
    assert_eq!((task.label.as_str(), task.steps.len()), ("task", 1));
    let inner = &task.steps[0];
    assert_eq!((inner.kind, inner.name.as_str()), (StepKind::Run, "inner"));
    assert_eq!(inner.steps[0].label, "step");
}

#[test]
fn tools_without_a_span_of_their_own_hang_where_they_were_called() {
    // As the Python SDK writes them.
    let event = |kind: &str, rest: Value| {
        let mut event =
            json!({"event_type": kind, "trace_id": "t", "occurred_at": "2026-01-01T00:00:00Z"});
        event
            .as_object_mut()
            .unwrap()
            .extend(rest.as_object().unwrap().clone());
        event
    };
    let tool = |id: &str, status: &str| json!({"span_id": "s", "tool": {"name": "add", "tool_call_id": id, "status": status}});
    let events = [
        event("span.start", json!({"span_id": "s", "span_type": "task"})),
        event("tool.call", tool("a", "started")),
        event("tool.call", tool("b", "started")),
        event("tool.result", tool("a", "ok")),
        event("tool.result", tool("b", "error")),
        event("span.end", json!({"span_id": "s", "status": "ok"})),
    ];
    let run = &runs(&events)[0];
    let statuses: Vec<_> = run.steps[0]
        .steps
        .iter()
        .map(|step| (step.kind, &step.status))
        .collect();
    assert_eq!(
        statuses,
        [
            (StepKind::Tool, &Status::Ok),
            (StepKind::Tool, &Status::Failed)
        ]
    );
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

#[test]
fn events_that_make_no_sense_are_passed_over() {
    let circle = |id: &str, parent: &str| json!({"event_type": "span.start", "trace_id": "t", "span_id": id, "parent_span_id": parent});
    let mut events = vec![
        json!(null),
        json!({"event_type": "span.start"}),
        json!({"trace_id": "t"}),
        json!({"event_type": 7, "trace_id": "t"}),
        circle("a", "b"),
        circle("b", "a"),
        json!({"event_type": "thing.to.come", "trace_id": "t", "name": "new"}),
    ];
    for depth in 0..10_000 {
        events.push(circle(
            &format!("deep{depth}"),
            &format!("deep{}", depth + 1),
        ));
    }
    let runs = runs(&events);
    assert_eq!(runs.len(), 1);
    let tree = runs[0].tree().width(1_000).to_string();
    assert!(tree.contains("thing.to.come new"));
    assert!(tree.matches("deep").count() >= 10_000);
}

#[test]
fn a_folder_is_read_though_a_line_of_it_is_torn() {
    let dir = std::env::temp_dir().join(format!("rollout-show-{}", crate::TraceId::random()));
    let rollout = Rollout::builder()
        .exporter(LocalExporter::new(&dir).unwrap())
        .build()
        .unwrap();
    rollout.trace("first").start().end();
    rollout
        .trace("second")
        .external_trace_id("order-7")
        .start()
        .end();
    rollout.shutdown();
    fs::write(dir.join("zzz.jsonl"), "{\"event_type\":\"trace.st").unwrap();

    let runs = load(&dir).unwrap();
    let names: Vec<_> = runs.iter().map(|run| run.name.as_str()).collect();
    assert_eq!(names, ["first", "second"]);
    assert_eq!(latest(&dir).unwrap().unwrap().name, "second");
    assert_eq!(find(&dir, "order-7").unwrap().unwrap().name, "second");
    let short = &runs[0].trace_id["trace_".len().."trace_".len() + 12];
    assert_eq!(find(&dir, short).unwrap().unwrap().name, "first");
    assert_eq!(find(&dir, "").unwrap(), None);
    fs::remove_dir_all(&dir).unwrap();
}
