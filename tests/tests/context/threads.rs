//! Threads and pools of them: they know nothing of traces, and are told by a context.

use std::sync::mpsc;
use std::thread;

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
use rollout::testing::record;
use rollout::{Context, current_trace};

use crate::{assert_nothing_is_active, step};

#[rollout::agent]
fn on_scoped_threads() {
    let context = Context::current();
    thread::scope(|scope| {
        for nth in 0..4 {
            let context = context.clone();
            scope.spawn(move || context.in_scope(|| step(nth)));
        }
    });
}

#[test]
fn scoped_threads_work_for_the_trace_whose_context_they_are_given() {
    let recording = record();
    recording.in_scope(on_scoped_threads);
    let run = recording.run();
    let steps = run.all(|step| step.name == "step").into_iter();
    let mut nths: Vec<_> = steps.map(|step| step.input().as_u64()).collect();
    nths.sort_unstable();
    assert_eq!(nths, [Some(0), Some(1), Some(2), Some(3)]);
}

#[test]
fn a_thread_that_is_given_nothing_records_for_nobody() {
    let recording = record();
    let trace = recording.client().trace("outer").start();
    trace.in_scope(|| {
        thread::spawn(|| {
            assert_nothing_is_active();
            step(0);
        })
        .join()
        .unwrap();
    });
    drop(trace);
    assert!(recording.run().steps.is_empty());
}

#[rollout::agent]
fn in_a_pool(pool: &rayon::ThreadPool, marks: std::ops::Range<usize>) -> usize {
    let (context, trace) = (Context::current(), current_trace().id());
    pool.install(|| {
        let marks = marks.into_par_iter().map(|mark| {
            let _active = context.clone().attach();
            // Within a step rayon may take up another one's work, and put this one off.
            let (left, right) = rayon::join(
                || context.clone().in_scope(|| step(mark)),
                || context.clone().in_scope(|| step(mark)),
            );
            let ((), ()) = (left, right);
            assert_eq!(current_trace().id(), trace);
            1
        });
        marks.sum()
    })
}

#[test]
fn a_pool_works_for_several_traces_at_once() {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(3)
        .build()
        .unwrap();
    let recording = record();
    thread::scope(|scope| {
        for agent in 0..4 {
            let (pool, context) = (&pool, recording.context());
            scope.spawn(move || {
                let marks = agent * 100..agent * 100 + 20;
                assert_eq!(context.in_scope(|| in_a_pool(pool, marks)), 20);
            });
        }
    });
    pool.broadcast(|_| assert_nothing_is_active());
    let runs = recording.runs();
    assert_eq!(runs.len(), 4);
    for run in runs {
        let first = run.input()["marks"]["start"].as_u64().unwrap();
        let mut marks: Vec<_> = run
            .all(|step| step.name == "step")
            .iter()
            .map(|step| step.input().as_u64().unwrap())
            .collect();
        marks.sort_unstable();
        let expected = (first..first + 20).flat_map(|mark| [mark, mark]);
        assert!(marks.into_iter().eq(expected), "{run}");
    }
}

#[test]
fn a_worker_of_ones_own_takes_each_job_in_the_trace_that_gave_it() {
    let (jobs, inbox) = mpsc::channel::<(Context, usize)>();
    let worker = thread::spawn(move || {
        for (context, nth) in inbox {
            context.in_scope(|| step(nth));
            assert_nothing_is_active();
        }
    });
    let recording = record();
    let traces: Vec<_> = (0..3)
        .map(|_| recording.client().trace("job").start())
        .collect();
    for nth in 0..9 {
        let context = traces[nth % 3].context();
        jobs.send((context, nth)).unwrap();
    }
    drop(jobs);
    worker.join().unwrap();
    drop(traces);
    for (index, run) in recording.runs().iter().enumerate() {
        let steps = run.all(|_| true).into_iter();
        let nths: Vec<_> = steps.map(|step| step.input()).collect();
        assert_eq!(nths, [index, index + 3, index + 6], "{run}");
    }
}
