//! What is inside what.

use super::*;

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
fn a_chain_of_runs_is_cut_where_it_gets_too_deep() {
    let chain: Vec<_> = (0..5_000)
        .map(|index| {
            let around = index.max(1) - 1;
            event(
                "trace.start",
                &format!("t{index}"),
                index,
                inside(&format!("t{around}")),
            )
        })
        .collect();
    let runs = runs(&chain);
    assert!((2..1_000).contains(&runs.len()), "{}", runs.len());
    let copies = runs.clone();
    let shown: usize = copies
        .iter()
        .map(|run| run.tree().width(2_000).to_string().lines().count())
        .sum();
    assert_eq!(shown, 5_000);
    let began: Vec<_> = runs.iter().map(|run| run.started).collect();
    assert!(began.is_sorted(), "the last is the latest");
}

#[test]
fn runs_inside_each_other_in_a_circle_are_all_shown() {
    let events = [
        event("trace.start", "a", 1, inside("b")),
        event("trace.start", "b", 2, inside("a")),
        event("trace.start", "c", 3, inside("c")),
    ];
    let text: Vec<String> = runs(&events).iter().map(Run::to_string).collect();
    let text = text.join("\n");
    assert_eq!(text.lines().count(), 3, "{text}");
}

#[test]
fn the_clocks_of_two_machines_do_not_decide_what_is_inside_what() {
    let events = [
        event("trace.start", "outer", 900, json!({})),
        event("trace.start", "middle", 500, inside("outer")),
        event("trace.start", "inner", 100, inside("middle")),
        event("span.start", "inner", 100, json!({"span_id": "s"})),
    ];
    let runs = runs(&events);
    assert_eq!(runs.len(), 1);
    let middle = &runs[0].steps[0];
    let inner = &middle.steps[0];
    let ids = [&middle.id, &inner.id, &inner.steps[0].id].map(|id| id.as_deref().unwrap());
    assert_eq!(ids, ["middle", "inner", "s"]);
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
