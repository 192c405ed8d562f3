//! Streams: what they do is part of the call that returned them, whoever reads them.

use futures::stream::{self, Stream};
use futures::{StreamExt as _, executor};
use rollout::testing::{RecordedRun, record};
use rollout::{Instrument as _, current_trace};

use crate::{assert_nothing_is_active, step};

#[rollout::agent]
fn count(name: &'static str, to: usize) -> impl Stream<Item = usize> + Send + Unpin + use<> {
    let _ = name;
    let id = current_trace().id();
    Box::pin(stream::iter(0..to).then(move |nth| async move {
        tokio::task::yield_now().await;
        assert_eq!(current_trace().id(), id);
        step(nth);
        nth
    }))
}

#[rollout::agent]
async fn reading(mut items: impl Stream<Item = usize> + Unpin) -> usize {
    let mut sum = 0;
    while let Some(item) = items.next().await {
        rollout::span("read").start().end();
        sum += item;
    }
    sum
}

#[track_caller]
fn assert_counted(run: &RecordedRun, to: usize) {
    let nths = run.all(|step| step.name == "step").into_iter();
    let nths: Vec<_> = nths.map(|step| step.input()).collect();
    assert_eq!(nths, (0..to).collect::<Vec<_>>(), "{run}");
    assert_eq!(run.assert_ok().steps.len(), to, "{run}");
}

#[test]
fn a_stream_is_begun_here_and_read_on_in_another_task_runtime_and_trace() {
    let recording = record();
    let mut items = recording.in_scope(|| count("counted", 5));
    assert_eq!(executor::block_on(items.next()), Some(0));
    assert_nothing_is_active();

    let runtime = tokio::runtime::Runtime::new().unwrap();
    let task = runtime.spawn(recording.instrument(reading(items)));
    assert_eq!(runtime.block_on(task).unwrap(), 1 + 2 + 3 + 4);
    assert_counted(&recording.run_named("count"), 5);
    let reader = recording.run_named("reading");
    assert_eq!(
        reader.all(|step| step.name == "read").len(),
        reader.steps.len()
    );
    assert_eq!(reader.steps.len(), 4);
}

#[test]
fn streams_that_are_read_in_turns_stay_apart() {
    let recording = record();
    let [left, right] = recording.in_scope(|| [count("left", 3), count("right", 3)]);
    let pairs = executor::block_on(left.zip(right).collect::<Vec<_>>());
    assert_eq!(pairs, [(0, 0), (1, 1), (2, 2)]);
    let runs = recording.runs();
    assert_eq!(
        [&runs[0], &runs[1]].map(|run| run.input()["name"].clone()),
        ["left", "right"]
    );
    for run in runs.iter().take(2) {
        assert_eq!(run.all(|step| step.name == "step").len(), 3);
    }
}

#[test]
fn a_stream_that_is_put_into_a_trace_by_hand_is_read_in_it() {
    let recording = record();
    let trace = recording.client().trace("by hand").start();
    let items = stream::iter(0..3).map(step).in_context(trace.context());
    assert_eq!(executor::block_on(items.count()), 3);
    assert_nothing_is_active();
    drop(trace);
    assert_counted(&recording.run(), 3);
}
