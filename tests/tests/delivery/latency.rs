//! How soon what is recorded is on disk.

use std::time::{Duration, Instant};

use rollout::Rollout;
use rollout_tests::ingest::KEY;
use rollout_tests::{Folder, IngestServer};

/// Records beginnings with pauses between them, and returns how long each took to be on disk, in order.
fn latencies(rollout: &Rollout, folder: &Folder, count: usize) -> Vec<Duration> {
    let mut latencies: Vec<Duration> = (0..count)
        .map(|n| {
            let name = format!("trace {n}.");
            let started = Instant::now();
            let trace = rollout.trace(name.clone()).start();
            while !is_there(folder, &name) {
                assert!(started.elapsed() < super::LONG, "{name} is not on disk");
                std::thread::sleep(Duration::from_micros(200));
            }
            let latency = started.elapsed();
            trace.end();
            std::thread::sleep(Duration::from_millis(u64::try_from(n % 7).unwrap() * 3));
            latency
        })
        .collect();
    latencies.sort();
    latencies
}

fn is_there(folder: &Folder, name: &str) -> bool {
    let texts = folder.files("jsonl").into_iter().map(std::fs::read);
    let mut texts = texts.map(Result::unwrap_or_default);
    texts.any(|text| text.windows(name.len()).any(|part| part == name.as_bytes()))
}

#[test]
fn beginnings_are_on_disk_within_milliseconds() {
    const COUNT: usize = 50;
    let (local, spool, ingest) = (Folder::new(), Folder::new(), IngestServer::start());
    let hour = Duration::from_secs(3_600);
    let recorded = rollout::builder().local_dir(local.path()).api_key("");
    let sent = rollout::builder()
        .api_key(KEY)
        .base_url(ingest.url())
        .spool_dir(spool.path());
    for (what, builder, folder) in [("local folder", recorded, &local), ("spool", sent, &spool)] {
        let rollout = builder.flush_interval(hour).build().unwrap();
        let latencies = latencies(&rollout, folder, COUNT);
        let (middle, last) = (latencies[COUNT / 2], latencies[COUNT - 1]);
        eprintln!("{what}: median {middle:?}, worst {last:?}");
        // Half of them, as the machine that runs this may be busy.
        assert!(middle < Duration::from_millis(50), "{what}: {latencies:?}");
        rollout.shutdown();
    }
}

#[test]
fn events_travel_together_though_they_are_on_disk_at_once() {
    let ingest = IngestServer::start();
    let hour = Duration::from_secs(3_600);
    let rollout = rollout::builder()
        .api_key(KEY)
        .base_url(ingest.url())
        .spool_dir(ingest.spool_dir())
        .flush_interval(hour)
        .build()
        .unwrap();
    let trace = rollout.trace("slow").start();
    for _ in 0..40 {
        trace.in_scope(|| rollout::span("step").start().end());
        std::thread::sleep(Duration::from_millis(3));
    }
    assert_eq!(ingest.requests().len(), 0);
    trace.end();
    ingest.wait_for_events(82, super::LONG);
    assert!(ingest.requests().len() <= 2, "{}", ingest.requests().len());
    rollout.shutdown();
    ingest.assert_sound();
}
