//! One value that may not stand where it stands.

use serde_json::{Value, json};

use super::events::Change::Set;
use super::events::breaks;
use super::{judge_events, run};
use crate::ingest::Rule;

#[test]
fn nulls() {
    for place in [
        "name",
        "duration_ms",
        "status",
        "attributes",
        "agent",
        "model",
        "usage",
        "outcome",
        "raw",
        "usage/input_tokens",
        "model/temperature",
        "outcome/success",
        "context/user_traits",
    ] {
        breaks("span.end", place, Set(Value::Null), Rule::Null);
    }
}

#[test]
fn other_types_than_are_wanted() {
    for (place, value) in [
        ("event_id", json!(1)),
        ("name", json!(1)),
        ("sequence", json!("8")),
        ("sequence", json!(8.0)),
        ("duration_ms", json!("1.5")),
        ("occurred_at", json!(1_763_823_481)),
        ("attributes", json!([])),
        ("model", json!("gpt")),
        ("model/temperature", json!("0.2")),
        ("usage/input_tokens", json!(21.5)),
        ("usage/input_tokens", json!("21")),
        ("usage/cost_usd", json!(true)),
        ("outcome/success", json!("true")),
        ("context/user_id", json!(7)),
        ("context/user_traits", json!([1])),
        ("message/index", json!(0.0)),
        ("error/type", json!({})),
        ("links/run_id", json!(1)),
        ("raw", json!("text")),
    ] {
        breaks("span.end", place, Set(value), Rule::Type);
    }
}

#[test]
fn texts_that_are_too_long() {
    for (place, most) in [
        ("trace_id", 200),
        ("external_trace_id", 200),
        ("span_id", 200),
        ("span_type", 80),
        ("name", 300),
        ("agent/id", 200),
        ("agent/version", 100),
        ("agent/environment", 100),
        ("model/provider", 100),
        ("model/model", 200),
        ("model/model_version", 100),
        ("model/reasoning_mode", 100),
        ("outcome/business_outcome", 200),
        ("outcome/failure_reason", 300),
        ("error/type", 200),
        ("error/signature", 300),
        ("error/message_preview", 1000),
        ("context/user_id", 200),
        ("context/conversation_id", 200),
        ("message/id", 200),
        ("message/role", 80),
        ("message/content_type", 80),
        ("integration/name", 100),
        ("links/dataset_id", 200),
        ("tool/name", 200),
        ("tool/args_shape_hash", 200),
    ] {
        // A character is a character, however many bytes it takes.
        breaks(
            "span.end",
            place,
            Set("é".repeat(most + 1).into()),
            Rule::Length,
        );
        let mut events = run();
        let end = events
            .iter_mut()
            .find(|event| event["event_type"] == "span.end")
            .unwrap();
        match place.split_once('/') {
            Some((object, key)) => end[object][key] = "é".repeat(most).into(),
            None => end[place] = "é".repeat(most).into(),
        }
        let (wrong, _) = judge_events(&events);
        assert!(
            wrong.iter().all(|violation| violation.rule != Rule::Length),
            "{wrong:#?}"
        );
    }
    for place in [
        "trace_id",
        "span_id",
        "span_type",
        "error/type",
        "message/role",
    ] {
        breaks("span.end", place, Set(json!("")), Rule::Length);
    }
}

#[test]
fn numbers_out_of_range() {
    for (place, value) in [
        ("sequence", json!(0)),
        ("sequence", json!(-1)),
        ("duration_ms", json!(-0.1)),
        ("usage/output_tokens", json!(-1)),
        ("usage/context_utilization", json!(-0.5)),
        ("usage/cost_usd", json!(-1)),
        ("tool/retry_count", json!(-1)),
        ("message/index", json!(-1)),
    ] {
        breaks("span.end", place, Set(value), Rule::Range);
    }
}

#[test]
fn texts_that_are_none_of_those_that_may_be() {
    breaks(
        "span.end",
        "event_type",
        Set(json!("span.ended")),
        Rule::Choice,
    );
    breaks(
        "span.end",
        "schema_version",
        Set(json!("2.0")),
        Rule::Choice,
    );
    breaks("span.end", "status", Set(json!("OK")), Rule::Choice);
    breaks(
        "span.end",
        "outcome/status",
        Set(json!("failed")),
        Rule::Choice,
    );
    breaks(
        "tool.call",
        "tool/status",
        Set(json!("running")),
        Rule::Choice,
    );
}

#[test]
fn moments_in_another_form() {
    for text in [
        "2026-11-22T14:58:01.469723+00:00",
        "2026-11-22 14:58:01Z",
        "2026-11-22T14:58:01.46Z",
        "2026-11-22T14:58:01.469723123Z",
        "2026-11-22T14:58:01",
        "2026-13-22T14:58:01Z",
        "",
    ] {
        breaks("span.end", "ended_at", Set(json!(text)), Rule::Timestamp);
    }
}

#[test]
fn ids_that_only_look_right() {
    let v1 = "00000000-0000-1000-8000-000000000000";
    for (place, text) in [
        ("event_id", format!("evt_{v1}")),
        ("event_id", "00000000-0000-4000-8000-000000000000".into()),
        (
            "event_id",
            "evt_00000000-0000-4000-8000-00000000000G".into(),
        ),
        ("trace_id", "trace_0000000000004000800000000000000".into()),
        ("span_id", "span_00000000000000a22".into()),
        ("parent_span_id", "span_00000000000000A1".into()),
        (
            "tool/tool_call_id",
            "tool_0000000000004000".to_owned() + "8",
        ),
    ] {
        breaks("tool.call", place, Set(json!(text)), Rule::IdForm);
    }
}
