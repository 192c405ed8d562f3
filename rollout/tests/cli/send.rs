//! `rollout send`, to a strict server.

use std::collections::BTreeSet;
use std::fs;

use rollout_tests::{IngestServer, NOBODY, Reply, ingest};
use serde_json::json;

use crate::harness::Desk;
use ingest::Answer;

fn desk(server: &IngestServer) -> Desk {
    let mut desk = Desk::with_runs();
    desk.set("ROLLOUT_API_KEY", ingest::KEY);
    desk.set("ROLLOUT_BASE_URL", &server.url());
    desk
}

fn recorded(desk: &Desk) -> usize {
    let files = fs::read_dir(desk.runs())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|what| what == "jsonl"));
    files
        .map(|path| fs::read_to_string(path).unwrap().lines().count())
        .sum()
}

/// Asserts that the server has what is recorded, each event once.
fn assert_all_are_there(server: &IngestServer, desk: &Desk) {
    assert_each_is_there_once(server, desk);
    server.assert_sound();
}

fn assert_each_is_there_once(server: &IngestServer, desk: &Desk) {
    let events = server.events();
    let ids: BTreeSet<&str> = events
        .iter()
        .filter_map(|event| event["event_id"].as_str())
        .collect();
    assert_eq!((events.len(), ids.len()), (recorded(desk), recorded(desk)));
}

#[test]
fn what_is_sent_twice_is_there_once_and_not_sent_again() {
    let server = IngestServer::start();
    let desk = desk(&server);
    let events = recorded(&desk);
    let said = desk.out(&["send"]);
    assert_eq!(
        said,
        format!("✓ {events} events of 3 runs sent to {}\n", server.url())
    );
    assert_all_are_there(&server, &desk);

    let requests = server.requests().len();
    assert_eq!(
        desk.out(&["send"]),
        format!("✓ {} has all of 3 runs already\n", server.url())
    );
    assert_eq!(server.requests().len(), requests, "nothing was asked");

    // Whoever insists does no harm: the server drops what it has.
    let said = desk.json(&["send", "--again", "--json"]);
    assert_eq!(said[0]["sent"], events);
    assert!(server.requests().len() > requests);
    assert_each_is_there_once(&server, &desk);
}

#[test]
fn what_is_recorded_later_is_sent_later() {
    let server = IngestServer::start();
    let desk = desk(&server);
    desk.out(&["send"]);
    let before = recorded(&desk);
    let rollout = desk.recorder(2);
    rollout.trace("later").start().end();
    rollout.shutdown();
    let said = desk.json(&["send", "--json"]);
    assert_eq!(
        (said[0]["runs"].as_u64(), said[0]["sent"].as_u64()),
        (Some(4), Some(2))
    );
    assert_eq!(recorded(&desk), before + 2);
    assert_all_are_there(&server, &desk);
}

#[test]
fn runs_are_chosen_and_the_rest_comes_with_the_next_one() {
    let server = IngestServer::start();
    let desk = desk(&server);
    let failed = desk.json(&["send", "--status", "failed", "--json"]);
    assert_eq!(failed[0]["runs"], 1);
    let sent = failed[0]["sent"].as_u64().unwrap();
    let names: BTreeSet<String> = server
        .events()
        .iter()
        .filter(|event| event["event_type"] == "trace.start")
        .map(|event| event["name"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(names, BTreeSet::from(["refund".to_owned()]));
    let rest = desk.json(&["send", "--json"]);
    assert_eq!(
        rest[0]["sent"].as_u64().unwrap() + sent,
        recorded(&desk) as u64
    );
    assert_all_are_there(&server, &desk);
}

#[test]
fn a_dry_run_sends_nothing_and_needs_no_key() {
    let server = IngestServer::start();
    let desk = desk(&server);
    let said = desk.json(&["send", "--dry-run", "--json"]);
    assert_eq!(said[0]["events"], recorded(&desk));
    assert_eq!(
        (&said[0]["sent"], &said[0]["to"]),
        (&json!(0), &json!(server.url()))
    );
    assert!(server.requests().is_empty());
    let keyless = Desk::with_runs();
    assert!(
        keyless
            .out(&["send", "--dry-run"])
            .contains("nowhere: `ROLLOUT_API_KEY` is not set")
    );
    let said = keyless.run(&["send"]);
    assert_eq!(said.code, 1);
    assert_eq!(
        said.err,
        "rollout: there is no API key: set `ROLLOUT_API_KEY`\n"
    );
}

#[test]
fn too_much_at_once_is_sent_in_parts_and_a_server_that_is_busy_is_waited_for() {
    let busy = Reply::status(429).with_header("retry-after", "0");
    let large = Reply::status(413);
    let server = IngestServer::with([Answer::refuse(busy), Answer::refuse(large)]);
    let desk = desk(&server);
    desk.out(&["send"]);
    assert_eq!(server.requests().len(), 4, "once, again, and two halves");
    assert_all_are_there(&server, &desk);
}

#[test]
fn what_is_rejected_for_now_is_sent_again_alone() {
    let server = IngestServer::with([Answer::reject([1, 2], "busy").retryable()]);
    let desk = desk(&server);
    desk.out(&["send"]);
    let sizes: Vec<usize> = server
        .batches()
        .iter()
        .map(|batch| batch["events"].as_array().unwrap().len())
        .collect();
    assert_eq!(sizes, [recorded(&desk), 2]);
    assert_all_are_there(&server, &desk);
}

#[test]
fn what_is_rejected_is_told_and_not_sent_again() {
    let server = IngestServer::with([Answer::reject([1, 2], "invalid_event")]);
    let desk = desk(&server);
    let said = desk.run(&["send"]);
    assert_eq!((said.code, &*said.err), (1, ""));
    assert!(
        said.out
            .contains("✗ 2 events refused, and not sent again: "),
        "{said:?}"
    );
    assert!(said.out.contains("invalid_event"), "{said:?}");
    assert!(desk.out(&["send"]).contains("already"));
}

#[test]
fn who_is_interrupted_goes_on_where_it_ended() {
    let server = IngestServer::with([Answer::store()]);
    let mut desk = desk(&server);
    // More than one envelope has.
    for seed in 2..8 {
        let rollout = desk.recorder(seed);
        let run = rollout.trace("many").start();
        for _ in 0..20 {
            run.tool("one").start().end();
        }
        run.end();
        rollout.shutdown();
    }
    server.answer_with(Answer::refuse(Reply::status(401)));
    let said = desk.run(&["send"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("✓ 100 events of 9 runs sent"), "{said:?}");
    assert!(said.err.contains("check `ROLLOUT_API_KEY`"), "{said:?}");
    assert!(!said.err.contains(ingest::KEY) && !said.out.contains(ingest::KEY));
    server.answer_with(Answer::store());
    let rest = desk.json(&["send", "--json"]);
    assert_eq!(rest[0]["sent"], recorded(&desk) - 100);
    assert_all_are_there(&server, &desk);

    // Nobody is there, or somebody else: what one of them has is no matter of the other.
    desk.set("ROLLOUT_BASE_URL", &format!("http://{NOBODY}"));
    let said = desk.run(&["send"]);
    assert_eq!(said.code, 1);
    assert!(
        said.err.contains(NOBODY) && said.err.contains("goes on where this ended"),
        "{said:?}"
    );
    desk.set("ROLLOUT_BASE_URL", &server.url());
    desk.set("ROLLOUT_API_KEY", "rl_another");
    assert_eq!(
        desk.json(&["send", "--dry-run", "--json"])[0]["events"],
        recorded(&desk)
    );
}
