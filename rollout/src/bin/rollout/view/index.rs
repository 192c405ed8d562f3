//! Where in the folder each trace is, and which traces are one run.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::thread;

use rollout_core::show::{self, Assembly, Run};
use serde_json::Value;

use super::heads::{self, Found};

/// How deep traces may be inside each other. What goes in circles is not followed further.
const DEEPEST: usize = 100;

#[derive(Debug, Default)]
pub(super) struct Index {
    files: Vec<Segment>,
    traces: HashMap<String, Trace>,
    /// The traces' ids, by the program's own.
    external: HashMap<String, String>,
}

/// What is new in a folder.
#[derive(Debug, Default)]
pub(super) struct Grown {
    /// The ids of the traces of which there is more.
    pub(super) changed: HashSet<String>,
    /// Whether a program that wrote there has ended since the last time.
    pub(super) ended: bool,
}

/// A file that is only ever appended to.
#[derive(Debug)]
struct Segment {
    path: PathBuf,
    /// How much of it is read.
    read: u64,
    /// Whether the program that writes it may still run.
    goes_on: bool,
}

#[derive(Debug, Default)]
struct Trace {
    places: Vec<Place>,
    first: String,
    parent: Option<String>,
}

/// Where a line is.
#[derive(Clone, Copy, Debug)]
struct Place {
    file: usize,
    at: u64,
    length: usize,
}

impl Index {
    /// Reads what the folder has more of than the last time.
    pub(super) fn grow(&mut self, folder: &Path) -> io::Result<Grown> {
        let ended = self.ask_for_ends(folder)?;
        let mut grown = Vec::new();
        for (path, length) in files(folder)? {
            let Some(file) = self.files.iter().position(|file| file.path == path) else {
                // It came this moment: the next time.
                continue;
            };
            if self
                .files
                .get(file)
                .is_some_and(|known| length > known.read)
            {
                grown.push(file);
            }
        }
        let mut changed = HashSet::new();
        // At the start there may be many, and the disk is faster than one thread.
        let threads = thread::available_parallelism().map_or(1, usize::from);
        for files in grown.chunks(threads) {
            let found: Vec<_> = thread::scope(|scope| {
                let reads = files.iter().filter_map(|file| {
                    let Segment { path, read, .. } = self.files.get(*file)?;
                    Some((*file, scope.spawn(|| heads::read(path, *read))))
                });
                let reads: Vec<_> = reads.collect();
                let joined = reads
                    .into_iter()
                    .filter_map(|(file, read)| Some((file, read.join().ok()?)));
                joined.collect()
            });
            for (file, found) in found {
                let (found, read) = found?;
                if let Some(file) = self.files.get_mut(file) {
                    file.read = read;
                }
                for (trace, found) in found {
                    self.add(file, &trace, found);
                    changed.insert(trace);
                }
            }
        }
        Ok(Grown { changed, ended })
    }

    /// Asks which of the programs that write there have ended, before the files are read: so what they
    /// wrote before that is read as well. Returns whether any has since the last time.
    fn ask_for_ends(&mut self, folder: &Path) -> io::Result<bool> {
        let mut ended = false;
        for (path, _) in files(folder)? {
            match self.files.iter_mut().find(|file| file.path == path) {
                Some(file) if file.goes_on => {
                    file.goes_on = show::goes_on(&path);
                    ended |= !file.goes_on;
                }
                Some(_) => {}
                None => self.files.push(Segment {
                    goes_on: show::goes_on(&path),
                    path,
                    read: 0,
                }),
            }
        }
        Ok(ended)
    }

    fn add(&mut self, file: usize, id: &str, found: Found) {
        if let Some(external) = found.external {
            self.external.insert(external, id.to_owned());
        }
        let trace = self.traces.entry(id.to_owned()).or_default();
        let lines = found.lines.into_iter();
        trace
            .places
            .extend(lines.map(|(at, length)| Place { file, at, length }));
        if let Some(first) = found.first
            && (trace.first.is_empty() || first < trace.first)
        {
            trace.first = first;
        }
        trace.parent = found.parent.or(trace.parent.take());
    }

    /// Returns the trace that a trace is a part of, which may be itself.
    pub(super) fn root<'a>(&'a self, id: &'a str) -> &'a str {
        let mut at = id;
        for _ in 0..DEEPEST {
            let own = self.external.get(at).map_or(at, String::as_str);
            let parent = self
                .traces
                .get(own)
                .and_then(|trace| trace.parent.as_deref());
            at = match parent {
                Some(parent) if self.traces.contains_key(parent) && parent != own => parent,
                _ => return own,
            };
        }
        at
    }

    /// Returns the traces of each run, by the trace that the others are a part of.
    pub(super) fn groups(&self) -> HashMap<String, Vec<String>> {
        let mut groups: HashMap<String, Vec<String>> = HashMap::new();
        for id in self.traces.keys() {
            let group = groups.entry(self.root(id).to_owned()).or_default();
            group.push(id.clone());
        }
        groups
    }

    /// Returns when the first that is known of a trace happened, as it is written.
    pub(super) fn first(&self, id: &str) -> &str {
        self.traces.get(id).map_or("", |trace| &trace.first)
    }

    /// Returns where the lines of some traces are, in the order in which they were written.
    pub(super) fn lines(&self, traces: &[String]) -> Lines {
        let traces = traces.iter().filter_map(|id| self.traces.get(id));
        let mut places: Vec<Place> = traces
            .flat_map(|trace| trace.places.iter().copied())
            .collect();
        places.sort_by_key(|place| (place.file, place.at));
        let mut paths = HashMap::new();
        for place in &places {
            if let Some(file) = self.files.get(place.file) {
                let path = || (file.path.clone(), file.goes_on);
                paths.entry(place.file).or_insert_with(path);
            }
        }
        Lines { places, paths }
    }
}

/// Lines that can be read without the index, which others may need in the meantime.
#[derive(Debug)]
pub(super) struct Lines {
    places: Vec<Place>,
    /// For each file, whether the program that writes it may still run.
    paths: HashMap<usize, (PathBuf, bool)>,
}

impl Lines {
    pub(super) fn count(&self) -> usize {
        self.places.len()
    }

    /// Reads the events, and puts the runs together that they tell of. A file that is not there any
    /// more has none.
    pub(super) fn runs(&self) -> (Vec<Run>, Vec<Value>) {
        let (mut assembly, mut events) =
            (Assembly::default(), Vec::with_capacity(self.places.len()));
        let mut open: Option<(usize, File)> = None;
        let mut line = Vec::new();
        for place in &self.places {
            if open.as_ref().is_none_or(|(file, _)| *file != place.file) {
                let path = self.paths.get(&place.file);
                open = path.and_then(|(path, _)| Some((place.file, File::open(path).ok()?)));
            }
            let Some((_, file)) = &mut open else { continue };
            let goes_on = self
                .paths
                .get(&place.file)
                .is_none_or(|(_, goes_on)| *goes_on);
            line.resize(place.length, 0);
            let read = file
                .seek(SeekFrom::Start(place.at))
                .and_then(|_| file.read_exact(&mut line));
            if read.is_ok()
                && let Ok(event) = serde_json::from_slice(&line)
            {
                assembly.take(&event, goes_on);
                events.push(event);
            }
        }
        (assembly.finish(), events)
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

#[cfg(test)]
mod tests;
