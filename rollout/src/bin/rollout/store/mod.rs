//! The runs of a folder, read no further than they are needed.
//!
//! A folder may hold millions of lines. What is kept of each is where it stands; a run is put together
//! from its own lines when it is asked for, and what lists and sums need of it is kept, too. Memory
//! grows with the number of traces, not with the length of what they say.

mod catalog;
mod index;
mod lines;
mod peek;
mod row;
mod rows;
mod scan;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use rollout_core::show::{self, Assembly, Run};
use serde_json::Value;

pub(crate) use catalog::moment;
use catalog::{Catalog, Piece, earlier};
pub(crate) use lines::Lines;
pub(crate) use row::{Call, Row, Tokens, name_of};
use scan::Known;

/// A file is read in blocks of this, as the lines of a trace stand near each other.
const BLOCK: u64 = 256 * 1024;

/// The recorded runs of a folder, as they were when it was opened.
#[derive(Debug)]
pub(crate) struct Store {
    dir: PathBuf,
    files: Vec<Known>,
    catalog: Catalog,
    heads: Vec<Head>,
    /// For each file, whether the program that writes it may still run.
    goes_on: Vec<bool>,
}

/// What is put together at once: a run, and those begun inside it.
#[derive(Debug)]
pub(crate) struct Head {
    /// When it began, in microseconds since 1970.
    pub(crate) began: Option<i64>,
    /// The traces, by their places in the catalog.
    traces: Vec<usize>,
}

/// Returns the files of a folder whose lines are events, with their lengths.
pub(crate) fn files(dir: &Path) -> io::Result<Vec<(String, u64)>> {
    let files = scan::files(dir)?.into_iter();
    Ok(files.map(|file| (file.name, file.length)).collect())
}

impl Store {
    /// Reads what is new in a folder.
    pub(crate) fn open(dir: &Path) -> io::Result<Self> {
        // Asked first, so that what a program wrote before it ended is read as well.
        let alive: HashMap<String, bool> = scan::files(dir)?
            .into_iter()
            .map(|file| {
                let goes_on = show::goes_on(dir.join(&file.name));
                (file.name, goes_on)
            })
            .collect();
        let (catalog, files) = index::read(dir)?;
        let goes_on = |file: &Known| alive.get(&file.name).copied().unwrap_or(true);
        let goes_on = files.iter().map(goes_on).collect();
        let mut heads: Vec<Head> = catalog
            .groups()
            .into_iter()
            .map(|traces| Head {
                began: began(&catalog, &traces),
                traces,
            })
            .collect();
        // Equal moments in the order in which they are read.
        heads.sort_by_key(|head| std::cmp::Reverse(head.began));
        Ok(Self {
            dir: dir.to_owned(),
            files,
            catalog,
            heads,
            goes_on,
        })
    }

    /// Returns what there is, the newest first. What turns out to be no run is among it.
    pub(crate) fn heads(&self) -> &[Head] {
        &self.heads
    }

    /// Returns the runs, most often the only one, that belong together; the oldest first.
    pub(crate) fn runs(&self, head: &Head) -> io::Result<Vec<Run>> {
        self.runs_with(head, &mut Blocks::default())
    }

    fn runs_with(&self, head: &Head, blocks: &mut Blocks) -> io::Result<Vec<Run>> {
        let mut assembly = Assembly::default();
        self.each_line(head, blocks, |line, goes_on| {
            if let Ok(event) = serde_json::from_slice::<Value>(line) {
                assembly.take(&event, goes_on);
            }
        })?;
        Ok(assembly.finish())
    }

    /// Returns the lines that tell of it, as they were recorded.
    pub(crate) fn lines(&self, head: &Head) -> io::Result<Vec<Vec<u8>>> {
        let mut lines = Vec::new();
        self.each_line(head, &mut Blocks::default(), |line, _| {
            lines.push(line.to_vec());
        })?;
        Ok(lines)
    }

    /// Returns the newest run, `last`, or the one of this id, whole or its beginning; with the head
    /// that it is of. As `show::find` has it, but for `last`.
    pub(crate) fn find(&self, id: &str) -> io::Result<Option<(&Head, Run)>> {
        if id == "last" {
            for head in &self.heads {
                if let Some(run) = self.runs(head)?.pop() {
                    return Ok(Some((head, run)));
                }
            }
            return Ok(None);
        }
        let exact = |name: &str| name == id;
        let begins = |name: &str| {
            let short = name.strip_prefix("trace_").unwrap_or(name);
            !id.is_empty() && (name.starts_with(id) || short.starts_with(id))
        };
        let exactly: Vec<&Head> = self.heads_of(&exact);
        let found = if exactly.is_empty() {
            self.heads_of(&begins)
        } else {
            exactly
        };
        // More than one is not clear.
        let [head] = &*found else { return Ok(None) };
        Ok(self.runs(head)?.pop().map(|run| (*head, run)))
    }

