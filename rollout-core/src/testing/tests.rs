use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::json;

use super::*;
use crate::show::StepKind;

/// An agent that looks two orders up, of which it finds one.
fn support() {
    let mut trace = crate::trace("support").input("Where is it?").start();
    let task = trace.span("task").name("search").start();
    for (order, place) in [(1042, Some("Rome")), (1099, None)] {
        let mut call = task
            .tool("lookup_order")
            .input(&json!({"number": order}))
            .start();
        match place {
            Some(place) => call.record_output(place),
            None => call.record_error(&std::io::Error::other("there is no such order")),
        }
    }
    task.in_scope(|| crate::message("assistant", "In Rome.").record());
    drop(task);
    trace.record_output("In Rome.");
}

fn recorded() -> RecordedRun {
    let recording = record();
    recording.in_scope(support);
    recording.run()
}

/// Returns what an assertion that fails says.
fn complaint<R>(assertion: impl FnOnce() -> R) -> String {
    let panic = catch_unwind(AssertUnwindSafe(|| drop(assertion()))).unwrap_err();
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => (*panic.downcast::<&str>().unwrap()).to_owned(),
    }
}

const TREE: &str = r#"✓ support
│ in  "Where is it?"
│ out In Rome.
└─ ✓ task search
   ├─ ✓ tool lookup_order
   │    in  number: 1042
   │    out Rome
   ├─ ✗ tool lookup_order · failed
   │    in  number: 1099
   │    io::Error: there is no such order
   └─ · message assistant: In Rome.
2 tool calls · 1 error"#;

#[test]
fn a_run_is_shown_without_what_differs() {
    assert_eq!(recorded().to_string(), TREE);
}

#[test]
fn everything_is_found_by_its_name_and_in_full() {
    let run = recorded();
    assert_eq!(run.input(), json!("Where is it?"));
    assert_eq!(run.output(), json!("In Rome."));
    let search = run.assert_ok().span("search").assert_ok().clone();
    assert_eq!(search.tools().len(), 2);
    assert_eq!(search.tools()[0].input(), json!({"number": 1042}));
    assert_eq!(search.tools()[0].output(), json!("Rome"));
    assert!(search.tools()[1].output().is_null());
    let message = run.find(|step| step.label == "message").unwrap();
    assert_eq!(message.kind, StepKind::Event);
    assert_eq!(message.output(), json!("In Rome."));
    assert_eq!(run.llm_calls().len(), 0);
    run.assert_tools(["lookup_order", "lookup_order"]);
    run.assert_tool_not_called("refund");
    let calls = run.assert_tool_called("lookup_order").times(2);
    let found = calls.clone().with_arguments(json!({"number": 1042})).once();
    assert_eq!(found.assert_ok().run().name, "support");
    let missing = calls.with_arguments(json!({"number": 1099})).once();
    missing.assert_failed("no such order");
}

#[test]
fn what_fails_shows_the_run() {
    let run = recorded();
    let calls = || run.assert_tool_called("lookup_order");
    for (complaint, beginning) in [
        (
            complaint(|| run.assert_tool_called("refund")),
            "the tool `refund` was not called; called was `lookup_order`",
        ),
        (
            complaint(|| calls().with_arguments(json!({"number": 7}))),
            "no call of `lookup_order` has the arguments\nexpected: {\"number\":7}\n   \
             found: {\"number\":1042}\n   found: {\"number\":1099}",
        ),
        (
            complaint(|| calls().with_result("Rome").times(2)),
            "2 times a call of `lookup_order` with the result \"Rome\" expected, found 1",
        ),
        (
            complaint(|| calls().once()),
            "there are 2 times a call of `lookup_order`",
        ),
        (
            complaint(|| calls().assert_ok()),
            "`lookup_order` should have gone well, but its status is `failed`, io::Error: there is no \
             such order",
        ),
        (
            complaint(|| run.assert_tool_not_called("lookup_order").clone()),
            "the tool `lookup_order` was called, 2 times",
        ),
        (
            complaint(|| run.assert_tools(["lookup_order"]).clone()),
            "other tools were called\nexpected: [\"lookup_order\"]\n  called: [\"lookup_order\", \
             \"lookup_order\"]",
        ),
        (
            complaint(|| run.tool("refund")),
            "there is no call of the tool `refund`; there is `lookup_order`",
        ),
        (
            complaint(|| run.span("serach")),
            "there is no span `serach`; there is `search`, `lookup_order`",
        ),
        (complaint(|| run.llm_call()), "there is no call to a model"),
        (
            complaint(|| run.assert_no_errors().clone()),
            "errors in a run that should have none: 1",
        ),
        (
            complaint(|| run.assert_failed("timeout").clone()),
            "`support` should have failed with `timeout`, but its status is `ok`",
        ),
    ] {
        assert!(complaint.starts_with(beginning), "{complaint}");
        assert!(complaint.contains(TREE), "{complaint}");
    }
}

#[test]
fn a_recording_says_when_there_is_not_one_run() {
    let recording = record();
    let nothing = complaint(|| recording.run());
    assert!(nothing.starts_with("nothing was recorded"), "{nothing}");
    recording.in_scope(|| crate::span("first").start().end());
    recording.in_scope(|| crate::span("second").start().end());
    assert_eq!(
        complaint(|| recording.run()),
        "2 runs were recorded instead of one:\n\n✓ first\n└─ ✓ first\n\n✓ second\n└─ ✓ second\n"
    );
    assert_eq!(recording.run_named("second").steps.len(), 1);
    let third = complaint(|| recording.run_named("third"));
    assert!(third.starts_with("0 runs named `third`"), "{third}");
    recording.clear();
    assert!(recording.runs().is_empty());
}

#[test]
fn recordings_side_by_side_are_the_same_to_the_id_and_the_millisecond() {
    let all = || {
        let recording = record();
        recording.in_scope(support);
        let events = recording.events().into_iter();
        let events: Vec<String> = events
            .map(|event| serde_json::to_string(&event).unwrap())
            .collect();
        (recording.run().tree().to_string(), events)
    };
    let expected = all();
    assert!(
        expected
            .0
            .contains("trace_00000000-0000-4000-8000-000000000001")
    );
    assert!(
        expected.0.contains("2026-01-01 00:00:00Z"),
        "{}",
        expected.0
    );
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(all)).collect();
        for thread in threads {
            assert_eq!(thread.join().unwrap(), expected);
        }
    });
}

#[test]
fn a_recording_is_by_itself() {
    let outer = record();
    let inner = record_with(|builder| builder.seeded_ids(1).environment("test"));
    outer.in_scope(|| {
        let _user = crate::user("u1").enter();
        let trace = crate::trace("outer").start();
        trace.in_scope(|| inner.in_scope(|| crate::span("inner").start().end()));
    });
    assert!(outer.run().steps.is_empty());
    assert_eq!(outer.run().user_id.as_deref(), Some("u1"));
    let run = inner.run();
    assert_eq!((&run.user_id, &run.origin), (&None, &None));
    assert!(run.trace_id.starts_with("trace_00000001"));
    let agent = &inner.events()[0].agent;
    assert_eq!(agent.environment.as_deref(), Some("test"));
}
