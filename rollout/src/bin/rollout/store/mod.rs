//! The runs of a folder, read no further than they are needed.
//!
//! A folder may hold millions of lines. What is kept of each is where it stands; a run is put together
//! from its own lines when it is asked for, and what lists and sums need of it is kept, too. Memory
//! grows with the number of traces, not with the length of what they say.

mod catalog;
mod index;
mod lines;
mod peek;
mod reading;
mod refresh;
mod row;
mod rows;
mod scan;
#[cfg(test)]
mod tests;

use std::io;
use std::path::{Path, PathBuf};

use rollout_core::show::{Assembly, Run};
use serde_json::Value;

pub(crate) use catalog::moment;
use catalog::{Catalog, Piece, earlier};
pub(crate) use lines::Lines;
use reading::Blocks;
pub(crate) use reading::Reading;
pub(crate) use refresh::News;
pub(crate) use row::{Call, Row, Tokens, asked, failure, name_of};
use scan::Known;

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
        let mut store = Self {
            dir: dir.to_owned(),
            files: Vec::new(),
            catalog: Catalog::default(),
            heads: Vec::new(),
            goes_on: Vec::new(),
        };
        // Asked first, so that what a program wrote before it ended is read as well.
        let alive = store.alive()?.0;
        store.take(index::read(dir)?, &alive);
        Ok(store)
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
        take: impl FnMut(&[u8], bool),
    ) -> io::Result<()> {
        self.reading(head).each_line(blocks, take)
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

/// Returns what belongs together, the newest first.
fn heads(catalog: &Catalog) -> Vec<Head> {
    let heads = catalog.groups().into_iter().map(|traces| Head {
        began: began(catalog, &traces),
        traces,
    });
    let mut heads: Vec<Head> = heads.collect();
    // Equal moments in the order in which they are read.
    heads.sort_by_key(|head| std::cmp::Reverse(head.began));
    heads
}

/// Returns when the first of these traces began: the earliest that is told of a trace itself, else
/// of its steps.
fn began(catalog: &Catalog, traces: &[usize]) -> Option<i64> {
    let entries = traces.iter().filter_map(|t| catalog.entries.get(*t));
    entries.fold(None, |known, entry| {
        earlier(known, entry.own.or(entry.first))
    })
}
