//! What the page knows of the folder's runs, and reading more of them.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::thread;

use crate::prices::Prices;

use super::index::{Index, Lines};
use super::listing::Entry;

/// What is known already.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) index: Index,
    /// The traces of each run, by the trace that the others are a part of.
    pub(super) groups: HashMap<String, Vec<String>>,
    /// The entries of each, with how many lines they were read from.
    pub(super) entries: HashMap<String, (usize, Vec<Arc<Entry>>)>,
    /// The runs of which there is more than their entries tell.
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
    work: &[(String, Lines)],
    prices: &Prices,
) -> Vec<(String, usize, Vec<Arc<Entry>>)> {
    let read = |(root, lines): &(String, Lines)| {
        let runs = lines.runs().0;
        let entries = runs.iter().map(|run| Arc::new(Entry::of(run, prices)));
        let entries = entries.collect();
        (root.clone(), lines.count(), entries)
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
