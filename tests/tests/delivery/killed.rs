//! Programs that are killed in the middle of a streamed call.

use std::time::Duration;

use rollout::show::{self, Run, Status, Step, StepKind};
use rollout_tests::provider::openai;
use rollout_tests::{Folder, IngestServer, Reply, ScriptedProvider};
use serde_json::Value;

use super::process::Process;
use super::wait_until;

const STORY: &str = "Once upon a time there was a program that nobody ever heard of again.";

/// A provider whose answer gets no further than this, and how far that is.
fn provider() -> (ScriptedProvider, &'static str) {
    let frames = openai::chat_frames(&openai::chat_chunks(&openai::answer(STORY)));
    let texts: Vec<&str> = frames.iter().map(String::as_str).collect();
    let story = texts
        .iter()
        .position(|frame| frame.contains("time"))
        .unwrap();
    let reply = Reply::sse(texts.iter().map(|text| (*text).to_owned()))
        .paced(Duration::from_millis(30))
        .hang_after(story + 1);
    (ScriptedProvider::start([reply]), "Once upon a time")
}

fn call(run: &Run) -> &Step {
    run.steps
        .iter()
        .find(|step| step.kind == StepKind::Model)
        .unwrap()
}

fn text(step: &Step) -> &str {
    step.output
        .as_ref()
        .map_or("", |output| output.text.as_str())
        .trim()
}

#[test]
fn in_the_local_folder_a_killed_call_is_interrupted_with_its_text() {
    let ((provider, told), folder) = (provider(), Folder::new());
    let url = provider.base_url();
    let dir = folder.path().to_str().unwrap();
    let mut process = Process::start("stream", &[("PROVIDER", &url), ("ROLLOUT_DIR", dir)]);
    // All of it is shown while the call hangs.
    wait_until("the text so far is in the folder", || {
        show::latest(dir).unwrap().is_some_and(|run| {
            let steps = &run.steps;
            steps
                .iter()
                .any(|step| step.kind == StepKind::Model && text(step) == told)
        })
    });
    let run = show::latest(dir).unwrap().unwrap();
    assert_eq!(
        (&run.status, &call(&run).status),
        (&Status::Unfinished, &Status::Unfinished)
    );
    process.kill();
    let run = show::latest(dir).unwrap().unwrap();
    assert_eq!(
        (&run.status, &call(&run).status),
        (&Status::Interrupted, &Status::Interrupted)
    );
    assert_eq!((run.name.as_str(), text(call(&run))), ("storyteller", told));
    let tree = run.to_string();
    assert!(tree.contains("⊘") && tree.contains(told), "{tree}");
}

#[test]
fn the_next_run_tells_the_server_of_a_killed_call_with_its_text() {
    let ((provider, told), spool, ingest) = (provider(), Folder::new(), IngestServer::start());
    let (base, url) = (provider.base_url(), ingest.url());
    let dir = spool.path().to_str().unwrap();
    let mut process = Process::start(
        "stream",
        &[("PROVIDER", &base), ("INGEST", &url), ("SPOOL", dir)],
    );
    let is_told = |value: &Value| value.as_str().is_some_and(|text| text.trim() == told);
    let preview = |event: &Value| is_told(&event["raw"]["stream_preview"]);
    wait_until("the text so far is on disk", || {
        spool.events().iter().any(preview)
    });
    process.kill();
    let before = ingest.events();
    assert!(before.iter().all(|event| event["event_type"] != "span.end"));

    let nothing = [
        ("NAME", "-"),
        ("TRACES", "0"),
        ("INGEST", url.as_str()),
        ("SPOOL", dir),
    ];
    Process::start("record", &nothing).finish();
    ingest.assert_sound();
    let events = ingest.events();
    let ends: Vec<_> = events
        .iter()
        .filter(|event| event["attributes"]["rollout.process.gone"] == true)
        .map(|event| {
            (
                event["event_type"].as_str().unwrap(),
                event["status"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        ends,
        [("span.end", "interrupted"), ("trace.end", "interrupted")]
    );
    let stream_end = events
        .iter()
        .find(|event| event["event_type"] == "llm.stream_end")
        .unwrap();
    assert!(is_told(&stream_end["raw"]["output"]), "{stream_end}");
    let run = show::runs(&events).swap_remove(0);
    assert_eq!(
        (call(&run).status.clone(), text(call(&run))),
        (Status::Interrupted, told)
    );
    assert_eq!(
        (spool.files("jsonl").len(), spool.files("lock").len()),
        (0, 0)
    );

    // Nothing is left to be told.
    Process::start("record", &nothing).finish();
    assert_eq!(ingest.events().len(), events.len());
    ingest.assert_sound();
}
