//! What the server answers, and what becomes of a batch then.

use std::time::{Duration, Instant};

use rollout_tests::ingest::Answer;
use rollout_tests::{IngestServer, Reply};
use serde_json::json;

use super::Program;
use super::delivery::{Deviation, delivers, trace};

/// Sends to a server that answers like this, and keeps nothing for later: with the reference, what a
/// server does not take is gone (defects 24, 25).
fn against(answers: impl IntoIterator<Item = Answer>) -> Program {
    keeping_nothing(IngestServer::with(answers))
}

fn keeping_nothing(ingest: IngestServer) -> Program {
    Program::sending_to(ingest, |builder| builder.spool_max_bytes(0))
}

fn status(status: u16) -> Answer {
    let error = json!({"error": format!("scripted {status}")});
    Answer::refuse(Reply::json(error).with_status(status))
}

#[test]
fn a_server_that_fails_twice() {
    let program = against([status(500), status(500)]);
    trace(&program, "t");
    delivers(&program, "85-ingest-500-then-ok", &[]);
}

#[test]
fn a_server_that_always_fails() {
    let program = keeping_nothing(IngestServer::always(status(500)));
    trace(&program, "t1");
    trace(&program, "t2");
    delivers(&program, "86-ingest-500-forever", &[]);
}

/// The reference comes again after 0.3 seconds, of two that it was asked for.
#[test]
fn a_server_that_asks_for_time() {
    let busy = Reply::status(429).with_header("retry-after", "2");
    let program = against([Answer::refuse(busy)]);
    let begun = Instant::now();
    trace(&program, "t");
    assert!(begun.elapsed() >= Duration::from_secs(2));
    delivers(&program, "87-ingest-429-retry-after", &[]);
}

#[test]
fn a_key_that_is_refused() {
    let program = against([status(401)]);
    trace(&program, "t1");
    trace(&program, "t2");
    delivers(&program, "88-ingest-401", &[]);
}

#[test]
fn every_status() {
    let ok = Answer::store;
    let mut answers: Vec<_> = [400, 403, 404, 413, 422, 418].map(status).to_vec();
    // The halves of the batch that was too large.
    answers.splice(4..4, [ok(), ok()]);
    for code in [408, 425, 502, 503, 504, 302] {
        answers.extend([status(code), ok()]);
    }
    let program = against(answers);
    for name in [
        "t0", "t1", "t2", "t3", "t4", "t5", "t6", "t7", "t8", "t9", "t10", "t11",
    ] {
        trace(&program, name);
    }
    let halves: Deviation = (
        "a batch that is too large is sent in halves (defect 25)",
        |lines| {
            let halves = ["start", "end"]
                .map(|half| format!("1 events, trace.{half} t3 to trace.{half} t3"));
            let mut number = 0;
            let mut renumbered = Vec::new();
            for line in lines {
                let events = line.split_once(": ").unwrap().1.to_owned();
                number += usize::from(!events.ends_with("again"));
                renumbered.push(format!("{number}: {events}"));
                if events.starts_with("2 events, trace.start t3") {
                    for half in &halves {
                        number += 1;
                        renumbered.push(format!("{number}: {half}"));
                    }
                }
            }
            renumbered
        },
    );
    delivers(&program, "89-ingest-statuses", &[halves]);
}

#[test]
fn a_connection_that_is_lost() {
    let program = against([
        Answer::refuse(Reply::close()),
        Answer::refuse(Reply::reset()),
    ]);
    trace(&program, "t");
    delivers(&program, "90-ingest-connection-lost", &[]);
}

#[test]
fn events_that_are_refused() {
    let program = against([
        Answer::reject([1], "scripted_rejection"),
        Answer::reject([0, 1, 2], "scripted_rejection").retryable(),
    ]);
    for (name, text) in [("t1", "rejected"), ("t2", "retryable")] {
        let trace = program.rollout.trace(name).start();
        trace.message("user", text).record();
        trace.end();
        program.rollout.flush(super::program::LONG).unwrap();
    }
    let again: Deviation = (
        "events that the server refused for now are sent again (defect 26)",
        |mut lines| {
            lines.push("3: 3 events, trace.start t2 to trace.end t2".into());
            lines
        },
    );
    delivers(&program, "91-ingest-partial-rejection", &[again]);
}

#[test]
fn odd_answers() {
    let extra = json!({"accepted": 2, "rejected": 0, "retryable": false, "errors": [], "id": "r"});
    let short = json!({"accepted": 2, "rejected": 0, "retryable": false, "errors": []});
    let program = against([
        Answer::store_but(Reply::text("<html>")),
        Answer::store_but(Reply::status(204)),
        Answer::store_but(Reply::json(extra)),
        Answer::store_but(Reply::json(short).truncated_to(20)),
    ]);
    for name in ["malformed", "empty", "extra", "truncate"] {
        trace(&program, name);
    }
    delivers(&program, "92-ingest-odd-answers", &[]);
}

#[test]
fn a_server_that_hangs() {
    let program = against([Answer::refuse(Reply::close()).after(Duration::from_millis(500))]);
    trace(&program, "t");
    delivers(&program, "93-ingest-hang", &[]);
}
