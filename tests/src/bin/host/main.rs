//! Programs that are observed, and end in every way that programs end. `tests/hosts` runs them: the first
//! argument says which; where their records go is said by the environment.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::exit,
    clippy::panic,
    reason = "a program for tests"
)]

mod ends;
#[cfg(unix)]
mod forks;
mod hooks;
mod places;

use std::time::Duration;

use rollout::{Builder, Rollout, Stats};
use rollout_core as rollout;

/// Longer than any program takes, unless it hangs.
const LONG: Duration = Duration::from_secs(600);

fn main() {
    let program = std::env::args().nth(1).unwrap_or_default();
    match &*program {
        "exits" => ends::exits(),
        "exits elsewhere" => ends::exits_elsewhere(),
        "aborts" => ends::aborts(),
        "panics" => ends::panics(),
        "fails while it panics" => ends::fails_while_it_panics(),
        "locals" => ends::locals(),
        "runtimes" => ends::runtimes(),
        "idles" => ends::idles(),
        "flushes in hooks" => hooks::flushes_in_hooks(),
        "hangs in a hook" => hooks::hangs_in_a_hook(),
        "hangs in an exporter" => hooks::hangs_in_an_exporter(),
        "records in a hook" => hooks::records_in_a_hook(),
        "ends everywhere" => places::ends_everywhere(),
        "goes on" => places::goes_on(),
        "hangs on a disk" => places::hangs_on_a_disk(),
        "records here" => places::records_here(),
        "records there" => places::records_there(),
        #[cfg(unix)]
        "forks" => forks::forks(),
        other => panic!("there is no program `{other}`"),
    }
}

/// Describes a client as the environment says; it says what it has to say as lines with `diagnostic` in front.
fn builder() -> Builder {
    let builder =
        rollout::builder().on_diagnostic(|diagnostic| println!("diagnostic {diagnostic}"));
    match std::env::var("INGEST") {
        Ok(url) => builder
            .api_key(rollout_tests::ingest::KEY)
            .base_url(url)
            .spool_dir(std::env::var("SPOOL").unwrap()),
        Err(_) => builder,
    }
}

/// Records a run with a step in it: five events, as the step has an input.
fn record(rollout: &Rollout, runs: usize) {
    for _ in 0..runs {
        let trace = rollout.trace("run").start();
        trace.in_scope(|| rollout::span("step").input(&"q").start().end());
        trace.end();
    }
}

/// Checks that nothing is unaccounted for, and says what became of all.
fn report(stats: Stats) {
    let known = stats.exported + stats.spooled + stats.queued + stats.dropped.total();
    assert_eq!(stats.created, known, "{stats}");
    let (lost, queued) = (stats.dropped.total(), stats.queued);
    println!(
        "stats {} {} {} {queued} {lost}",
        stats.created, stats.exported, stats.spooled
    );
}
