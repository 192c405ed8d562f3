//! Where the page's runs come from: the folder, read as it grows.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rollout_core::show::{self, Run};
use serde_json::Value;
use tokio::sync::broadcast;

use super::flat::{self, FlatStep};
use super::listing::Entry;
use super::summary::Summary;

/// Who follows hears of so many changes before it is told that it missed some.
const CHANGES: usize = 64;

/// The recorded runs of a folder.
#[derive(Debug)]
pub(super) struct Source {
    folder: PathBuf,
    known: Mutex<Known>,
    /// The ids of the traces of which there is more.
    changes: broadcast::Sender<Vec<String>>,
}

/// What is read already.
#[derive(Debug, Default)]
struct Known {
    /// How much of each file.
    files: BTreeMap<PathBuf, u64>,
    /// By trace.
    events: BTreeMap<String, Vec<Value>>,
    /// The oldest first.
    runs: Arc<Vec<Run>>,
    /// The newest first.
    entries: Arc<Vec<Entry>>,
}

/// A run, and all that is recorded of it.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) run: Run,
    pub(super) events: Vec<Value>,
    /// The ids of its own trace, and of those begun inside it.
    pub(super) traces: Vec<String>,
}

impl Source {
    pub(super) fn new(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            known: Mutex::default(),
            changes: broadcast::channel(CHANGES).0,
        }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Tells what changes from now on.
    pub(super) fn follow(&self) -> broadcast::Receiver<Vec<String>> {
        self.changes.subscribe()
    }

    /// Looks at the folder if somebody follows it, and tells them what is new.
    pub(super) fn look(&self) -> io::Result<()> {
        if self.changes.receiver_count() > 0 {
            drop(self.read()?);
        }
        Ok(())
    }

    /// Returns all runs, the newest first.
    pub(super) fn entries(&self) -> io::Result<Arc<Vec<Entry>>> {
        Ok(Arc::clone(&self.read()?.entries))
    }

    /// Returns the run that this trace is, or is a part of.
    pub(super) fn open(&self, id: &str) -> io::Result<Option<Opened>> {
        let known = self.read()?;
        let found = known.runs.iter().find_map(|run| {
            let traces = flat::traces(run);
            traces
                .iter()
                .any(|trace| trace == id)
                .then_some((run, traces))
        });
        Ok(found.map(|(run, traces)| Opened {
            run: run.clone(),
            events: traces
                .iter()
                .filter_map(|trace| known.events.get(trace))
                .flatten()
                .cloned()
                .collect(),
            traces,
        }))
    }

    /// Reads what has been added since the last time.
    fn read(&self) -> io::Result<MutexGuard<'_, Known>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = BTreeSet::new();
        for (file, length) in files(&self.folder)? {
            let from = known.files.get(&file).copied().unwrap_or(0);
            if length > from {
                let read = known.append(&file, from, &mut changed)?;
                known.files.insert(file, from + read);
            }
        }
        if !changed.is_empty() {
            known.runs = Arc::new(show::runs(known.events.values().flatten()));
            known.entries = Arc::new(known.runs.iter().rev().map(Entry::of).collect());
            // Nobody has to follow.
            let _ = self.changes.send(changed.into_iter().collect());
        }
        Ok(known)
    }
}

impl Known {
    /// Reads the lines of a file that are whole; returns how many bytes those are.
    fn append(
        &mut self,
        file: &Path,
        from: u64,
        changed: &mut BTreeSet<String>,
    ) -> io::Result<u64> {
        let mut file = File::open(file)?;
        file.seek(SeekFrom::Start(from))?;
        let mut reader = BufReader::new(file);
        let (mut line, mut read) = (Vec::new(), 0);
        loop {
            line.clear();
            let length = reader.read_until(b'\n', &mut line)?;
            // The last line may be in the middle of being written.
            if length == 0 || line.last() != Some(&b'\n') {
                return Ok(read);
            }
            read += length as u64;
            let Ok(event) = serde_json::from_slice::<Value>(&line) else {
                continue;
            };
            let trace = ["trace_id", "external_trace_id"]
                .iter()
                .find_map(|key| event.get(key)?.as_str().filter(|id| !id.is_empty()));
            if let Some(trace) = trace.map(str::to_owned) {
                changed.insert(trace.clone());
                self.events.entry(trace).or_default().push(event);
            }
        }
    }
}

impl Opened {
    /// Returns the run in a line, and its steps as a list.
    pub(super) fn flat(&self) -> (Summary, Vec<FlatStep>) {
        let summary = Summary::of(&self.run);
        let steps = flat::steps(&self.run, &summary);
        (summary, steps)
    }
}

/// Returns the files whose lines are events, with their lengths; none if there is no folder yet.
fn files(folder: &Path) -> io::Result<Vec<(PathBuf, u64)>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let is_jsonl = path
            .extension()
            .is_some_and(|extension| extension == "jsonl");
        // It may be removed at any moment.
        if is_jsonl
            && let Ok(metadata) = fs::metadata(&path)
            && metadata.is_file()
        {
            files.push((path, metadata.len()));
        }
    }
    files.sort();
    Ok(files)
}
