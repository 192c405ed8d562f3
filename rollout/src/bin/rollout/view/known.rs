//! What the page knows of the folder's runs, and reading more of them.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::thread;

use crate::prices::Prices;
use crate::store::{News, Reading, Store};

use super::listing::Entry;

/// What is known already.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Where they are; nothing as long as there is no folder.
    pub(super) store: Option<Store>,
    /// The entries of what belongs together, by the key of the store, with the size of what they were
    /// read from.
    pub(super) entries: HashMap<String, (u64, Vec<Arc<Entry>>)>,
    /// The keys of that of which there is more than its entries tell.
    pub(super) stale: HashSet<String>,
    /// How many are being read.
    pub(super) reading: usize,
    pub(super) sorted: Option<Arc<Vec<Arc<Entry>>>>,
}

/// The runs that are known, the newest first.
#[derive(Debug)]
pub(super) struct Entries {
    pub(super) runs: Arc<Vec<Arc<Entry>>>,
    /// How many runs of the folder are not among them yet.
    pub(super) unread: usize,
}

impl Known {
    /// Finds what a folder has more of than the last time; returns the ids of the traces concerned.
    pub(super) fn look(&mut self, folder: &Path) -> io::Result<HashSet<String>> {
        let news = match &mut self.store {
            Some(store) => store.refresh(),
            None => Store::open(folder).map(|store| News {
                traces: self.store.insert(store).traces(),
                ended: false,
            }),
        };
        let News { mut traces, ended } = match news {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // It was removed, or is not there yet.
                *self = Self {
                    reading: self.reading,
                    ..Self::default()
                };
                return Ok(HashSet::new());
            }
            news => news?,
        };
        if ended {
            // What ran is interrupted, though nobody is there to say so.
            let ran = self.entries.values().flat_map(|(_, entries)| entries);
            let ran = ran.filter(|entry| entry.summary.status == "unfinished");
            traces.extend(ran.map(|entry| entry.summary.id.clone()));
        }
        Ok(traces)
    }

    /// Notes that there is more of these traces; returns the keys of what they belong to.
    pub(super) fn note(&mut self, changed: &HashSet<String>) -> HashSet<String> {
        let Some(store) = &self.store else {
            return HashSet::new();
        };
        let heads = store.heads().iter();
        let all: HashSet<&str> = heads.clone().map(|head| store.key(head)).collect();
        // What was a run may have turned out to be a part of another.
        self.entries.retain(|key, _| all.contains(key.as_str()));
        self.stale.retain(|key| all.contains(key.as_str()));
        let changed = heads.filter(|head| store.is_of(head, changed));
        let keys: HashSet<String> = changed.map(|head| store.key(head).to_owned()).collect();
        self.stale.extend(keys.iter().cloned());
        self.sorted = None;
        keys
    }

    /// Returns where so much of what there is more of is read, the newest first; and counts on that.
    pub(super) fn next(&mut self, most: usize) -> Vec<(String, Reading)> {
        let Some(store) = &self.store else {
            return Vec::new();
        };
        let heads = store.heads().iter();
        let stale = heads.filter(|head| self.stale.contains(store.key(head)));
        let work = stale
            .take(most)
            .map(|head| (store.key(head).to_owned(), store.reading(head)));
        let work: Vec<(String, Reading)> = work.collect();
        for (key, _) in &work {
            self.stale.remove(key);
        }
        work
    }

    pub(super) fn entries(&mut self) -> Entries {
        let unread = self
            .stale
            .iter()
            .filter(|root| !self.entries.contains_key(*root))
            .count();
        let runs = self.sorted.get_or_insert_with(|| {
            let mut all: Vec<_> = self
                .entries
                .values()
                .flat_map(|(_, runs)| runs)
                .cloned()
                .collect();
            all.sort_by(|a, b| {
                let started = |entry: &Entry| entry.summary.started.unwrap_or_default();
                started(b)
                    .total_cmp(&started(a))
                    .then_with(|| a.summary.id.cmp(&b.summary.id))
            });
            Arc::new(all)
        });
        Entries {
            runs: Arc::clone(runs),
            unread: unread + self.reading,
        }
    }
}

/// Reads runs, on as many threads as the machine runs at a time.
pub(super) fn read_entries(
    work: &[(String, Reading)],
    prices: &Prices,
) -> Vec<(String, u64, Vec<Arc<Entry>>)> {
    let read = |(key, reading): &(String, Reading)| {
        // What can't be read now has no entries.
        let (runs, _) = reading.runs().unwrap_or_default();
        let entries = runs.iter().map(|run| Arc::new(Entry::of(run, prices)));
        let entries = entries.collect();
        (key.clone(), reading.size(), entries)
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let portions = work.chunks(work.len().div_ceil(threads).max(1));
    thread::scope(|scope| {
        let reads: Vec<_> = portions
            .map(|portion| scope.spawn(move || portion.iter().map(read).collect::<Vec<_>>()))
            .collect();
        let joined = reads.into_iter().filter_map(|read| read.join().ok());
        joined.flatten().collect()
    })
}
