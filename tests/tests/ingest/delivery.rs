//! A server with troubles of its own: everything arrives, and arrives once.

use std::time::Duration;

use rollout_tests::ingest::Answer;
use rollout_tests::{IngestServer, Reply};
use serde_json::json;

use super::{LONG, Program};

fn work(program: &Program, traces: usize) {
    program.run(|| {
        for _ in 0..traces {
            rollout::trace("t")
                .start()
                .in_scope(|| rollout::span("step").input(&"q").start().end());
        }
    });
}

/// Runs a program against these answers; returns how many requests it took.
#[track_caller]
fn delivered(answers: impl IntoIterator<Item = Answer>) -> usize {
    let ingest = IngestServer::with(answers);
    let program = Program::with(ingest, |builder| builder);
    work(&program, 20);
    let stats = program.rollout.shutdown();
    assert_eq!(
        (stats.exported, stats.dropped.total()),
        (100, 0),
        "{:?}",
        program.said.lock().unwrap()
    );
    program.ingest.assert_sound();
    assert_eq!(program.ingest.events().len(), 100);
    program.ingest.requests().len()
}

#[test]
fn a_server_that_is_away_for_a_moment() {
    let busy = Reply::status(503).with_header("retry-after", "0");
    assert!(delivered([Answer::refuse(busy)]) >= 2);
    assert!(delivered([Answer::refuse(Reply::status(500))]) >= 2);
}

#[test]
fn a_connection_that_breaks() {
    for broken in [
        Reply::close(),
        Reply::reset(),
        Reply::json(json!({"accepted": 5})).truncated_to(3),
    ] {
        assert!(delivered([Answer::refuse(broken.clone())]) >= 2);
        // The events are stored, and nobody could say so.
        assert!(delivered([Answer::store_but(broken)]) >= 2);
    }
}

#[test]
fn an_odd_answer_to_stored_events() {
    for odd in [
        Reply::status(204),
        Reply::text("<html>thanks</html>"),
        Reply::json(
            json!({"accepted": 5, "rejected": 0, "retryable": false, "errors": [], "id": "r"}),
        ),
        Reply::json(json!(null)).with_status(202),
    ] {
        delivered([Answer::store_but(odd)]);
    }
}

#[test]
fn events_that_are_refused_for_now() {
    let refused = Answer::reject([0, 3], "busy").retryable();
    assert!(delivered([refused.clone(), refused]) >= 3);
}

#[test]
fn a_server_that_is_slow() {
    delivered(vec![Answer::store().after(Duration::from_millis(30)); 5]);
}

#[test]
fn an_envelope_that_is_too_large() {
    assert!(delivered([Answer::refuse(Reply::status(413))]) >= 3);
}

#[test]
fn small_envelopes() {
    let ingest = IngestServer::start().with_batch_limits(7, 3_000);
    let program = Program::with(ingest, |builder| {
        builder.max_batch_events(7).max_batch_bytes(3_000)
    });
    work(&program, 40);
    assert_eq!(program.finish().len(), 200);
}

#[test]
fn the_hooks_of_the_program_do_not_spoil_anything() {
    let program = Program::with(IngestServer::start(), |builder| {
        builder
            .scrubber(|event| {
                event.for_each_text(|text| {
                    if text == "q" {
                        *text = "x".repeat(50_000);
                    }
                });
            })
            .before_send(|mut event| {
                event.name = Some("n".repeat(5_000));
                event.usage.cost_usd = Some(f64::NAN);
                event.sequence = event.sequence.or(Some(0));
                Some(event)
            })
    });
    work(&program, 2);
    assert_eq!(program.rollout.flush(LONG), Ok(()));
    assert_eq!(program.finish().len(), 10);
}
