//! Events that are right by themselves, and not together.

use serde_json::{Value, json};

use super::{envelope, judge, judge_events, run};
use crate::ingest::{Rule, Violation};

/// The place of the first event of this type.
fn place(events: &[Value], kind: &str) -> usize {
    events
        .iter()
        .position(|event| event["event_type"] == kind)
        .unwrap()
}

/// Gives events the numbers of their places.
fn renumber(events: &mut [Value]) {
    for (index, event) in events.iter_mut().enumerate() {
        event["sequence"] = json!(index + 1);
        event["event_id"] = json!(format!("evt_00000000-0000-4000-8000-{index:012}"));
    }
}

#[track_caller]
fn assert_has(violations: &[Violation], rule: Rule) {
    assert!(
        violations.iter().any(|found| found.rule == rule),
        "no {rule:?} in {violations:#?}"
    );
}

#[track_caller]
fn breaks_once_changed(rule: Rule, change: impl FnOnce(&mut Vec<Value>)) {
    let mut events = run();
    change(&mut events);
    renumber(&mut events);
    assert_has(&judge_events(&events).0, rule);
}

#[track_caller]
fn misses_once_without(kind: &str, rule: Rule) {
    let mut events = run();
    events.remove(place(&events, kind));
    if kind != "trace.end" {
        // Nobody knows how many are to come after the last number.
        assert_has(&judge_events(&events).1, Rule::Gap);
    }
    renumber(&mut events);
    assert_has(&judge_events(&events).1, rule);
}

#[test]
fn ends_that_never_come() {
    for kind in ["trace.end", "span.end", "llm.stream_end", "tool.result"] {
        misses_once_without(kind, Rule::LeftOpen);
    }
}

#[test]
fn starts_that_never_come() {
    for kind in ["trace.start", "span.start", "llm.stream_start", "tool.call"] {
        breaks_once_changed(Rule::NotStarted, |events| {
            events.remove(place(events, kind));
        });
    }
}

#[test]
fn starts_and_ends_that_come_twice() {
    for (kind, rule) in [
        ("trace.start", Rule::StartedTwice),
        ("span.start", Rule::StartedTwice),
        ("llm.stream_start", Rule::StartedTwice),
        ("tool.call", Rule::StartedTwice),
        ("span.end", Rule::EndedTwice),
        ("llm.stream_end", Rule::EndedTwice),
        ("tool.result", Rule::EndedTwice),
        ("trace.end", Rule::EndedTwice),
    ] {
        breaks_once_changed(rule, |events| {
            let at = place(events, kind);
            events.insert(at + 1, events[at].clone());
        });
    }
}

#[test]
fn news_after_the_end() {
    for (late, end) in [
        ("span.update", "span.end"),
        ("llm.stream_chunk", "llm.stream_end"),
        ("message", "trace.end"),
    ] {
        breaks_once_changed(Rule::AfterEnd, |events| {
            let event = events.remove(place(events, late));
            let end = place(events, end);
            events.insert(end + 1, event);
        });
    }
}

#[test]
fn a_span_that_ends_before_its_stream() {
    breaks_once_changed(Rule::LeftOpen, |events| {
        let at = place(events, "llm.stream_end");
        events.swap(at, at + 1);
    });
}

#[test]
fn a_parent_from_elsewhere() {
    let mut events = run();
    events[2]["parent_span_id"] = json!("span_00000000000000ff");
    assert_has(&judge_events(&events).0, Rule::Parent);
}

#[test]
fn ends_of_something_else() {
    for (kind, key, value) in [
        ("span.end", "name", json!("other")),
        ("span.end", "parent_span_id", json!("other")),
        ("trace.end", "name", json!("other")),
        ("trace.end", "external_trace_id", json!("other")),
        ("trace.end", "started_at", json!("2026-11-22T14:58:01.001Z")),
        ("span.update", "span_type", json!("tool")),
    ] {
        let mut events = run();
        let at = place(&events, kind);
        events[at][key] = value;
        assert_has(&judge_events(&events).0, Rule::Contradiction);
    }
}

#[test]
fn numbers_that_come_twice_or_late() {
    let mut events = run();
    events[4]["sequence"] = json!(4);
    assert_has(&judge_events(&events).0, Rule::Sequence);
    let mut events = run();
    events.swap(3, 4);
    assert_has(&judge_events(&events).0, Rule::Sequence);
}

#[test]
fn envelopes_may_overtake_each_other() {
    let events = run();
    let (first, second) = events.split_at(5);
    let mut late = envelope(first);
    late["batch_id"] = json!("batch_00000000-0000-4000-8000-000000000001");
    let (wrong, missing) = judge([envelope(second).to_string(), late.to_string()]);
    assert_eq!((wrong, missing), (Vec::new(), Vec::new()));
}

#[test]
fn what_a_trace_says_outlives_it() {
    let late = |announced: bool| {
        let mut events = run();
        let end = events.remove(place(&events, "trace.end"));
        let at = place(&events, "span.end");
        events.insert(at, end);
        if announced {
            events[at]["attributes"] = json!({"rollout.open_spans": 1});
        }
        // Nothing else comes after it.
        events.truncate(at + 2);
        renumber(&mut events);
        judge_events(&events).0
    };
    assert_has(&late(false), Rule::AfterEnd);
    let announced = late(true);
    assert!(
        announced.iter().all(|found| found.rule != Rule::AfterEnd),
        "{announced:#?}"
    );
}
