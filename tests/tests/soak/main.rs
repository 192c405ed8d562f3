//! A program that records for a long time takes no more of anything than it did at first: memory, threads,
//! open files, tasks. `scripts/soak` runs it for six minutes; as a test it takes some seconds, and looks at
//! all but the memory.
//!
//! The program is this one, run again as a process of its own, so that the servers take nothing of it.
#![cfg(target_os = "linux")]

mod program;
mod samples;
mod servers;

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use program::{INGEST, PROVIDER, SECONDS, SPOOL};
use rollout_tests::Folder;
use samples::{Sample, Samples};

/// Runs the program for so long, and looks at it all the while.
fn soak(length: Duration) -> Samples {
    let (provider, ingest) = (servers::provider(), servers::ingest(length));
    let spool = Folder::new();
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "program::program", "--ignored", "--nocapture"])
        .env(PROVIDER, provider.url())
        .env(INGEST, ingest.url())
        .env(SPOOL, spool.path())
        .env(SECONDS, length.as_secs().to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let started = Instant::now();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut samples = Samples::default();
    for line in lines.map_while(Result::ok) {
        if let Some(told) = line.strip_prefix("tick ") {
            let sample = Sample::take(started.elapsed(), child.id(), told);
            eprintln!("{sample}");
            samples.0.push(sample);
        }
    }
    assert!(child.wait().unwrap().success());
    assert_eq!(spool.files("jsonl"), Vec::<std::path::PathBuf>::new());
    samples
}

#[test]
fn defect_62_a_program_takes_no_more_threads_and_files_than_at_first() {
    let samples = soak(Duration::from_secs(8));
    samples.assert_bounded();
}

#[test]
#[ignore = "takes minutes: `scripts/soak` runs it"]
fn defect_62_a_program_takes_no_more_memory_than_at_first() {
    let seconds = std::env::var(SECONDS).map_or(360, |seconds| seconds.parse().unwrap());
    let samples = soak(Duration::from_secs(seconds));
    samples.assert_bounded();
    samples.assert_flat();
    eprintln!("{samples}");
}
