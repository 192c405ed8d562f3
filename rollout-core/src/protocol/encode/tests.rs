use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    CallOptions, LlmCall, MemoryExporter, Payload, Rollout, Scope, Timestamp, Usage, WireFormat,
};

fn recorder() -> (Rollout, MemoryExporter) {
    let memory = MemoryExporter::new();
    let rollout = Rollout::builder()
        .exporter(memory.clone())
        .stepping_clock(Timestamp::from_unix_nanos(1_000_000_000))
        .build()
        .unwrap();
    (rollout, memory)
}

/// Returns the events as JSON, without their ids.
fn events(rollout: &Rollout, memory: &MemoryExporter) -> Vec<Value> {
    rollout.flush(Duration::from_secs(60)).unwrap();
    let events = memory.events();
    events
        .iter()
        .map(|event| {
            let mut value = serde_json::to_value(event).unwrap();
            let object = value.as_object_mut().unwrap();
            for key in [
                "event_id",
                "schema_version",
                "trace_id",
                "span_id",
                "occurred_at",
            ] {
                assert!(object.remove(key).is_some() || key == "span_id", "{key}");
            }
            value
        })
        .collect()
}

#[test]
fn a_trace_with_a_span_is_told_in_order() {
    let (rollout, memory) = recorder();
    let mut trace = rollout
        .trace("support")
        .user_id("u1")
        .attribute("channel", "mail")
        .start();
    let mut span = trace.span("retrieval").input(&"q").start();
    span.record_output(&["page 7"]);
    drop(span);
    trace.record_output(&"done");
    trace.end();

    assert_eq!(
        events(&rollout, &memory),
        [
            json!({
                "event_type": "trace.start", "sequence": 1, "name": "support",
                "started_at": "1970-01-01T00:00:01.000000Z",
                "attributes": {"channel": "mail"}, "context": {"user_id": "u1"},
            }),
            json!({
                "event_type": "span.start", "sequence": 2, "name": "retrieval",
                "span_type": "retrieval", "started_at": "1970-01-01T00:00:01.001000Z",
                "attributes": {"span_type": "retrieval"}, "context": {"user_id": "u1"},
            }),
            json!({
                "event_type": "span.update", "sequence": 3, "name": "retrieval",
                "span_type": "retrieval", "context": {"user_id": "u1"}, "raw": {"input": "q"},
            }),
            json!({
                "event_type": "span.end", "sequence": 4, "name": "retrieval",
                "span_type": "retrieval", "status": "ok",
                "started_at": "1970-01-01T00:00:01.001000Z",
                "ended_at": "1970-01-01T00:00:01.002000Z", "duration_ms": 1.0,
                "attributes": {"span_type": "retrieval"}, "context": {"user_id": "u1"},
                "outcome": {"success": true, "status": "ok"}, "raw": {"output": ["page 7"]},
            }),
            json!({
                "event_type": "trace.end", "sequence": 5, "name": "support", "status": "ok",
                "started_at": "1970-01-01T00:00:01.000000Z",
                "ended_at": "1970-01-01T00:00:01.003000Z", "duration_ms": 3.0,
                "attributes": {"channel": "mail"}, "context": {"user_id": "u1"},
                "outcome": {"success": true, "status": "ok"}, "raw": {"output": "done"},
            }),
        ]
    );
}

#[test]
fn a_clock_that_is_set_back_turns_no_duration_around() {
    const START: u64 = 1_000_000_000;
    let (rollout, memory) = recorder();
    let trace = rollout.trace("support").start();
    let span = trace.span("retrieval").start();
    rollout.flush(Duration::from_secs(60)).unwrap();
    rollout
        .core()
        .clock
        .follow(Timestamp::from_unix_nanos(START / 2));
    drop(span);
    trace.end();
    rollout.flush(Duration::from_secs(60)).unwrap();
    let events = memory.events();
    let ends: Vec<_> = events.iter().filter(|it| it.ended_at.is_some()).collect();
    assert_eq!(ends.len(), 2);
    for end in ends {
        let [started, ended] = [end.started_at, end.ended_at].map(|it| it.unwrap().unix_nanos());
        assert!(ended < START, "the clock was set back");
        let lasted = Duration::from_nanos(ended.checked_sub(started).unwrap());
        assert_eq!(end.duration_ms, Some(lasted.as_secs_f64() * 1e3), "{end:?}");
    }
    let sequences: Vec<_> = events.iter().filter_map(|event| event.sequence).collect();
    assert_eq!(sequences, [1, 2, 3, 4]);
}

