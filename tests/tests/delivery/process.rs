//! Programs that record, as processes that can be killed.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use super::program::PROGRAM;
use super::wait_until;

/// A process that runs one of the programs of this test.
pub(crate) struct Process {
    child: Child,
    lines: Arc<Mutex<Vec<(Instant, String)>>>,
    reader: Option<std::thread::JoinHandle<()>>,
}

impl Process {
    /// Starts a program with these variables in its environment.
    pub(crate) fn start(program: &str, variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "program::program", "--ignored", "--nocapture"])
            .env(PROGRAM, program)
            .envs(variables.iter().copied())
            .stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (stdout, sink) = (child.stdout.take().unwrap(), Arc::clone(&lines));
        let reader = std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                sink.lock().unwrap().push((Instant::now(), line));
            }
        });
        Self {
            child,
            lines,
            reader: Some(reader),
        }
    }

    /// Returns what it said with this word in front, and when.
    pub(crate) fn said(&self, word: &str) -> Vec<(Instant, String)> {
        let lines = self.lines.lock().unwrap();
        let said = lines.iter().filter_map(|(at, line)| {
            let rest = line.strip_prefix(word)?.strip_prefix(' ')?;
            Some((*at, rest.to_owned()))
        });
        said.collect()
    }

    /// Waits until it says something with this word in front, and returns that.
    pub(crate) fn wait_for(&self, word: &str) -> String {
        wait_until(word, || !self.said(word).is_empty());
        self.said(word).swap_remove(0).1
    }

    /// Kills it, as `kill -9` does.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.read_on();
    }

    /// Waits until it ends by itself.
    #[track_caller]
    pub(crate) fn finish(&mut self) {
        let status = self.child.wait().unwrap();
        self.read_on();
        assert!(status.success(), "{status}");
    }

    /// Reads what it still had to say.
    fn read_on(&mut self) {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
