//! Which traces are kept is decided by their ids alone: alike in each client, process and version.

use rollout::testing::{Recording, record_with};
use rollout::{TraceId, current_trace};

use crate::step;

fn at(rate: f64, seed: u32) -> Recording {
    record_with(|builder| builder.sample_rate(rate).seeded_ids(seed))
}

fn id(n: u8) -> TraceId {
    let mut bytes = [0x5a; 16];
    (bytes[0], bytes[15]) = (n, n.wrapping_mul(7));
    TraceId::from_bytes(bytes)
}

/// Returns which of 64 traces are kept.
fn kept(recording: &Recording) -> Vec<u8> {
    for n in 0..64 {
        let trace = recording.client().trace("t").trace_id(id(n)).start();
        trace.in_scope(|| step(0));
    }
    let runs = recording.runs();
    assert!(
        runs.iter().all(|run| run.steps.len() == 1),
        "all of it or nothing"
    );
    let is_kept = |n: &u8| runs.iter().any(|run| run.trace_id == id(*n).to_string());
    (0..64).filter(is_kept).collect()
}

#[test]
fn two_clients_keep_the_same_traces_and_a_higher_rate_keeps_those_and_more() {
    let half = kept(&at(0.5, 1));
    assert_eq!(half, kept(&at(0.5, 2)));
    let most = kept(&at(0.8, 1));
    assert!(half.len() < most.len() && half.iter().all(|n| most.contains(n)));
}

#[test]
fn other_processes_and_later_versions_keep_the_same_traces() {
    // Written down, as it is to stay so: half a run in one process and half in another is no run.
    let expected = [2, 6, 18, 21, 25, 33, 37, 39, 41, 49, 52, 59, 63];
    assert_eq!(kept(&at(0.25, 1)), expected);
}

#[test]
fn what_is_said_of_a_trace_by_another_client_is_kept_where_the_trace_is() {
    let (service, frontend) = (at(0.5, 1), at(0.5, 2));
    let kept = kept(&service);
    frontend.in_scope(|| {
        for n in 0..64 {
            rollout::feedback("stars", n).trace_id(id(n)).record();
            rollout::signal("retried", n).trace_id(id(n)).record();
        }
    });
    let said: Vec<_> = frontend
        .events()
        .into_iter()
        .filter_map(|event| event.trace_id)
        .collect();
    let expected = kept
        .iter()
        .flat_map(|n| [id(*n).to_string(), id(*n).to_string()]);
    assert!(said.into_iter().eq(expected));
}

#[test]
fn inside_of_a_trace_that_is_not_kept_nothing_is_but_what_is_a_trace_of_its_own() {
    #[rollout::agent]
    fn inner() {
        step(1);
    }

    let recording = at(0.5, 3);
    let dropped = (0..64).map(id).find(|id| {
        let trace = recording.client().trace("outer").trace_id(*id).start();
        trace.in_scope(|| step(0));
        drop(trace);
        recording
            .runs()
            .iter()
            .all(|run| run.trace_id != id.to_string())
    });
    recording.clear();
    let trace = recording
        .client()
        .trace("outer")
        .trace_id(dropped.unwrap())
        .start();
    trace.in_scope(|| {
        assert_eq!(current_trace().id(), dropped, "its id goes on to others");
        step(0);
        rollout::feedback("stars", 5).record();
        for _ in 0..32 {
            inner();
        }
    });
    drop(trace);
    let runs = recording.runs();
    assert!((1..32).contains(&runs.len()), "{}", runs.len());
    assert!(
        runs.iter()
            .all(|run| run.name == "inner" && run.steps.len() == 1)
    );
}
