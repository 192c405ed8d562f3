//! Whatever a program does, and however it ends: it ends as it would unobserved, and what it recorded is
//! delivered, kept, or counted. The programs are processes of their own, those of `src/bin/host`.
//!
//! None of them is timed: servers never answer and hooks never return, so that a program that waits for
//! them does not end.

mod disks;
mod ends;
#[cfg(unix)]
mod forks;
mod hooks;
mod servers;

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Sender};
use std::time::{Duration, Instant};

use rollout_tests::IngestServer;

/// Longer than any program takes, unless it hangs.
const LONG: Duration = Duration::from_secs(120);

/// A program that has ended.
struct Ended {
    status: ExitStatus,
    stdout: String,
    stderr: String,
}

/// Describes a program that records locally, in an environment that says nothing else.
fn program(name: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_host"));
    command.arg(name).env_clear();
    command
}

/// Describes a program that records for this server.
fn program_of(name: &str, ingest: &IngestServer) -> Command {
    let mut command = program(name);
    command
        .env("INGEST", ingest.url())
        .env("SPOOL", ingest.spool_dir());
    command
}

/// Runs a program to its end, which it has to come to.
#[track_caller]
fn run(command: &mut Command) -> Ended {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (stdout, stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let (said, lines) = mpsc::channel();
    follow(stdout, true, said.clone());
    follow(stderr, false, said);
    let (mut stdout, mut stderr) = (String::new(), String::new());
    let started = Instant::now();
    // What it forked off has to end as well.
    let hangs = loop {
        match lines.recv_timeout(LONG.saturating_sub(started.elapsed())) {
            Ok((true, line)) => stdout += &(line + "\n"),
            Ok((false, line)) => stderr += &(line + "\n"),
            Err(error) => break error == mpsc::RecvTimeoutError::Timeout,
        }
    };
    if hangs {
        child.kill().unwrap();
    }
    let status = child.wait().unwrap();
    assert!(!hangs, "{command:?} does not end\n{stdout}\n{stderr}");
    Ended {
        status,
        stdout,
        stderr,
    }
}

/// Passes on what is said, line by line.
fn follow(from: impl Read + Send + 'static, is_stdout: bool, to: Sender<(bool, String)>) {
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let _ = to.send((is_stdout, line));
        }
    });
}

impl Ended {
    /// Returns what it said with this word in front.
    fn said(&self, word: &str) -> Vec<&str> {
        let lines = self.stdout.lines();
        lines
            .filter_map(|line| line.strip_prefix(word)?.strip_prefix(' '))
            .collect()
    }

    /// Returns what became of its events: created, exported, spooled, queued, lost. The program has checked
    /// that they add up.
    #[track_caller]
    fn stats(&self) -> [u64; 5] {
        let said = self.said("stats");
        let last = said.last().unwrap_or_else(|| panic!("{self}"));
        let numbers: Vec<u64> = last.split(' ').map(|word| word.parse().unwrap()).collect();
        numbers.try_into().unwrap()
    }

    #[track_caller]
    fn assert_success(&self) {
        assert!(self.status.success(), "{self}");
        assert!(!self.stderr.contains("panicked"), "{self}");
    }
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}\n{}\n{}", self.status, self.stdout, self.stderr)
    }
}
