//! Contexts that are kept longer than what they are of.

use std::thread;
use std::time::Duration;

use rollout::testing::record;
use rollout::{Context, MemoryExporter, Rollout};

use crate::step;

#[test]
fn what_is_done_in_a_trace_that_has_ended_still_belongs_to_it() {
    let recording = record();
    let kept = {
        let trace = recording.client().trace("short").start();
        let span = trace.span("step").name("last").start();
        span.context()
    };
    let next = recording.client().trace("next").start();
    next.in_scope(|| kept.in_scope(|| step(0)));
    drop(next);
    let run = recording.run_named("short");
    assert_eq!(run.span("last").steps.len(), 1, "{run}");
    assert!(recording.run_named("next").steps.is_empty());
    let numbers = recording.events().into_iter().filter_map(|event| {
        let is_meant = event.trace_id.as_deref() == Some(&run.trace_id);
        is_meant.then_some(event.sequence?)
    });
    let numbers: Vec<_> = numbers.collect();
    let ended = numbers.len() as u64;
    assert!(ended > 4 && numbers.into_iter().eq(1..=ended), "they go on");
}

#[test]
fn after_the_shutdown_of_a_client_its_contexts_do_no_harm() {
    let memory = MemoryExporter::new();
    let rollout = Rollout::builder()
        .without_environment()
        .on_diagnostic(|_| ())
        .exporter(memory.clone())
        .build()
        .unwrap();
    let trace = rollout.trace("open").start();
    let context = trace.context();
    drop(rollout);
    assert_eq!(memory.names(), ["trace.start"]);
    // Also on a thread that lives on, and in a future that nobody has polled yet.
    thread::spawn(move || context.in_scope(|| step(0)))
        .join()
        .unwrap();
    drop(trace);
    assert_eq!(memory.names(), ["trace.start"]);
}

#[test]
fn a_context_that_is_kept_does_not_keep_its_client_from_ending() {
    let recording = record();
    let context = recording.client().trace("t").start().context();
    let stats = recording.client().shutdown();
    assert_eq!((stats.exported, stats.queued), (2, 0));
    drop(context);
}

#[test]
fn a_thread_may_end_with_a_context_active() {
    thread_local! {
        static LATE: std::cell::RefCell<Vec<rollout::Span>> = const { std::cell::RefCell::new(Vec::new()) };
    }
    let recording = record();
    let context = recording.client().trace("t").start().context();
    thread::spawn(move || {
        // Ended when the locals of the thread are destroyed, in no order that one could know.
        LATE.with_borrow_mut(|late| {
            late.push(context.clone().in_scope(|| rollout::span("late").start()))
        });
        std::mem::forget(context.attach());
        step(0);
    })
    .join()
    .unwrap();
    let run = recording.run();
    run.span("late").assert_ok();
    run.span("step").assert_ok();
}

#[test]
fn contexts_can_be_told_apart_in_debug_texts_and_hold_no_secrets() {
    let recording = record();
    let trace = recording.client().trace("t").start();
    let text = format!("{:?}", trace.context());
    assert!(text.contains(&trace.id().unwrap().to_string()), "{text}");
    assert_eq!(Context::default().trace_id(), None);
    recording.client().flush(Duration::from_secs(20)).unwrap();
}