#[test]
fn a_trace_says_what_outlives_it() {
    let (rollout, memory) = recorder();
    let trace = rollout.trace("support").user_id("u1").start();
    let late = trace.span("stream").start();
    trace.span("task").start().end();
    trace.end();
    late.end();
    let events = events(&rollout, &memory);
    let told: Vec<_> = events
        .iter()
        .map(|event| event["event_type"].as_str().unwrap())
        .collect();
    assert_eq!(told[4..], ["trace.end", "span.end"]);
    assert_eq!(events[4]["attributes"], json!({"rollout.open_spans": 1}));
    // It keeps its place and its user.
    assert_eq!(events[5]["sequence"], 6);
    assert_eq!(events[5]["context"]["user_id"], "u1");
}

#[test]
fn what_returns_nothing_has_no_output() {
    let (rollout, memory) = recorder();
    let mut trace = rollout.trace("support").start();
    let mut span = trace.span("task").start();
    span.record_output(&None::<u32>);
    span.end();
    trace.record_output(&());
    trace.end();
    let events = events(&rollout, &memory);
    assert!(
        events.iter().all(|event| event["raw"].is_null()),
        "{events:?}"
    );
}

#[test]
fn a_call_outside_a_trace_gets_one_of_its_own() {
    let (rollout, memory) = recorder();
    let scope = Scope::of(&rollout, crate::WrapOptions::new().provider("openrouter"));
    let request = json!({"model": "gpt-4.1-mini", "temperature": 0.5, "messages": []});
    let call = LlmCall::start(&scope, CallOptions::new(WireFormat::OpenAiChat), || {
        Payload::value(request)
    });
    drop(call);
    let events = events(&rollout, &memory);
    let told: Vec<_> = events
        .iter()
        .map(|e| (&e["event_type"], &e["name"], &e["status"]))
        .collect();
    let name = &json!("openai.chat.completions");
    assert_eq!(
        told,
        [
            (&json!("trace.start"), name, &Value::Null),
            (&json!("span.start"), name, &Value::Null),
            (&json!("span.update"), name, &Value::Null),
            (&json!("span.end"), name, &json!("cancelled")),
            (&json!("trace.end"), name, &json!("cancelled")),
        ]
    );
    assert_eq!(events[1]["model"]["provider"], "openrouter");
    assert_eq!(events[1]["attributes"]["provider"], "openrouter");
}

#[test]
fn a_trace_in_a_trace_is_its_own_and_says_where_it_began() {
    let (rollout, memory) = recorder();
    let outer = rollout.trace("outer").start();
    let outer_id = outer.id().unwrap();
    outer.in_scope(|| {
        crate::trace("inner")
            .start()
            .in_scope(|| crate::span("step").start().end());
    });
    drop(outer);
    rollout.flush(Duration::from_secs(60)).unwrap();
    let events = memory.events();
    let inner: Vec<_> = events
        .iter()
        .filter(|e| e.trace_id != Some(outer_id.to_string()))
        .collect();
    assert_eq!(inner.len(), 4);
    // defect_50: no span of the outer trace is a parent in the inner one.
    assert!(inner.iter().all(|event| event.parent_span_id.is_none()));
    assert_eq!(
        inner[0].attributes["rollout.parent.trace_id"],
        outer_id.to_string()
    );
    assert_eq!(
        inner
            .iter()
            .map(|e| e.sequence.unwrap())
            .collect::<Vec<_>>(),
        [1, 2, 3, 4]
    );
}

