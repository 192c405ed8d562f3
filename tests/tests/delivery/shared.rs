//! Processes that share a folder.

use rollout_tests::ingest::Answer;
use rollout_tests::{Folder, IngestServer, Reply};

use super::LONG;
use super::process::Process;

#[test]
fn processes_that_share_a_folder_send_nothing_twice_and_nothing_of_each_other() {
    // The server is away while they record.
    let (ingest, spool) = (IngestServer::always(down()), Folder::new());
    let (url, dir) = (ingest.url(), spool.path().to_str().unwrap());
    let start = |name, waits: &[(&str, &str)]| {
        let variables = [
            ("INGEST", url.as_str()),
            ("SPOOL", dir),
            ("NAME", name),
            ("TRACES", "20"),
        ];
        Process::start("record", &[&variables[..], waits].concat())
    };
    let mut killed = start("killed", &[("WAITS", "1")]);
    let mut waiting = start("waiting", &[("WAITS", "1")]);
    assert_eq!(
        (killed.wait_for("recorded"), waiting.wait_for("recorded")),
        ok_twice()
    );
    killed.kill();
    let before = ingest.requests().len();
    assert!(before > 0 && ingest.events().is_empty());
    ingest.answer_with(Answer::store());
    // Two at once want what the killed one has left; only one of them gets it.
    let mut heirs = [start("heir", &[]), start("heir", &[])];
    for heir in &mut heirs {
        heir.finish();
    }
    // That of the one that lives stays its own, and it sends it when it finds the server back.
    ingest.wait_for_events(4 * 20 * 4, LONG);
    waiting.finish();
    ingest.assert_sound();
    let of = |name: &str| {
        let events = ingest.events();
        let named = |event: &&serde_json::Value| event["name"].as_str().unwrap().starts_with(name);
        events.iter().filter(named).count()
    };
    assert_eq!((of("killed"), of("waiting"), of("heir")), (40, 40, 80));
    assert_eq!(
        (spool.files("jsonl"), spool.files("lock")),
        (vec![], vec![])
    );
}

fn down() -> Answer {
    Answer::refuse(Reply::status(503).with_header("retry-after", "0"))
}

fn ok_twice() -> (String, String) {
    (String::from("Ok(())"), String::from("Ok(())"))
}
