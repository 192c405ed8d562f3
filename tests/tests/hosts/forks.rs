//! Processes that are forked off while others of the parent's threads record.

use rollout_tests::IngestServer;

use super::{program_of, run};

#[test]
fn defect_33_what_is_forked_off_sends_nothing_twice_and_waits_for_nobody() {
    let ingest = IngestServer::start();
    let ended = run(&mut program_of("forks", &ingest));
    ended.assert_success();
    let children = ended.said("child");
    assert!(
        children.len() == 25 && children.iter().all(|code| *code == "0"),
        "{ended}"
    );
    ingest.assert_sound();
    let events = ingest.events();
    let of_children = events
        .iter()
        .filter(|event| event["name"] == "of the child");
    assert_eq!(of_children.count(), 50);
    // Neither what was queued when it was forked off, nor what it recorded with its parent's client.
    let [created, exported, .., lost] = ended.stats();
    assert_eq!(
        (created, exported + lost),
        (exported + lost, events.len() as u64 - 50 + lost)
    );
}
