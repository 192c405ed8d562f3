//! The files of a folder, read in parts at the same time.

use std::collections::HashSet;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::catalog::{Catalog, Piece};
use super::lines::Lines;
use super::peek::Peek;

/// A thread reads so much at once.
const PART: u64 = 4 * 1024 * 1024;

/// So much of the beginning, and before the end, tells a file from another of its name.
const MARK: u64 = 1024;

/// A file whose lines are events, as it was when it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Known {
    pub(super) name: String,
    /// How long it was.
    pub(super) length: u64,
    /// When it had changed, in nanoseconds since 1970.
    pub(super) changed: u64,
    /// Up to where its lines are read.
    pub(super) read: u64,
    /// Of what is at the beginning and at the end of what is read.
    pub(super) mark: u64,
}

/// A file as it is.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) length: u64,
    pub(super) changed: u64,
}

/// Returns the files of a folder whose lines are events, in the order of their names.
pub(super) fn files(dir: &Path) -> io::Result<Vec<Found>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let is_jsonl = path.extension().is_some_and(|what| what == "jsonl");
        // It may be removed at any moment. A name that is no text is none of ours.
        if is_jsonl
            && let Ok(metadata) = fs::metadata(&path)
            && metadata.is_file()
            && let Some(name) = path.file_name().and_then(|name| name.to_str())
        {
            let changed = metadata.modified().ok();
            let changed = changed.and_then(|at| at.duration_since(UNIX_EPOCH).ok());
            files.push(Found {
                name: name.to_owned(),
                length: metadata.len(),
                changed: changed.map_or(0, |at| u64::try_from(at.as_nanos()).unwrap_or(0)),
            });
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

/// Returns what tells the part of a file that was read from any other text of this length.
pub(super) fn mark(path: &Path, read: u64) -> io::Result<u64> {
    let mut file = fs::File::open(path)?;
    let mut hasher = DefaultHasher::new();
    for from in [0, read.saturating_sub(MARK)] {
        file.seek(SeekFrom::Start(from))?;
        let mut text = Vec::new();
        (&mut file).take(MARK.min(read)).read_to_end(&mut text)?;
        text.hash(&mut hasher);
    }
    Ok(hasher.finish())
}

/// A part of a file that is to be read.
#[derive(Debug)]
struct Part {
    file: usize,
    start: u64,
    end: u64,
    is_cut: bool,
}

/// Reads what is new in these files, each from a place on; notes up to where it is read, and returns the
/// ids of the traces that it tells of.
pub(super) fn scan(
    dir: &Path,
    files: &mut [Known],
    catalog: &mut Catalog,
) -> io::Result<HashSet<String>> {
    let mut parts = Vec::new();
    for (file, known) in files.iter().enumerate() {
        let mut start = known.read;
        while start < known.length {
            let end = known.length.min(start + PART);
            let is_cut = start > known.read;
            parts.push(Part {
                file,
                start,
                end,
                is_cut,
            });
            start = end;
        }
    }
    let paths: Vec<PathBuf> = files.iter().map(|known| dir.join(&known.name)).collect();
    let next = AtomicUsize::new(0);
    let work = || -> io::Result<(Catalog, Vec<(usize, u64)>)> {
        let (mut catalog, mut read) = (Catalog::default(), Vec::new());
        while let Some(part) = parts.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Some(path) = paths.get(part.file) {
                read.push((part.file, read_part(path, part, &mut catalog)?));
            }
        }
        Ok((catalog, read))
    };
    let threads = threads().min(parts.len());
    let results: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let results = workers.into_iter().map(thread::ScopedJoinHandle::join);
        results.collect()
    });
    let mut new = HashSet::new();
    for result in results {
        let (found, read) = result.map_err(|_| io::Error::other("a reader panicked"))??;
        new.extend(found.entries.iter().map(|entry| entry.id.clone()));
        catalog.merge(found);
        for (file, read) in read {
            if let Some(known) = files.get_mut(file) {
                known.read = known.read.max(read);
            }
        }
    }
    for entry in &mut catalog.entries {
        entry.pieces.sort_unstable();
        entry.join();
    }
    Ok(new)
}

/// Returns how many threads may work at the same time.
pub(super) fn threads() -> usize {
    thread::available_parallelism()
        .map_or(1, NonZero::get)
        .min(8)
}

/// Reads the lines of a part; returns where the last one that is whole ends, or 0 if none begins here.
fn read_part(path: &Path, part: &Part, catalog: &mut Catalog) -> io::Result<u64> {
    let mut lines = Lines::open(path, part.start, part.end, part.is_cut)?;
    let mut read = if part.is_cut { 0 } else { part.start };
    let number = u32::try_from(part.file).unwrap_or(u32::MAX);
    while let Some(line) = lines.next()? {
        let peek = Peek::of(line.text);
        // The last line may be in the middle of being written; if it is not, it is an event.
        if !line.is_whole && peek.is_none() {
            break;
        }
        if let Some(peek) = peek {
            catalog.take(&peek, Piece(number, line.start, line.end - line.start));
        }
        read = line.end;
    }
    Ok(read)
}
