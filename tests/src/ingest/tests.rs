//! The validator, validated.

mod batches;
mod captures;
mod events;
mod http;
mod traces;
mod values;

use serde_json::{Value, json};

use super::ledger::{Ledger, Limits, Verdict};
use super::{Rule, Violation};

const LIMITS: Limits = Limits {
    events: 100,
    bytes: 512_000,
};
const STORED: Verdict = Verdict {
    stored: true,
    confirmed: true,
};

/// Returns a run with each thing that has a beginning and an end, where everything is right.
fn run() -> Vec<Value> {
    let at = |seconds: u64| format!("2026-11-22T14:58:{seconds:02}.000500Z");
    let ended = |started: u64, ended: u64| {
        json!({
            "started_at": at(started), "ended_at": at(ended),
            "duration_ms": (ended - started) as f64 * 1e3,
            "status": "ok", "outcome": {"success": true, "status": "ok"},
        })
    };
    let span = |id: &str, kind: &str| {
        json!({
            "span_id": format!("span_{id}"), "span_type": kind, "name": kind,
            "attributes": {"span_type": kind},
        })
    };
    let (outer, llm, tool) = (
        span("00000000000000a1", "task"),
        span("00000000000000a2", "llm"),
        json!({
            "span_id": "span_00000000000000a3", "span_type": "tool", "name": "search",
            "parent_span_id": "span_00000000000000a1",
            "tool": {"name": "search", "tool_call_id": "call_1", "status": "started"},
        }),
    );
    let inside = json!({"parent_span_id": "span_00000000000000a1"});
    let model =
        json!({"model": {"provider": "openai", "model": "gpt-4.1-mini", "temperature": 0.2}});
    let parts: Vec<(&str, Vec<Value>)> = vec![
        (
            "trace.start",
            vec![json!({
                "name": "support", "started_at": at(1), "raw": {"input": {"question": null}},
                "context": {"user_id": "u1", "user_traits": {}}, "agent": {"name": "support"},
            })],
        ),
        (
            "span.start",
            vec![outer.clone(), json!({"started_at": at(1)})],
        ),
        (
            "span.start",
            vec![
                llm.clone(),
                inside.clone(),
                model.clone(),
                json!({"started_at": at(1)}),
            ],
        ),
        (
            "llm.stream_start",
            vec![
                llm.clone(),
                inside.clone(),
                model.clone(),
                json!({"started_at": at(1)}),
            ],
        ),
        (
            "span.update",
            vec![
                llm.clone(),
                inside.clone(),
                json!({"raw": {"input": {"a": 1}}}),
            ],
        ),
        (
            "llm.stream_chunk",
            vec![
                llm.clone(),
                inside.clone(),
                json!({"attributes": {"span_type": "llm", "chunk_index": 0}, "raw": {"chunk": "Hel"}}),
            ],
        ),
        (
            "llm.stream_end",
            vec![
                llm.clone(),
                inside.clone(),
                json!({"attributes": {"span_type": "llm", "chunk_count": 1}, "raw": {"output": "Hel"}}),
            ],
        ),
        (
            "span.end",
            vec![
                llm,
                inside.clone(),
                model,
                ended(1, 3),
                json!({"usage": {"input_tokens": 21, "output_tokens": 0, "cost_usd": 0.002}}),
            ],
        ),
        (
            "tool.call",
            vec![
                tool.clone(),
                json!({"started_at": at(3), "raw": {"arguments": {}}}),
            ],
        ),
        (
            "tool.result",
            vec![
                tool,
                ended(3, 3),
                json!({"tool": {"name": "search", "tool_call_id": "call_1", "status": "ok"}}),
            ],
        ),
        (
            "message",
            vec![json!({
                "span_id": "span_00000000000000a1",
                "message": {"role": "user", "content": null, "is_internal": false},
            })],
        ),
        ("span.end", vec![outer, ended(1, 4)]),
        ("trace.end", vec![json!({"name": "support"}), ended(1, 4)]),
        (
            "feedback",
            vec![json!({"name": "stars", "attributes": {"value": 5}})],
        ),
        (
            "identity.update",
            vec![json!({"context": {"user_id": "u1", "user_traits": {"plan": "pro"}}})],
        ),
    ];
    parts
        .into_iter()
        .enumerate()
        .map(|(index, (kind, parts))| {
            let mut event = json!({
                "event_id": format!("evt_00000000-0000-4000-8000-{index:012}"),
                "event_type": kind, "schema_version": "1.0", "sequence": index + 1,
                "trace_id": "trace_00000000-0000-4000-8000-000000000000", "occurred_at": at(5),
            });
            for part in parts {
                event
                    .as_object_mut()
                    .unwrap()
                    .extend(part.as_object().unwrap().clone());
            }
            event
        })
        .collect()
}

fn envelope(events: &[Value]) -> Value {
    json!({
        "schema_version": "1.0", "source": "sdk_rust",
        "sdk": {"name": "mv37.rollout", "version": "0.1.0", "language": "rust"},
        "batch_id": "batch_00000000-0000-4000-8000-000000000000",
        "sent_at": "2026-11-22T14:58:06Z", "events": events,
    })
}

/// Returns what is wrong with these bodies, and what is missing.
fn judge<B: AsRef<[u8]>>(bodies: impl IntoIterator<Item = B>) -> (Vec<Violation>, Vec<Violation>) {
    let mut ledger = Ledger::default();
    for body in bodies {
        let envelope = ledger.body(body.as_ref(), LIMITS);
        ledger.settle(&envelope, |_| STORED);
    }
    (ledger.violations(), ledger.missing())
}

fn judge_events(events: &[Value]) -> (Vec<Violation>, Vec<Violation>) {
    judge([envelope(events).to_string()])
}

/// Returns the rules and places of violations.
fn told(violations: &[Violation]) -> Vec<(Rule, &str)> {
    violations
        .iter()
        .map(|violation| (violation.rule, violation.path.as_str()))
        .collect()
}

#[test]
fn a_run_that_is_right_breaks_no_rule() {
    let (wrong, missing) = judge_events(&run());
    assert_eq!((told(&wrong), told(&missing)), (Vec::new(), Vec::new()));
}
