//! What belongs to which trace.

use std::collections::BTreeSet;

use rollout::testing::record;

#[rollout::tool]
fn add(a: i64, b: i64) -> i64 {
    a + b
}

#[rollout::tool]
fn twice(a: i64) -> i64 {
    add(a, a)
}

#[rollout::agent]
fn agent(a: i64) -> i64 {
    twice(a)
}

#[test]
fn defect_44_defect_45_the_numbers_of_a_trace_run_from_one_without_gaps() {
    let recording = record();
    recording.in_scope(|| {
        agent(1);
        rollout::span("alone").start().end();
    });
    let events = recording.events();
    let traces: BTreeSet<_> = events.iter().map(|event| event.trace_id.clone()).collect();
    assert_eq!(traces.len(), 2);
    for trace in traces {
        let numbers: Vec<_> = events
            .iter()
            .filter(|event| event.trace_id == trace)
            .map(|event| event.sequence.unwrap())
            .collect();
        assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    }
}

#[test]
fn defect_48_tools_inside_tools_are_below_them() {
    let recording = record();
    assert_eq!(recording.in_scope(|| agent(2)), 4);
    let run = recording.run_named("agent");
    let twice = &run.assert_tools(["twice", "add"]).steps[0];
    assert_eq!([&twice.name, &twice.steps[0].name], ["twice", "add"]);
}

#[test]
fn defect_50_two_traces_never_borrow_each_others_spans() {
    let recording = record();
    let outer = recording.client().trace("outer").start();
    let span = outer.span("task").start();
    span.in_scope(|| agent(1));
    drop((span, outer));
    let events = recording.events();
    let spans = |name: &str| -> BTreeSet<String> {
        let start = events
            .iter()
            .find(|event| event.name.as_deref() == Some(name));
        let trace = start.unwrap().trace_id.clone();
        let events = events.iter().filter(|event| event.trace_id == trace);
        events
            .flat_map(|event| [event.span_id.clone(), event.parent_span_id.clone()])
            .flatten()
            .collect()
    };
    assert!(spans("outer").is_disjoint(&spans("agent")));
}
