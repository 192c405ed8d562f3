//! One event that breaks one rule.

use serde_json::{Value, json};

use super::{judge_events, run};
use crate::ingest::Rule;

/// What is done to an event.
pub(super) enum Change {
    Set(Value),
    Remove,
}

use Change::{Remove, Set};

/// Changes the first event of this type at this place, and checks that the rule is found there. Other
/// rules may be broken by that as well.
#[track_caller]
pub(super) fn breaks(kind: &str, place: &str, change: Change, rule: Rule) {
    let mut events = run();
    let index = events
        .iter()
        .position(|event| event["event_type"] == kind)
        .unwrap();
    let mut target = &mut events[index];
    let keys: Vec<_> = place.split('/').collect();
    for key in &keys[..keys.len() - 1] {
        target = target
            .as_object_mut()
            .unwrap()
            .entry(*key)
            .or_insert(json!({}));
    }
    let last = keys[keys.len() - 1];
    match change {
        Set(value) => target[last] = value,
        Remove => {
            target.as_object_mut().unwrap().remove(last).unwrap();
        }
    }
    let (wrong, _) = judge_events(&events);
    let path = format!("events[{index}].{}", place.replace('/', "."));
    let found = wrong.iter().any(|violation| {
        violation.rule == rule && violation.path == path && violation.event.is_some()
    });
    assert!(found, "{rule:?} at {path} is not in {wrong:#?}");
}

#[test]
fn keys_that_nobody_knows() {
    for place in [
        "color",
        "agent/color",
        "model/color",
        "tool/color",
        "usage/color",
        "outcome/color",
        "error/color",
        "context/color",
        "message/color",
        "integration/color",
        "links/color",
    ] {
        breaks("span.end", place, Set(json!("red")), Rule::UnknownKey);
    }
}

#[test]
fn keys_that_every_event_has() {
    for key in ["event_id", "event_type", "schema_version", "occurred_at"] {
        breaks("span.update", key, Remove, Rule::Missing);
    }
}

#[test]
fn keys_that_events_of_a_type_have() {
    for (kind, keys) in [
        ("trace.start", "trace_id sequence name started_at"),
        (
            "trace.end",
            "sequence name started_at ended_at duration_ms status outcome/success",
        ),
        (
            "span.start",
            "span_id sequence span_type name started_at attributes/span_type",
        ),
        ("span.update", "span_id sequence span_type name raw"),
        (
            "span.end",
            "span_id span_type name started_at ended_at duration_ms status outcome/status",
        ),
        (
            "llm.stream_start",
            "span_id sequence span_type name started_at",
        ),
        (
            "llm.stream_chunk",
            "span_id sequence attributes/chunk_index raw/chunk",
        ),
        ("llm.stream_end", "span_id sequence attributes/chunk_count"),
        (
            "tool.call",
            "sequence span_type name started_at tool/name tool/tool_call_id tool/status",
        ),
        (
            "tool.result",
            "sequence name ended_at duration_ms status tool/name tool/tool_call_id",
        ),
        ("message", "message/role"),
        ("feedback", "name attributes/value"),
        ("identity.update", "context/user_id"),
    ] {
        for key in keys.split(' ') {
            breaks(kind, key, Remove, Rule::Missing);
        }
    }
}

#[test]
fn keys_in_the_wrong_event() {
    for (kind, place) in [
        ("trace.start", "span_id"),
        ("trace.end", "parent_span_id"),
        ("span.start", "ended_at"),
        ("span.start", "status"),
        ("span.start", "raw/output"),
        ("span.update", "duration_ms"),
        ("span.end", "raw/input"),
        ("tool.call", "raw/result"),
        ("tool.result", "raw/output"),
        ("llm.stream_end", "raw/chunk"),
    ] {
        breaks(kind, place, Set(json!("x")), Rule::Misplaced);
    }
    for (kind, place) in [
        ("span.update", "model"),
        ("span.end", "tool"),
        ("span.start", "usage"),
    ] {
        breaks(kind, place, Set(json!({"x": 1})), Rule::Misplaced);
    }
}

#[test]
fn an_event_of_no_trace() {
    for id in [Value::Null, json!("")] {
        let mut events = run();
        events[4]["trace_id"] = id;
        let (wrong, _) = judge_events(&events);
        assert!(
            wrong
                .iter()
                .any(|v| v.rule == Rule::NoTrace && v.path == "events[4]"),
            "{wrong:#?}"
        );
    }
}

#[test]
fn events_that_contradict_themselves() {
    breaks(
        "span.end",
        "outcome/success",
        Set(json!(false)),
        Rule::Contradiction,
    );
    breaks(
        "span.end",
        "outcome/status",
        Set(json!("error")),
        Rule::Contradiction,
    );
    breaks(
        "span.end",
        "duration_ms",
        Set(json!(1)),
        Rule::Contradiction,
    );
    breaks(
        "span.end",
        "attributes/span_type",
        Set(json!("tool")),
        Rule::Contradiction,
    );
    breaks(
        "tool.call",
        "tool/status",
        Set(json!("ok")),
        Rule::Contradiction,
    );
    breaks(
        "tool.result",
        "tool/status",
        Set(json!("error")),
        Rule::Contradiction,
    );
    // An error with a status of success, and the other way round.
    breaks(
        "trace.end",
        "error",
        Set(json!({"type": "E"})),
        Rule::Contradiction,
    );
    let mut events = run();
    let end = events
        .iter_mut()
        .find(|event| event["event_type"] == "trace.end")
        .unwrap();
    end["status"] = json!("error");
    end["outcome"] = json!({"success": false, "status": "error"});
    let (wrong, _) = judge_events(&events);
    assert_eq!(
        super::told(&wrong),
        [(Rule::Contradiction, "events[12].error")]
    );
}

#[test]
fn times_that_run_backwards() {
    breaks(
        "span.end",
        "ended_at",
        Set(json!("2026-11-22T14:58:00Z")),
        Rule::Backwards,
    );
    breaks(
        "span.start",
        "occurred_at",
        Set(json!("2026-11-22T14:58:00Z")),
        Rule::Backwards,
    );
    // The envelope was sent at 14:58:06.
    breaks(
        "message",
        "occurred_at",
        Set(json!("2026-11-22T14:58:06.000001Z")),
        Rule::Backwards,
    );
}

#[test]
fn a_span_around_itself() {
    let id = json!("span_00000000000000a2");
    breaks("span.update", "parent_span_id", Set(id), Rule::Parent);
}
