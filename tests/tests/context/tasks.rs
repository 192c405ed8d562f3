//! Tasks and runtimes: a future has its own context, whoever polls it, where and when.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as Waking, Poll, Waker};
use std::thread;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use rollout::testing::record;
use rollout::{Instrument as _, current_trace};
use tokio::runtime::{Builder, Runtime};
use tokio::task::{LocalSet, yield_now};

use crate::{assert_nothing_is_active, step};

fn runtime() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

/// Polls a future once.
fn poll<F: Future + ?Sized>(future: &mut Pin<Box<F>>) -> Poll<F::Output> {
    future.as_mut().poll(&mut Waking::from_waker(Waker::noop()))
}

#[rollout::tool]
async fn tool(name: &'static str, turns: usize) -> &'static str {
    let id = current_trace().id();
    for turn in 0..turns {
        yield_now().await;
        step(turn);
        assert_eq!(current_trace().id(), id);
    }
    name
}

#[tokio::test(flavor = "multi_thread", worker_threads = 3)]
async fn a_task_in_a_task_in_a_task_belongs_to_the_span_that_spawned_it() {
    let recording = record();
    let trace = recording.client().trace("outer").start();
    let work = async {
        let outer = rollout::span("outer").start();
        let task = outer.in_scope(|| {
            tokio::spawn(
                async {
                    let inner = rollout::span("inner").start();
                    let task = inner.in_scope(|| tokio::spawn(tool("deep", 1).in_current_trace()));
                    task.await.unwrap()
                }
                .in_current_trace(),
            )
        });
        task.await.unwrap()
    };
    assert_eq!(trace.instrument(work).await, "deep");
    drop(trace);
    let expected = r#"
✓ outer
└─ ✓ outer
   └─ ✓ inner
      └─ ✓ tool
         │ in  name: "deep", turns: 1
         │ out deep
         └─ ✓ step
              in  0
1 tool call"#;
    assert_eq!(recording.to_string(), expected.trim_start());
}

#[rollout::agent]
async fn in_parallel(turns: usize) -> usize {
    let (left, right) = tokio::join!(tool("left", turns), tool("right", turns));
    let more: FuturesUnordered<_> = (0..3).map(|nth| tool(["a", "b", "c"][nth], nth)).collect();
    let more: Vec<_> = more.collect().await;
    [left, right].len() + more.len()
}

#[tokio::test]
async fn what_is_joined_stays_apart_from_its_siblings() {
    let recording = record();
    assert_eq!(recording.instrument(in_parallel(2)).await, 5);
    let run = recording.run();
    // All directly below the agent, each with its own steps, although they took turns.
    run.assert_no_errors().assert_tools(["tool"; 5]);
    let steps = run.steps.iter().map(|tool| tool.steps.len());
    assert_eq!(steps.collect::<Vec<_>>(), [2, 2, 0, 1, 2]);
}

#[tokio::test]
async fn traces_that_take_turns_on_one_thread_stay_apart() {
    let recording = record();
    let agents: FuturesUnordered<_> = (0..10)
        .map(|turns| recording.instrument(in_parallel(turns)))
        .collect();
    assert_eq!(agents.count().await, 10);
    assert_nothing_is_active();
    for run in recording.runs() {
        let turns = usize::try_from(run.input()["turns"].as_u64().unwrap()).unwrap();
        assert_eq!(
            run.all(|step| step.name == "step").len(),
            2 * turns + 3,
            "{run}"
        );
    }
}

/// Tidies up when it is dropped, which is recorded.
struct Tidy;

impl Drop for Tidy {
    fn drop(&mut self) {
        step(usize::MAX);
    }
}

#[rollout::agent]
async fn slow() {
    let _tidy = Tidy;
    let _span = rollout::span("waiting").start();
    std::future::pending::<()>().await;
}

#[rollout::agent]
async fn racing() {
    tokio::select! {
        () = slow() => unreachable!(),
        _ = tool("fast", 1) => {}
    }
}

#[tokio::test]
async fn what_loses_a_race_is_cancelled_and_tidies_up_in_its_own_trace() {
    let recording = record();
    recording.instrument(racing()).await;
    let run = recording.run();
    run.assert_ok();
    let slow = run.span("slow");
    assert_eq!(slow.status, rollout::show::Status::Cancelled);
    let tidied = run.all(|step| step.name == "step" && step.steps.is_empty());
    assert_eq!(tidied.len(), 2, "{run}");
    assert_eq!(slow.span("step").input(), usize::MAX);
}

#[test]
fn a_future_that_is_dropped_inside_of_another_trace_tidies_up_in_its_own() {
    let recording = record();
    let mut first = Box::pin(recording.instrument(slow()));
    assert!(poll(&mut first).is_pending());
    let tidying = Box::pin({
        let trace = recording.client().trace("first").start();
        let tidy = trace.instrument(async { drop(Tidy) });
        (trace, tidy)
    });
    let second = recording.client().trace("second").start();
    second.in_scope(|| drop((first, tidying)));
    drop(second);
    assert_eq!(recording.run_named("slow").steps.len(), 2);
    assert!(recording.run_named("second").steps.is_empty());
}

#[test]
fn a_future_goes_on_in_another_runtime_and_leaves_nothing_behind() {
    let recording = record();
    let [one, other] = [runtime(), runtime()];
    let mut agent = Box::pin(recording.instrument(in_parallel(3)));
    let first = one.block_on(poll_fn(|cx| Poll::Ready(agent.as_mut().poll(cx))));
    assert!(first.is_pending());
    assert_nothing_is_active();
    let rest = other.spawn(agent);
    // Meanwhile another trace is busy in the same runtime.
    let busy = other.spawn(recording.instrument(in_parallel(1)));
    assert_eq!(
        other.block_on(async { (rest.await.unwrap(), busy.await.unwrap()) }),
        (5, 5)
    );
    for run in recording.runs() {
        run.assert_no_errors().assert_tools(["tool"; 5]);
    }
}

#[test]
fn a_suspended_future_moves_between_threads_on_which_other_traces_are_active() {
    let recording = record();
    let mut agent = Box::pin(recording.instrument(in_parallel(4)));
    let mut polls = 0;
    loop {
        polls += 1;
        let trace = recording.client().trace("host").start();
        let (next, done) = thread::spawn(move || {
            let active = trace.enter();
            let done = poll(&mut agent).is_ready();
            assert_eq!(current_trace().id(), trace.id());
            drop(active);
            assert_nothing_is_active();
            (agent, done)
        })
        .join()
        .unwrap();
        if done {
            break;
        }
        agent = next;
    }
    assert!(polls > 4);
    recording.run_named("in_parallel").assert_tools(["tool"; 5]);
    let runs = recording.runs();
    let hosts = runs.iter().filter(|run| run.name == "host");
    assert!(hosts.into_iter().all(|run| run.steps.is_empty()));
}

#[test]
fn local_tasks_that_never_leave_their_thread_stay_apart() {
    #[rollout::agent]
    async fn local(turns: usize) -> usize {
        let count = Rc::new(turns);
        for turn in 0..*count {
            // A guard that is held while others have their turn: futures like this can't leave.
            let span = rollout::span("held").start();
            let active = span.enter();
            yield_now().await;
            step(turn);
            drop(active);
        }
        *count
    }

    let recording = record();
    let set = LocalSet::new();
    let tasks: Vec<_> = (0..5)
        .map(|turns| set.spawn_local(recording.instrument(local(turns))))
        .collect();
    let runtime = Builder::new_current_thread().build().unwrap();
    runtime.block_on(set.run_until(async {
        for (turns, task) in tasks.into_iter().enumerate() {
            assert_eq!(task.await.unwrap(), turns);
        }
    }));
    assert_nothing_is_active();
    for (turns, run) in recording.runs().iter().enumerate() {
        assert_eq!(run.steps.len(), turns, "{run}");
        assert!(run.steps.iter().all(|held| held.steps.len() == 1), "{run}");
    }
}

#[test]
fn the_end_of_a_runtime_cancels_what_it_was_at() {
    let recording = record();
    let runtime = runtime();
    let task = runtime.spawn(recording.instrument(slow()));
    while recording.runs().is_empty() {
        thread::sleep(Duration::from_millis(1));
    }
    runtime.shutdown_timeout(Duration::from_secs(10));
    drop(task);
    let run = recording.run();
    assert_eq!(run.status, rollout::show::Status::Cancelled);
    assert_eq!(run.span("step").input(), usize::MAX);
}