#[test]
fn pieces_of_any_step_are_shown_while_it_runs_and_are_its_output() {
    let (rollout, memory) = recorder();
    let trace = rollout.trace("support").start();
    let tool = trace.tool("export").start();
    let told = [trace.span("export").start(), tool, trace.llm("say").start()];
    for mut step in told {
        for nth in 0..20 {
            step.record_chunk(if nth % 2 == 0 { "tick " } else { "tock " });
        }
    }
    drop(trace);
    let events = events(&rollout, &memory);
    let all = "tick tock ".repeat(10);
    for (end, output) in [("span.end", "output"), ("tool.result", "result")] {
        let mut ends = events.iter().filter(|event| event["event_type"] == end);
        assert!(ends.all(|end| end["raw"][output] == all.as_str()), "{end}");
    }
    let updates = events
        .iter()
        .filter(|event| event["event_type"] == "span.update");
    let shown: Vec<_> = updates
        .map(|event| event["attributes"]["chunk_count"].as_u64().unwrap())
        .collect();
    assert_eq!(shown, [1, 20, 1, 20, 1, 20]);
    assert_eq!(events.len(), 2 + 3 * 4, "no chunks by themselves");
}

#[test]
fn pieces_are_not_the_output_where_another_is_told() {
    let memory = MemoryExporter::new();
    let builder = Rollout::builder().capture_stream_chunks(true);
    let rollout = builder
        .max_value_bytes(64)
        .exporter(memory.clone())
        .build()
        .unwrap();
    let trace = rollout.trace("support").start();
    for output in [Some("whole"), None] {
        let mut step = trace.span("export").start();
        step.record_chunk("a piece");
        step.record_chunk(" that is long".repeat(5));
        if let Some(output) = output {
            step.record_output(output);
        }
    }
    drop(trace);
    let events = events(&rollout, &memory);
    let ends = events
        .iter()
        .filter(|event| event["event_type"] == "span.end");
    let [told, cut] = ends.collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(told["raw"]["output"], "whole");
    assert!(told["attributes"].get("rollout.truncated").is_none());
    assert_eq!(cut["raw"]["output"], "a piece");
    assert_eq!(cut["attributes"]["rollout.truncated"], json!(["output"]));
}

#[test]
fn usage_that_is_told_bit_by_bit_adds_up() {
    let (rollout, memory) = recorder();
    let mut call = rollout.trace("support").start().llm("say").start();
    call.set_usage(Usage::default().with_input_tokens(3).with_output_tokens(4));
    call.set_usage(Usage::default().with_output_tokens(5).with_cost_usd(0.5));
    drop(call);
    let events = events(&rollout, &memory);
    let end = events
        .iter()
        .find(|event| event["event_type"] == "span.end");
    let expected = json!({"input_tokens": 3, "output_tokens": 5, "cost_usd": 0.5});
    assert_eq!(end.unwrap()["usage"], expected);
}

#[test]
fn ids_that_are_blank_are_none() {
    let (rollout, memory) = recorder();
    let trace = rollout.trace("support").external_trace_id(" ").start();
    drop(trace.tool("lookup").tool_call_id("").start());
    drop(trace);
    let events = events(&rollout, &memory);
    let mut external = events.iter().map(|event| event.get("external_trace_id"));
    assert!(external.all(|id| id.is_none()));
    let call = events[1]["tool"]["tool_call_id"].as_str().unwrap();
    assert!(call.starts_with("tool_"), "{call}");
    assert_eq!(events[2]["tool"]["tool_call_id"], call);
}

#[test]
fn arguments_that_a_tool_is_told_late_have_a_shape_as_well() {
    let (rollout, memory) = recorder();
    let trace = rollout.trace("support").start();
    let call = trace.tool("weather").start();
    call.record_input(&json!({"city": "Paris"}));
    drop((call, trace));
    let events = events(&rollout, &memory);
    assert!(events[1]["tool"].get("args_shape_hash").is_none());
    assert_eq!(
        events[3]["tool"]["args_shape_hash"],
        "7087b08142c1bd2949104fc3"
    );
}
