//! Runs an example as a reader of the README does.

#![allow(dead_code, reason = "each test uses what it needs of it")]

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use rollout::show::{self, Run};
use serde_json::Value;

/// What the examples give as the key where none is needed.
const KEY: &str = "none is needed here";

/// No example takes longer.
const LIMIT: Duration = Duration::from_secs(60);

/// What an example did, in a folder of its own that goes with this.
pub struct Example {
    dir: PathBuf,
    /// What it printed.
    pub printed: String,
}

impl Example {
    /// Runs the example of this name in an empty folder, without accounts.
    pub fn run(name: &str) -> Self {
        static RUNS: AtomicUsize = AtomicUsize::new(0);
        let nth = RUNS.fetch_add(1, Ordering::Relaxed);
        let dir = format!("rollout-{name}-{}-{nth}", std::process::id());
        let dir = env::temp_dir().join(dir);
        fs::create_dir_all(&dir).unwrap();
        let mut command = Command::new(program(name));
        for (variable, _) in env::vars_os() {
            let name = variable.to_string_lossy();
            let prefixes = [
                "OPENAI_",
                "ANTHROPIC_",
                "OPENROUTER_",
                "AZURE_",
                "ROLLOUT_",
                "OTEL_",
            ];
            if prefixes.iter().any(|prefix| name.starts_with(prefix)) {
                command.env_remove(&variable);
            }
        }
        let pipes = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = pipes.current_dir(&dir).spawn().unwrap();
        let begun = Instant::now();
        while child.try_wait().unwrap().is_none() {
            if begun.elapsed() > LIMIT {
                child.kill().unwrap();
            }
            thread::sleep(Duration::from_millis(10));
        }
        let output = child.wait_with_output().unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{}: {errors}", output.status);
        assert_eq!(errors, "", "a run that goes well says nothing there");
        let printed = String::from_utf8(output.stdout).unwrap();
        Self { dir, printed }
    }

    /// Returns the runs that it recorded, the oldest first.
    pub fn runs(&self) -> Vec<Run> {
        let folder = self.dir.join(".rollout");
        if folder.exists() {
            show::load(folder).unwrap()
        } else {
            Vec::new()
        }
    }

    /// Returns the one run that it recorded, and has printed as a tree.
    pub fn recorded(&self) -> Run {
        let mut runs = self.runs();
        assert_eq!(runs.len(), 1);
        let run = runs.remove(0);
        let tree = run.tree().width(120).to_string();
        assert!(self.printed.contains(&tree), "{}", self.printed);
        run
    }

    /// Returns the events that it recorded, each of which was a line of JSON.
    pub fn events(&self) -> Vec<Value> {
        let mut events = Vec::new();
        for file in fs::read_dir(self.dir.join(".rollout")).unwrap() {
            let file = file.unwrap().path();
            if file.extension().is_some_and(|kind| kind == "jsonl") {
                let text = fs::read_to_string(&file).unwrap();
                assert!(text.ends_with('\n'));
                assert!(!text.contains(KEY), "the key is in the record");
                events.extend(text.lines().map(|line| {
                    serde_json::from_str::<Value>(line)
                        .unwrap_or_else(|error| panic!("{error}: {line}"))
                }));
            }
        }
        events
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// Returns a tree without what differs from run to run.
pub fn shape(run: &Run) -> String {
    run.tree().width(200).timed(false).to_string()
}

/// Returns an example's program, which cargo has built beside this test.
fn program(name: &str) -> PathBuf {
    let mut path = env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.join("examples")
        .join(name)
        .with_extension(env::consts::EXE_EXTENSION)
}
