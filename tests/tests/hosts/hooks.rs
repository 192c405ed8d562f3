//! Hooks and exporters that wait for themselves, never return, or record what they do.

use rollout_tests::IngestServer;

use super::{program, program_of, run};

#[test]
fn hooks_that_flush_do_not_wait_for_themselves() {
    let ingest = IngestServer::start();
    run(&mut program_of("flushes in hooks", &ingest)).assert_success();
    ingest.assert_sound();
    assert_eq!(ingest.events().len(), 27);
}

#[test]
fn hooks_that_record_do_not_record_themselves() {
    let ingest = IngestServer::start();
    let ended = run(&mut program_of("records in a hook", &ingest));
    ended.assert_success();
    assert_eq!(ingest.violations(), []);
}

#[test]
fn a_hook_that_never_returns_holds_nobody_up() {
    let ingest = IngestServer::start();
    let ended = run(&mut program_of("hangs in a hook", &ingest));
    ended.assert_success();
    let [created, exported, spooled, queued, lost] = ended.stats();
    assert_eq!(
        (created, exported, spooled, queued, lost),
        (50, 0, 0, 0, 50)
    );
}

#[test]
fn an_exporter_that_never_returns_holds_nobody_up() {
    let ended = run(&mut program("hangs in an exporter"));
    ended.assert_success();
    for place in ["export", "shutdown", "drop"] {
        assert!(ended.stdout.lines().any(|line| line == place), "{ended}");
    }
    // Given to it and never heard of again; all that came to the others, which hang later.
    let [created, exported, .., lost] = ended.stats();
    assert_eq!((created, exported, lost), (25, 25, 0), "{ended}");
}
