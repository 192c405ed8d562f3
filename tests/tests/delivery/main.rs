//! Nothing that was recorded is lost: not by a server that fails, nor by the death of the program.
//!
//! The programs that die are this one, run again as processes of their own.

mod flood;
mod killed;
mod latency;
mod process;
mod program;
mod server;
mod shared;

use std::time::{Duration, Instant};

/// Longer than any test takes, unless it fails.
const LONG: Duration = Duration::from_secs(120);

/// Waits until something is so.
#[track_caller]
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < LONG, "never so: {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}
