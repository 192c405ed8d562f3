//! Ends of programs, expected ones and others.

use rollout_tests::ingest::Answer;
use rollout_tests::{IngestServer, Reply};

use super::{program_of, run};

fn down() -> Answer {
    Answer::refuse(Reply::status(503).with_header("retry-after", "0"))
}

/// Returns how many events of this type are stored.
fn count(ingest: &IngestServer, kind: &str) -> usize {
    let events = ingest.events();
    let of_kind = events.iter().filter(|event| event["event_type"] == kind);
    of_kind.count()
}

#[test]
fn a_program_that_exits_in_the_middle_has_its_status_and_its_records() {
    let ingest = IngestServer::start();
    let ended = run(&mut program_of("exits", &ingest));
    assert_eq!(ended.status.code(), Some(3), "{ended}");
    assert_eq!(ingest.violations(), []);
    assert_eq!(
        (count(&ingest, "trace.start"), count(&ingest, "trace.end")),
        (4, 3)
    );
}

#[test]
fn what_a_program_leaves_that_exits_elsewhere_or_aborts_the_next_one_sends() {
    for (name, code) in [("exits elsewhere", Some(4)), ("aborts", None)] {
        let ingest = IngestServer::always(down());
        let ended = run(&mut program_of(name, &ingest));
        assert_eq!(ended.status.code(), code, "{ended}");
        let [created, exported, spooled, ..] = ended.stats();
        assert_eq!((created, exported, spooled), (15, 0, 15), "{name}");
        ingest.answer_with(Answer::store());
        run(&mut program_of("idles", &ingest)).assert_success();
        assert_eq!(ingest.events().len(), 15, "{name}");
        ingest.assert_sound();
    }
}

#[test]
fn a_panic_of_the_programs_is_recorded_and_stays_what_it_is() {
    for name in ["panics", "fails while it panics"] {
        let ingest = IngestServer::start();
        let ended = run(&mut program_of(name, &ingest));
        assert_eq!(ended.status.code(), Some(101), "{ended}");
        assert!(ended.stderr.contains("of the program"), "{ended}");
        ingest.assert_sound();
        let events = ingest.events();
        let end = events
            .iter()
            .find(|event| event["event_type"] == "trace.end");
        assert_eq!(end.unwrap()["status"], "error", "{name}");
        let text = format!("{events:?}");
        let not_recorded = text.matches("its serialisation panicked").count();
        assert_eq!(not_recorded > 0, name == "fails while it panics", "{text}");
    }
}

#[test]
fn spans_end_in_the_destructors_of_a_threads_locals() {
    let ingest = IngestServer::start();
    let ended = run(&mut program_of("locals", &ingest));
    ended.assert_success();
    let [created, exported, ..] = ended.stats();
    assert_eq!(created, exported, "{ended}");
    assert_eq!(ingest.violations(), []);
    // Of the three that are begun on threads that end all is there; main's own outlives the client.
    assert_eq!(
        count(&ingest, "trace.start") - count(&ingest, "trace.end"),
        1
    );
}

#[test]
fn runtimes_may_end_before_the_client_and_after_it() {
    let ingest = IngestServer::start();
    let ended = run(&mut program_of("runtimes", &ingest));
    ended.assert_success();
    assert_eq!(ingest.violations(), []);
    let lost: Vec<u64> = ended
        .said("stats")
        .iter()
        .map(|stats| stats.rsplit(' ').next().unwrap().parse().unwrap())
        .collect();
    // What ends after the client is counted, and nothing else is lost.
    assert_eq!(lost, [0, 0, 20]);
    assert_eq!(count(&ingest, "trace.end"), 10);
}

#[test]
fn a_program_may_flush_wherever_it_is() {
    let ingest = IngestServer::start();
    let ended = run(&mut program_of("ends everywhere", &ingest));
    ended.assert_success();
    let [created, exported, .., lost] = ended.stats();
    assert_eq!((created - exported, lost), (4, 4), "{ended}");
    ingest.assert_sound();
}
