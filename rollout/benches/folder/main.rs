//! How long the program takes over a folder with many runs, and how much memory.
//!
//! `cargo bench -p rollout --features cli --bench folder`
//!
//! Records 100,000 spans (`ROLLOUT_BENCH_SPANS`) as a program would, in runs of ten. Peaks of memory are
//! those that Linux tells of.

#![allow(missing_docs, reason = "a program")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a program that measures"
)]

mod measure;
mod record;

use std::fs;
use std::path::PathBuf;

use measure::{Measured, command, first_page};

const SPANS: usize = 100_000;

/// How often what is there already is measured: the middle counts.
const TIMES: usize = 5;

/// A folder that goes when the bench ends.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn main() {
    let spans = std::env::var("ROLLOUT_BENCH_SPANS").ok();
    let spans = spans.and_then(|spans| spans.parse().ok()).unwrap_or(SPANS);
    let name = format!("rollout-bench-folder-{}", std::process::id());
    let folder = Folder(std::env::temp_dir().join(name));
    let dir = &folder.0;
    let runs = record::record(dir, spans);
    let (mut bytes, mut lines) = (0, 0);
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|what| what == "jsonl") {
            let text = fs::read_to_string(path).unwrap();
            bytes += text.len();
            lines += text.lines().count();
        }
    }
    println!(
        "{spans} spans in {runs} runs: {lines} events, {:.0} MB\n",
        bytes as f64 / 1e6
    );
    println!("| | the first time | then | memory at most |");
    println!("| --- | ---: | ---: | ---: |");
    let forget = || {
        let _ = fs::remove_dir_all(dir.join("index"));
    };
    for arguments in [
        &["list"][..],
        &["list", "--status", "errors"],
        &["list", "--limit", "0", "--json"],
        &["show", "last"],
        &["stats"],
        &["grep", "order.77"],
        &["export"],
    ] {
        forget();
        let first = command(dir, arguments);
        let then = middle(|| command(dir, arguments));
        row(&format!("rollout {}", arguments.join(" ")), first, then);
    }
    forget();
    let first = first_page(dir);
    let then = middle(|| first_page(dir));
    row("rollout view", first, then);
}

/// Returns the one in the middle, by time.
fn middle(measure: impl Fn() -> Measured) -> Measured {
    let mut all: Vec<Measured> = (0..TIMES).map(|_| measure()).collect();
    all.sort_by_key(|measured| measured.took);
    all.swap_remove(TIMES / 2)
}

fn row(what: &str, first: Measured, then: Measured) {
    let memory = match first.peak.max(then.peak) {
        0 => "?".to_owned(),
        bytes => format!("{:.0} MB", bytes as f64 / 1e6),
    };
    let (first, then) = (first.took.as_millis(), then.took.as_millis());
    println!("| `{what}` | {first} ms | {then} ms | {memory} |");
}
