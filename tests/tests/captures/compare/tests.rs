use serde_json::json;

use super::*;
use crate::difference::EMPTY_OBJECTS;

/// An event as either SDK sends it; the number tells the ids of both apart.
fn event(id: u32, kind: &str, sequence: u64, more: Value) -> Value {
    let mut event = json!({
        "event_id": format!("evt_{:08x}-77b3-4da6-a3ce-929d0e0e4736", id + sequence as u32),
        "event_type": kind,
        "trace_id": format!("trace_{id:08x}-77b3-4da6-a3ce-929d0e0e4736"),
        "sequence": sequence,
        "occurred_at": format!("2026-11-22T14:58:{:02}.469723Z", id % 60),
        "name": "run",
    });
    let more = more.as_object().unwrap().clone();
    event.as_object_mut().unwrap().extend(more);
    event
}

/// A trace with two spans, one inside the other.
fn trace(id: u32) -> Vec<Value> {
    let outer = format!("span_{id:016x}");
    let inner = format!("span_{:016x}", id + 1);
    vec![
        event(
            id,
            "trace.start",
            1,
            json!({"raw": {"input": {"q": [1, null]}}}),
        ),
        event(id, "span.start", 2, json!({"span_id": outer})),
        event(
            id,
            "span.start",
            3,
            json!({"span_id": inner, "parent_span_id": outer, "attributes": {"k": 1}}),
        ),
        event(
            id,
            "span.end",
            4,
            json!({"span_id": inner, "parent_span_id": outer}),
        ),
        event(
            id,
            "span.end",
            5,
            json!({"span_id": outer, "duration_ms": f64::from(id) + 0.5}),
        ),
        event(id, "trace.end", 6, json!({"status": "ok"})),
    ]
}

fn compared(ours: Vec<Value>) -> Vec<String> {
    compare(trace(100), ours, &[])
}

/// Returns the problems with what a change makes of a trace.
fn mutated(change: impl FnOnce(&mut Vec<Value>)) -> String {
    let mut ours = trace(200);
    change(&mut ours);
    compared(ours).join("\n")
}

#[test]
fn the_same_with_other_ids_and_times_is_the_same() {
    assert_eq!(compared(trace(200)), Vec::<String>::new());
    assert_eq!(compared(trace(100)), Vec::<String>::new());
}

#[test]
fn an_event_that_is_missing_is_noticed() {
    for place in 0..6 {
        let problems = mutated(|events| drop(events.remove(place)));
        assert!(problems.contains("expected\n"), "{problems}");
    }
    assert_eq!(compared(Vec::new()), ["0 traces, not 1"]);
}

#[test]
fn an_event_too_many_is_noticed() {
    let problems = mutated(|events| {
        let again = event(
            300,
            "span.update",
            7,
            json!({"trace_id": events[0]["trace_id"]}),
        );
        events.push(again);
    });
    assert!(problems.contains("span.update run"), "{problems}");
    let problems = mutated(|events| events.push(event(300, "metric", 1, json!({}))));
    assert_eq!(problems, "2 traces, not 1");
}

#[test]
fn another_order_is_noticed() {
    // Of other types, and of the same.
    assert_ne!(mutated(|events| events.swap(3, 5)), "");
    assert_ne!(mutated(|events| events.swap(1, 2)), "");
    assert_ne!(mutated(|events| events.swap(3, 4)), "");
}

#[test]
fn another_value_is_noticed() {
    for (place, key, value) in [
        (0, "name", json!("walk")),
        (0, "event_type", json!("trace.end")),
        (0, "event_id", json!("evt_mine")),
        (3, "sequence", json!(5)),
        (1, "occurred_at", json!("yesterday")),
        (2, "occurred_at", json!(0)),
        (4, "duration_ms", json!(-1)),
        (4, "duration_ms", json!("0.5")),
        (5, "status", json!("error")),
    ] {
        let problems = mutated(|events| events[place][key] = value.clone());
        assert!(
            problems.contains(key) || problems.contains("expected"),
            "{key}: {problems}"
        );
    }
    let problems = mutated(|events| events[0]["raw"]["input"]["q"][1] = json!(2));
    assert_eq!(
        problems,
        "trace 1, 1: trace.start run: .raw.input.q is [1,2], not [1,null]"
    );
}

