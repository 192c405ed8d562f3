//! Where the page's runs come from: the folder, of which no more is read than is looked at.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rollout_core::show::Run;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::broadcast;

use crate::prices::Prices;

use super::flat::{self, FlatStep};
use super::known::{Entries, Known, read_entries};
use super::summary::Summary;

/// Who follows hears of so many changes before it is told that it missed some.
const CHANGES: usize = 64;

/// So many runs are read at a time, so that others get their turn.
const PORTION: usize = 100;

/// So many runs that were opened are kept: two to compare, and the one that is looked at.
const OPENED: usize = 3;

/// The recorded runs of a folder.
#[derive(Debug)]
pub(super) struct Source {
    folder: PathBuf,
    prices: Prices,
    known: Mutex<Known>,
    opened: Mutex<Vec<(String, Arc<Opened>)>>,
    /// Held while runs are read, so that who needs them waits and does not go without.
    reading: Mutex<()>,
    changes: broadcast::Sender<Change>,
}

/// What is new.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Change {
    /// The ids of the traces of which there is more.
    pub(super) runs: HashSet<String>,
    /// Whether anything else may have changed as well.
    pub(super) all: bool,
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
    pub(super) fn new(folder: &Path, prices: Prices) -> Self {
        Self {
            folder: folder.to_owned(),
            prices,
            known: Mutex::default(),
            opened: Mutex::default(),
            reading: Mutex::default(),
            changes: broadcast::channel(CHANGES).0,
        }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(super) fn prices(&self) -> &Prices {
        &self.prices
    }

    /// Tells what changes from now on.
    pub(super) fn follow(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    /// Looks at the folder if somebody follows it, tells them what is new, and reads what was not read
    /// yet.
    pub(super) fn look(&self) -> io::Result<()> {
        if self.changes.receiver_count() == 0 {
            return Ok(());
        }
        let was_behind = self.grow()?.stale.len() > PORTION;
        while self.catch_up(PORTION) {}
        if was_behind {
            // Sums and charts were of a part.
            self.tell(Change {
                all: true,
                ..Change::default()
            });
        }
        Ok(())
    }

    /// Returns all runs.
    pub(super) fn all(&self) -> io::Result<Entries> {
        drop(self.grow()?);
        while self.catch_up(PORTION) {}
        Ok(self.lock().entries())
    }

    /// Returns the newest runs, and of the others those that were read before.
    pub(super) fn newest(&self, most: usize) -> io::Result<Entries> {
        drop(self.grow()?);
        self.catch_up(most.max(PORTION));
        Ok(self.lock().entries())
    }

    /// Returns the run that this trace is, or is a part of.
    pub(super) fn open(&self, id: &str) -> io::Result<Option<Arc<Opened>>> {
        let known = self.grow()?;
        let Some(store) = &known.store else {
            return Ok(None);
        };
        let Some(head) = store.head_of(id) else {
            return Ok(None);
        };
        let key = store.key(head).to_owned();
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, opened)) = opened.iter().find(|(known, _)| *known == key) {
            return Ok(Some(Arc::clone(opened)));
        }
        let reading = store.reading(head);
        drop(known);
        let (runs, events) = reading.runs()?;
        let is_of = |run: &Run| flat::traces(run).iter().any(|trace| trace == id);
        let found = runs.into_iter().find(is_of).map(|run| {
            let traces = flat::traces(&run);
            Arc::new(Opened {
                run,
                events,
                traces,
            })
        });
        if let Some(found) = &found {
            opened.truncate(OPENED - 1);
            opened.insert(0, (key, Arc::clone(found)));
        }
        Ok(found)
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, change: Change) {
        // Nobody has to follow.
        let _ = self.changes.send(change);
    }

    /// Finds what has been added since the last time.
    fn grow(&self) -> io::Result<MutexGuard<'_, Known>> {
        let mut known = self.lock();
        let changed = known.look(&self.folder)?;
        if changed.is_empty() {
            return Ok(known);
        }
        let keys = known.note(&changed);
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        opened.retain(|(key, _)| !keys.contains(key));
        drop(opened);
        self.tell(Change {
            runs: changed,
            all: false,
        });
        Ok(known)
    }

    /// Reads some of the runs of which there is more, the newest first; returns whether there were any.
    fn catch_up(&self, most: usize) -> bool {
        let _turn = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = self.lock();
        let work = known.next(most);
        if work.is_empty() {
            return false;
        }
        known.reading += work.len();
        drop(known);
        let count = work.len();
        let read = read_entries(&work, &self.prices);
        let mut known = self.lock();
        known.reading -= count;
        for (key, size, entries) in read {
            // Somebody else may have read more of it in the meantime.
            let newer = known.entries.get(&key);
            if newer.is_none_or(|(known, _)| *known <= size) {
                known.entries.insert(key, (size, entries));
            }
        }
        known.sorted = None;
        true
    }
}

impl Opened {
    /// Returns the run in a line, and its steps as a list.
    pub(super) fn flat(&self, prices: &Prices) -> (Summary, Vec<FlatStep>) {
        let summary = Summary::of(&self.run, prices);
        let steps = flat::steps(&self.run, &summary, prices);
        (summary, steps)
    }
}
