//! What travels together, and what is sent again.

use std::time::Duration;

use rollout_tests::IngestServer;
use serde_json::{Value, json};

use super::difference::{CHAT, Difference, MODEL_VERSION, OUTPUT_ONCE, USAGE_ONCE};
use super::provider::{self, answering, asked};
use super::{Capture, Program};

/// A difference in delivery that is allowed, where it is there: what becomes of the reference's
/// requests, and why.
pub(crate) type Deviation = (&'static str, fn(Vec<String>) -> Vec<String>);

/// Returns requests in short: which batch, the events in it, and whether it was sent before.
fn told(batches: &[Value]) -> Vec<String> {
    let mut seen: Vec<&Value> = Vec::new();
    let mut lines = Vec::new();
    for batch in batches {
        let before = seen
            .iter()
            .position(|seen| seen["batch_id"] == batch["batch_id"]);
        let number = before.unwrap_or(seen.len()) + 1;
        let events = batch["events"].as_array().unwrap();
        let word = |event: &Value| {
            let name = event["name"].as_str().unwrap_or_default();
            format!("{} {name}", event["event_type"].as_str().unwrap())
                .trim_end()
                .to_owned()
        };
        let (first, last) = (word(&events[0]), word(events.last().unwrap()));
        let again = match before {
            None => "",
            Some(place) if seen[place] == batch => ", again",
            Some(_) => ", changed",
        };
        lines.push(format!(
            "{number}: {} events, {first} to {last}{again}",
            events.len()
        ));
        if before.is_none() {
            seen.push(batch);
        }
    }
    lines
}

/// Ends a program, and compares its requests, one by one, with those of a capture.
#[track_caller]
pub(crate) fn delivers(program: &Program, name: &str, deviations: &[Deviation]) {
    program.rollout.shutdown();
    let ours = told(&program.ingest.batches());
    let Some(capture) = Capture::load(name) else {
        return;
    };
    let mut reference = told(&capture.batches());
    for (why, deviation) in deviations {
        let changed = deviation(reference.clone());
        assert_ne!(changed, reference, "there is no such difference: {why}");
        reference = changed;
    }
    assert_eq!(ours, reference, "{name}: ours, the reference's");
}

/// Makes a trace, and waits until it is delivered, or given up.
pub(crate) fn trace(program: &Program, name: &'static str) {
    program.rollout.trace(name).start().end();
    program.rollout.flush(super::program::LONG).unwrap();
}

#[test]
fn a_request_is_what_the_reference_sends() {
    let program = Program::start();
    trace(&program, "t");
    let Some(capture) = Capture::load("85-ingest-500-then-ok") else {
        return;
    };
    let theirs = &capture.requests()[0];
    let ours = &program.ingest.requests()[0];
    for (name, value) in theirs["headers"].as_object().unwrap() {
        match name.as_str() {
            // Whose HTTP library it is, and what that can read.
            "User-Agent" | "Accept-Encoding" => {}
            name => assert_eq!(ours.header(name), value.as_str(), "{name}"),
        }
    }
    assert_eq!(theirs["path"], ours.path);
    let (theirs, ours) = (&theirs["batch"], &program.ingest.batches()[0]);
    let keys =
        |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    assert_eq!(keys(theirs), keys(ours));
    assert_eq!(keys(&theirs["sdk"]), keys(&ours["sdk"]));
    assert_eq!(theirs["schema_version"], ours["schema_version"]);
    for batch in [theirs, ours] {
        let id = batch["batch_id"].as_str().unwrap().strip_prefix("batch_");
        assert_eq!(
            id.unwrap().split('-').map(str::len).collect::<Vec<_>>(),
            [8, 4, 4, 4, 12]
        );
        assert!(batch["sent_at"].as_str().unwrap().ends_with('Z'));
    }
}

const LATE: Duration = Duration::from_secs(60);

#[test]
fn many_events() {
    let program = Program::with(|builder| builder.flush_interval(LATE));
    let trace = program.rollout.trace("t").start();
    for _ in 0..248 {
        trace.message("user", "m").record();
    }
    trace.end();
    delivers(&program, "80-batching-250-events", &[]);
}

#[test]
fn large_events() {
    let ingest = IngestServer::start().with_batch_limits(100, 20_000);
    let program = Program::sending_to(ingest, |builder| {
        builder.flush_interval(LATE).max_batch_bytes(20_000)
    });
    let trace = program.rollout.trace("t").start();
    for size in [8_000, 8_000, 8_000, 8_000, 8_000, 8_000, 50_000] {
        trace.message("user", &"x".repeat(size)).record();
    }
    trace.end();
    delivers(&program, "81-batching-by-bytes", &[]);
}

#[test]
fn an_event_that_waits_for_company() {
    let program = Program::with(|builder| builder.flush_interval(Duration::from_millis(300)));
    for name in ["a", "b"] {
        program.run(|| {
            rollout::feedback(name, 1)
                .external_trace_id("trace_x")
                .record()
        });
        std::thread::sleep(Duration::from_millis(1500));
    }
    assert_eq!(program.ingest.requests().len(), 2);
    delivers(&program, "82-flush-interval", &[]);
}

const LEFT_OUT: &str = "[left out: the queue was full]";

const NOT_DROPPED: Difference = Difference::rule(
    "an event that is too large is sent without its value, and says so (defect 31)",
    |both| {
        let trace = both.reference[0]["trace_id"].clone();
        let message = json!({
            "event_id": "evt_00000000-0000-4000-8000-000000000000", "event_type": "message",
            "schema_version": "1.0", "trace_id": trace, "sequence": 2,
            "occurred_at": both.reference[0]["occurred_at"],
            "message": {"role": "user", "content": LEFT_OUT, "is_internal": false},
            "attributes": {"rollout.truncated": ["content"]},
        });
        both.reference.insert(1, message);
        true
    },
);

#[test]
fn an_event_that_is_too_large() {
    let program = Program::with(|builder| builder.max_queue_bytes(10_000));
    let trace = program.rollout.trace("t").start();
    trace.message("user", &"x".repeat(20_000)).record();
    trace.end();
    assert_eq!(program.batches().len(), 1);
    assert_eq!(program.ingest.events().len(), 3);
    program.matches("84-oversized-event", &[&NOT_DROPPED]);
}

#[test]
fn without_a_key() {
    let folder = std::env::temp_dir().join(format!("rollout-captures-{}", std::process::id()));
    let ingest = IngestServer::start();
    // As if the environment had none either.
    let rollout = rollout::builder()
        .api_key("")
        .base_url(ingest.url())
        .local_dir(&folder);
    let rollout = rollout.on_diagnostic(|_| ()).build().unwrap();
    rollout.trace("t").start().end();
    // The reference loses them.
    assert_eq!(rollout.shutdown().exported, 2);
    std::fs::remove_dir_all(folder).unwrap();
    let capture = Capture::load("95-no-api-key");
    assert!(capture.is_none_or(|capture| capture.requests().is_empty()));
    assert!(ingest.requests().is_empty());
}

#[test]
fn after_the_end() {
    let program = Program::start();
    trace(&program, "before");
    program.rollout.shutdown();
    program.rollout.trace("after").start().end();
    program.matches("96-after-shutdown", &[]);
}

type Client = rollout::openai::Client<async_openai::config::OpenAIConfig>;

#[rollout::agent("run", skip(client))]
fn in_a_pool(client: &Client) {
    let ask = || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let chat = client.chat();
        let call = chat.create(asked(json!({})));
        runtime.unwrap().block_on(call).unwrap();
    };
    std::thread::scope(|scope| scope.spawn(ask).join().unwrap());
}

/// A thread joins a trace where it is told to. The reference's tool raises in one that is not.
#[test]
fn in_a_thread_that_knows_of_nothing() {
    let provider = answering([provider::chat(1)]);
    let program = Program::start();
    let client = provider::unwrapped(&provider.base_url());
    let client = program.rollout.wrap(client);
    program.run(|| in_a_pool(&client));
    program.matches(
        "97-threads",
        &[&OUTPUT_ONCE, &USAGE_ONCE, &MODEL_VERSION, &CHAT],
    );
}