#[test]
fn a_member_too_many_or_too_few_is_noticed() {
    let problems = mutated(|events| events[2]["attributes"]["more"] = json!(null));
    assert_eq!(
        problems,
        "trace 1, 3: span.start run: .attributes.more is too much: null"
    );
    let problems = mutated(|events| {
        events[2].as_object_mut().unwrap().remove("attributes");
    });
    assert_eq!(
        problems,
        "trace 1, 3: span.start run: .attributes is missing: {\"k\":1}"
    );
    let problems = mutated(|events| {
        events[4].as_object_mut().unwrap().remove("duration_ms");
    });
    assert!(problems.contains(".duration_ms is missing"), "{problems}");
}

#[test]
fn another_relation_is_noticed() {
    // The inner span is a sibling, its own parent, or in another trace.
    let sibling = mutated(|events| {
        for event in &mut events[2..4] {
            event.as_object_mut().unwrap().remove("parent_span_id");
        }
    });
    assert!(sibling.contains(".parent_span_id is missing"), "{sibling}");
    let own = mutated(|events| events[2]["parent_span_id"] = events[2]["span_id"].clone());
    assert!(own.contains("<span 2>"), "{own}");
    let ends = mutated(|events| events[3]["span_id"] = events[1]["span_id"].clone());
    assert!(ends.contains(".span_id is"), "{ends}");
    let elsewhere = mutated(|events| {
        events[2]["trace_id"] = json!("trace_00000000-77b3-4da6-a3ce-929d0e0e4736");
    });
    assert!(elsewhere.contains("2 traces, not 1"), "{elsewhere}");
}

const OURS: Difference = Difference::attributes("only ours has it", "run", &["ours"]);
const SPANLESS: Difference = Difference::rule("the inner span is left out", |both| {
    both.leave_out(|event, _| event["parent_span_id"].is_string())
});

#[test]
fn a_difference_that_is_allowed_is_no_problem_and_has_to_be_there() {
    let mut ours = trace(200);
    ours[0]["attributes"] = json!({"ours": 1});
    assert!(!compared(ours.clone()).is_empty());
    assert_eq!(
        compare(trace(100), ours.clone(), &[&OURS]),
        Vec::<String>::new()
    );
    // No stale excuses.
    assert_eq!(
        compare(trace(100), trace(200), &[&OURS]),
        ["there is no attribute ours: only ours has it"]
    );
    assert_eq!(
        compare(trace(100), trace(200), &[&EMPTY_OBJECTS]),
        ["there is no such difference: objects that are empty are left out (defect 63)"]
    );
    // Nor of another name.
    const ELSEWHERE: Difference = Difference::attributes("elsewhere", "walk", &["ours"]);
    assert_eq!(compare(trace(100), ours.clone(), &[&ELSEWHERE]).len(), 2);
    // The reference's own attributes are none of ours.
    let mut theirs = trace(100);
    theirs[0]["attributes"] = json!({"ours": 2});
    assert_eq!(compare(theirs, ours, &[&OURS]).len(), 2);
}

#[test]
fn events_that_are_left_out_move_the_numbers_and_nothing_else() {
    let mut ours: Vec<_> = trace(200);
    ours.drain(2..4);
    assert_ne!(
        compare(trace(100), ours.clone(), &[&SPANLESS]),
        Vec::<String>::new()
    );
    for (number, event) in ours.iter_mut().enumerate() {
        event["sequence"] = json!(number + 1);
    }
    assert_eq!(
        compare(trace(100), ours, &[&SPANLESS]),
        Vec::<String>::new()
    );
}

#[test]
fn what_time_alone_decides_is_free() {
    let shown = |chunks: u64| {
        let mut events = trace(200);
        let update = json!({"attributes": {"streaming": true, "chunk_count": chunks}});
        events.insert(3, event(300, "span.update", 4, update));
        events[3]["trace_id"] = events[0]["trace_id"].clone();
        for (number, event) in events.iter_mut().enumerate() {
            event["sequence"] = json!(number + 1);
        }
        events
    };
    assert_eq!(compared(shown(7)), Vec::<String>::new());
    // The first and the twentieth are no matter of time, nor is what the reference shows as well.
    assert_ne!(compared(shown(1)), Vec::<String>::new());
    assert_ne!(compared(shown(40)), Vec::<String>::new());
    assert_ne!(compare(shown(7), trace(200), &[]), Vec::<String>::new());
}
