//! Secrets that are planted wherever a program can put one, and looked for in every byte that is written.

mod by_hand;
mod canary;
mod clients;
mod permissions;
mod search;

use std::process::Command;

use rollout_tests::ingest::KEY;
use rollout_tests::{Folder, IngestServer};

use canary::key;
use search::{Haystack, found};

/// Where the program that is observed leaves what it writes.
const FOLDER: &str = "LEAKS_FOLDER";

/// Runs a program in which all is planted, as a process of its own for the sake of its output.
#[test]
fn defect_43_a_secret_is_in_nothing_that_is_written() {
    let folder = Folder::new();
    let mut program = Command::new(std::env::current_exe().unwrap());
    program.args([
        "--exact",
        "program",
        "--ignored",
        "--nocapture",
        "--test-threads=1",
    ]);
    program.env(FOLDER, folder.path());
    program.env("ROLLOUT_SAMPLE_RATE", key("variable"));
    let output = program.output().unwrap();
    let mut haystack = Haystack::default();
    haystack.add("standard output", &output.stdout);
    haystack.add("standard error", &output.stderr);
    haystack.add_folder(folder.path());
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    assert!(
        text.contains("ROLLOUT_SAMPLE_RATE"),
        "it says what it does: {text}"
    );
    assert_eq!(found(&haystack, &[]), [""; 0]);
}

/// What the test above runs.
#[test]
#[ignore = "is run by another"]
fn program() {
    let Ok(folder) = std::env::var(FOLDER) else {
        return;
    };
    // What a panic says goes to standard error, by the program and not by what observes it.
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if info.payload_as_str() != Some(&by_hand::panic_message()) {
            print(info);
        }
    }));
    let ingest = IngestServer::start();
    let memory = rollout::MemoryExporter::new();
    let builder = rollout::builder()
        .api_key(KEY)
        .base_url(ingest.url())
        .spool_dir(format!("{folder}/spool"))
        .local_dir(format!("{folder}/local"))
        .exporter(memory.clone())
        .capture_stream_chunks(true)
        .debug(true);
    let mut shown = vec![format!("{builder:?}")];
    let rollout = builder.build().unwrap();
    shown.push(format!("{rollout:?}"));
    rollout.context().in_scope(|| {
        shown.extend(clients::call_all(&rollout));
        shown.extend(by_hand::tell_all());
    });
    let undelivered = rollout::builder()
        .api_key(key("key of rollout"))
        .base_url(format!(
            "http://me:{}@127.0.0.1:1",
            canary::bare("address of rollout")
        ))
        .spool_dir(format!("{folder}/undelivered"))
        .shutdown_timeout(std::time::Duration::from_millis(200))
        .debug(true);
    shown.push(format!("{undelivered:?}"));
    let undelivered = undelivered.build().unwrap();
    undelivered.trace(key("name of a trace")).start().end();
    undelivered.shutdown();
    let stats = rollout.shutdown();
    assert_eq!(stats.dropped.total(), 0, "{stats:?}");

    let mut haystack = Haystack::default();
    for text in shown {
        haystack.add("Debug", text.as_bytes());
    }
    let events = memory.events();
    assert!(events.len() > 60, "{}", events.len());
    haystack.add("memory", format!("{events:?}").as_bytes());
    haystack.add("chunks", chunks(&events).as_bytes());
    for batch in ingest.batches() {
        haystack.add("ingest", batch.to_string().as_bytes());
    }
    assert_eq!(found(&haystack, &[KEY]), [""; 0]);
    // All of it was there: what stands in its place is, at least, in the events.
    let text = format!("{events:?}");
    for label in [
        "access key",
        "api key",
        "authorization",
        "cookie",
        "password",
        "private key",
        "secret",
        "token",
    ] {
        assert!(text.contains(&format!("[REDACTED {label}]")), "{label}");
    }
    for kept in [
        "gpt-4o",
        "max_tokens",
        "What is the weather",
        "Hello, world",
    ] {
        assert!(text.contains(kept), "{kept}");
    }
}

/// Returns the pieces of streams as if they had come as one.
fn chunks(events: &[rollout::protocol::Event]) -> String {
    let chunks = events.iter().filter_map(|event| event.raw.chunk.as_ref());
    let texts = chunks.map(|chunk| chunk.to_value().as_str().unwrap().to_owned());
    texts.collect()
}
