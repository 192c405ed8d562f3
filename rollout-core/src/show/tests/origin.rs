//! Events from several places, and in any order.

use super::*;

/// Returns the one run that events tell of, after it has proved to be the same in any order.
#[track_caller]
fn only(mut events: Vec<Value>) -> Run {
    let first = runs(&events);
    for turn in 0..events.len() {
        events.rotate_left(1);
        if turn % 2 == 0 {
            events.reverse();
        }
        assert_eq!(runs(&events), first, "{events:#?}");
    }
    let [run] = first.try_into().unwrap();
    run
}

fn external(mut event: Value, id: &str) -> Value {
    event["external_trace_id"] = json!(id);
    event
}

#[test]
fn a_trace_may_have_its_own_id_for_the_programs() {
    let run = only(vec![
        external(event("trace.start", "t", 0, json!({"name": "agent"})), "t"),
        external(event("trace.end", "t", 5, json!({"status": "ok"})), "t"),
    ]);
    assert_eq!((run.name.as_str(), run.external_trace_id), ("agent", None));
}

#[test]
fn all_that_is_said_by_the_programs_id_of_a_trace_belongs_to_it() {
    let named = |kind: &str, at: u64, rest: Value| {
        let mut event = external(event(kind, "", at, rest), "order-7");
        event.as_object_mut().unwrap().remove("trace_id");
        event
    };
    let run = only(vec![
        external(event("trace.start", "t", 0, json!({})), "order-7"),
        event("span.start", "t", 10, json!({"span_id": "a", "name": "a"})),
        named("span.end", 20, json!({"span_id": "a", "status": "error"})),
        named("span.start", 30, json!({"span_id": "b", "name": "b"})),
        named(
            "tool.call",
            40,
            json!({"span_id": "c", "tool": {"name": "c"}}),
        ),
        named(
            "feedback",
            50,
            json!({"name": "stars", "attributes": {"value": 5}}),
        ),
        named("trace.end", 60, json!({"status": "ok", "name": "agent"})),
    ]);
    assert_eq!((run.trace_id.as_str(), &run.status), ("t", &Status::Ok));
    let steps: Vec<_> = run
        .steps
        .iter()
        .map(|step| (step.name.as_str(), &step.status))
        .collect();
    let expected = [
        ("a", &Status::Failed),
        ("b", &Status::Unfinished),
        ("c", &Status::Unfinished),
        ("stars", &Status::Ok),
    ];
    assert_eq!(steps, expected);
}

#[test]
fn the_user_of_a_run_is_the_one_that_it_began_for() {
    let user = |id: &str| json!({"context": {"user_id": id, "session_id": "s"}});
    let run = only(vec![
        event("trace.start", "t", 0, user("ada")),
        event("identity.update", "t", 1, user("grace")),
        event("message", "t", 2, user("grace")),
    ]);
    assert_eq!(run.user_id.as_deref(), Some("ada"));
}

#[test]
fn an_event_that_is_there_twice_happened_once() {
    let twice = event(
        "message",
        "t",
        1,
        json!({"event_id": "evt_1", "message": {"role": "user", "content": "hi"}}),
    );
    let run = only(vec![
        event("trace.start", "t", 0, json!({})),
        twice.clone(),
        twice,
    ]);
    assert_eq!(run.steps.len(), 1);
}

#[test]
fn a_moment_may_be_told_in_any_zone() {
    let mut there = event("trace.start", "t", 0, json!({}));
    for (time, minutes) in [
        ("2026-01-01T00:00:00Z", 0),
        ("2026-01-01T00:00:00.25+00:00", 0),
        ("2026-01-01T02:00:00+02:00", 0),
        ("2025-12-31T19:30:00.5-05:30", 60),
    ] {
        there["started_at"] = json!(time);
        let started = only(vec![there.clone()]).started.unwrap();
        let midnight = 1_767_225_600;
        let seconds = started.unix_nanos() / 1_000_000_000;
        assert_eq!(seconds, midnight + minutes * 60, "{time}");
    }
    for time in [
        "yesterday",
        "2026-01-01T00:00:00+99:99",
        "1969-01-01T00:00:00Z",
        "é+02:00",
        "+00:0",
    ] {
        there["started_at"] = json!(time);
        assert_eq!(runs([&there]).len(), 1, "{time}");
    }
}
