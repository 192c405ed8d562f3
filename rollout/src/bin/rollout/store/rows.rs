//! The rows of all runs, kept beside the index: only what has changed is put together again.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde::{Deserialize, Serialize};

use super::index;
use super::row::Row;
use super::scan::threads;
use super::{Blocks, Head, Store};

const ROWS: &str = "runs.json";

/// Heads are handed to threads in bunches of this, whose lines stand near each other.
const BUNCH: usize = 64;

/// The rows of a head, and how much was there when they were made.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept {
    id: String,
    /// How many pieces, and how long they were.
    size: (usize, u64),
    rows: Vec<Row>,
}

impl Store {
    /// Returns the rows of all runs, the newest first.
    pub(crate) fn rows(&self) -> io::Result<Vec<Row>> {
        let kept: Vec<Kept> = index::load(&self.dir, ROWS).unwrap_or_default();
        let mut kept: HashMap<String, Kept> = kept
            .into_iter()
            .map(|kept| (kept.id.clone(), kept))
            .collect();
        let mut rows: Vec<Option<Kept>> = Vec::with_capacity(self.heads.len());
        let mut missing = Vec::new();
        for (place, head) in self.heads.iter().enumerate() {
            let known = kept.remove(self.key(head));
            let known = known.filter(|known| known.size == self.size(head));
            if known.is_none() {
                missing.push(place);
            }
            rows.push(known);
        }
        let is_changed = !missing.is_empty() || !kept.is_empty();
        for (place, made) in self.make(&missing)? {
            if let Some(row) = rows.get_mut(place) {
                *row = Some(made);
            }
        }
        let rows: Vec<Kept> = rows.into_iter().flatten().collect();
        if is_changed {
            let lasting: Vec<&Kept> = rows.iter().filter(|kept| self.is_lasting(kept)).collect();
            index::save(&self.dir, ROWS, &lasting);
        }
        // The oldest of those that belong together is first.
        let rows = rows
            .into_iter()
            .flat_map(|kept| kept.rows.into_iter().rev());
        Ok(rows.collect())
    }

    /// Returns the rows of one head, the newest first.
    pub(crate) fn rows_of(&self, head: &Head) -> io::Result<Vec<Row>> {
        Ok(self.runs(head)?.iter().rev().map(Row::of).collect())
    }

    /// Puts runs together, on all cores.
    fn make(&self, missing: &[usize]) -> io::Result<Vec<(usize, Kept)>> {
        let bunches: Vec<&[usize]> = missing.chunks(BUNCH).collect();
        let next = AtomicUsize::new(0);
        let work = || -> io::Result<Vec<(usize, Kept)>> {
            let (mut made, mut blocks) = (Vec::new(), Blocks::default());
            while let Some(bunch) = bunches.get(next.fetch_add(1, Ordering::Relaxed)) {
                // Towards the end of the files, as a block is read from its beginning.
                for place in bunch.iter().rev() {
                    let Some(head) = self.heads.get(*place) else {
                        continue;
                    };
                    let rows = self.runs_with(head, &mut blocks)?;
                    made.push((
                        *place,
                        Kept {
                            id: self.key(head).to_owned(),
                            size: self.size(head),
                            rows: rows.iter().map(Row::of).collect(),
                        },
                    ));
                }
            }
            Ok(made)
        };
        let threads = threads().min(bunches.len());
        let results: Vec<_> = thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            let results = workers.into_iter().map(thread::ScopedJoinHandle::join);
            results.collect()
        });
        let mut made = Vec::with_capacity(missing.len());
        for result in results {
            made.extend(result.map_err(|_| io::Error::other("a reader panicked"))??);
        }
        Ok(made)
    }

    fn size(&self, head: &Head) -> (usize, u64) {
        let pieces = self.pieces(head);
        (pieces.len(), pieces.iter().map(|piece| piece.2).sum())
    }

    /// Returns whether nothing but more lines changes them: a run that goes on may be interrupted.
    fn is_lasting(&self, kept: &Kept) -> bool {
        let goes_on = self.goes_on.contains(&true);
        !goes_on || kept.rows.iter().all(|row| row.status != "unfinished")
    }
}