    /// Returns how many runs a beginning of an id may mean.
    pub(crate) fn candidates(&self, id: &str) -> usize {
        let begins = |name: &str| {
            name.starts_with(id)
                || name
                    .strip_prefix("trace_")
                    .is_some_and(|s| s.starts_with(id))
        };
        self.heads_of(&begins).len()
    }

    fn heads_of(&self, is_wanted: &dyn Fn(&str) -> bool) -> Vec<&Head> {
        let is_of = |head: &&Head| {
            let mut entries = head
                .traces
                .iter()
                .filter_map(|t| self.catalog.entries.get(*t));
            entries.any(|entry| {
                is_wanted(&entry.id) || entry.aliases.iter().any(|alias| is_wanted(alias))
            })
        };
        self.heads.iter().filter(is_of).collect()
    }

    /// Hands each line of a head on, and whether the program that wrote it may still run.
    fn each_line(
        &self,
        head: &Head,
        blocks: &mut Blocks,
        mut take: impl FnMut(&[u8], bool),
    ) -> io::Result<()> {
        for Piece(file, start, length) in self.pieces(head) {
            let Ok(number) = usize::try_from(file) else {
                continue;
            };
            let Some(known) = self.files.get(number) else {
                continue;
            };
            let goes_on = self.goes_on.get(number).copied().unwrap_or(true);
            let text = blocks.read(number, &self.dir.join(&known.name), start, length)?;
            for line in text.split(|byte| *byte == b'\n') {
                if !line.is_empty() {
                    take(line, goes_on);
                }
            }
        }
        Ok(())
    }

    /// Returns where the lines that tell of it stand: the files, and from where to where in each.
    pub(crate) fn places(&self, head: &Head) -> Vec<(&str, u64, u64)> {
        let pieces = self.pieces(head).into_iter();
        let places = pieces.filter_map(|Piece(file, start, length)| {
            let known = self.files.get(usize::try_from(file).ok()?)?;
            Some((known.name.as_str(), start, start + length))
        });
        places.collect()
    }

    fn pieces(&self, head: &Head) -> Vec<Piece> {
        let entries = head
            .traces
            .iter()
            .filter_map(|t| self.catalog.entries.get(*t));
        let mut pieces: Vec<Piece> = entries.flat_map(|e| e.pieces.iter().copied()).collect();
        pieces.sort_unstable();
        pieces
    }
}

/// Returns when the first of these traces began: the earliest that is told of a trace itself, else
/// of its steps.
fn began(catalog: &Catalog, traces: &[usize]) -> Option<i64> {
    let entries = traces.iter().filter_map(|t| catalog.entries.get(*t));
    entries.fold(None, |known, entry| {
        earlier(known, entry.own.or(entry.first))
    })
}

/// The block of a file that was read last.
#[derive(Debug, Default)]
struct Blocks {
    file: Option<(usize, File)>,
    start: u64,
    block: Vec<u8>,
}

impl Blocks {
    /// Returns a part of a file; what is no longer there is empty.
    fn read(&mut self, number: usize, path: &Path, start: u64, length: u64) -> io::Result<&[u8]> {
        let is_there = |blocks: &Self| {
            let end = blocks.start + blocks.block.len() as u64;
            start >= blocks.start && start + length <= end
        };
        let is_open = self.file.as_ref().is_some_and(|(open, _)| *open == number);
        if !is_open || !is_there(self) {
            let mut file = match self.file.take() {
                Some((open, file)) if open == number => file,
                _ => File::open(path)?,
            };
            file.seek(SeekFrom::Start(start))?;
            self.block.clear();
            self.start = start;
            (&mut file)
                .take(length.max(BLOCK))
                .read_to_end(&mut self.block)?;
            self.file = Some((number, file));
        }
        let from = usize::try_from(start - self.start).unwrap_or(usize::MAX);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        let end = from.saturating_add(length).min(self.block.len());
        Ok(self.block.get(from..end).unwrap_or_default())
    }
}
