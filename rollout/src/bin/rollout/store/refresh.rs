//! What is new in a folder since it was looked at last: for those who keep a store for long.

use std::collections::{HashMap, HashSet};
use std::io;

use rollout_core::show;

use super::index::{self, Read};
use super::{Head, Store, heads, scan};

/// What is new in a folder.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// The ids of the traces of which there is more.
    pub(crate) traces: HashSet<String>,
    /// Whether a program that wrote there has ended: what it had begun is interrupted.
    pub(crate) ended: bool,
}

impl Store {
    /// Reads what the folder has more of than the last time.
    ///
    /// # Errors
    ///
    /// Fails if the folder, or a file of it, can't be read. What was known is forgotten then, and read
    /// anew the next time.
    pub(crate) fn refresh(&mut self) -> io::Result<News> {
        // Asked first, so that what a program wrote before it ended is read as well.
        let (alive, ended) = self.alive()?;
        let (files, catalog) = (
            std::mem::take(&mut self.files),
            std::mem::take(&mut self.catalog),
        );
        let read = index::update(&self.dir, files, catalog);
        if read.is_err() {
            self.heads.clear();
        }
        let traces = self.take(read?, &alive);
        Ok(News { traces, ended })
    }

    /// Returns the ids of all traces.
    pub(crate) fn traces(&self) -> HashSet<String> {
        self.catalog
            .entries
            .iter()
            .map(|entry| entry.id.clone())
            .collect()
    }

    /// Returns what names a head as long as no other trace turns out to belong to it.
    pub(crate) fn key(&self, head: &Head) -> &str {
        let first = head.traces.first();
        let entry = first.and_then(|trace| self.catalog.entries.get(*trace));
        entry.map_or("", |entry| &entry.id)
    }

    /// Returns whether one of these traces is of a head.
    pub(crate) fn is_of(&self, head: &Head, traces: &HashSet<String>) -> bool {
        let mut entries = head
            .traces
            .iter()
            .filter_map(|trace| self.catalog.entries.get(*trace));
        entries.any(|entry| traces.contains(&entry.id))
    }

    /// Returns the head that a trace is of, by its id or the program's own.
    pub(crate) fn head_of(&self, id: &str) -> Option<&Head> {
        self.heads_of(&|name| name == id).into_iter().next()
    }

    /// Returns of each file whether the program that writes it may still run, and whether any has ended
    /// since that was asked the last time.
    pub(super) fn alive(&self) -> io::Result<(HashMap<String, bool>, bool)> {
        let known: HashMap<&str, bool> = self
            .files
            .iter()
            .zip(&self.goes_on)
            .map(|(file, goes_on)| (file.name.as_str(), *goes_on))
            .collect();
        let (mut alive, mut ended) = (HashMap::new(), false);
        for file in scan::files(&self.dir)? {
            let was = known.get(file.name.as_str()).copied();
            // Nobody goes on with the file of a program that is gone.
            let is = was != Some(false) && show::goes_on(self.dir.join(&file.name));
            ended |= was == Some(true) && !is;
            alive.insert(file.name, is);
        }
        Ok((alive, ended))
    }

    /// Takes what was read; returns the ids of the traces of which there is more.
    pub(super) fn take(&mut self, read: Read, alive: &HashMap<String, bool>) -> HashSet<String> {
        let Read {
            catalog,
            files,
            new,
        } = read;
        (self.catalog, self.files) = (catalog, files);
        let goes_on = self.files.iter();
        // What came this moment was not asked about.
        let goes_on = goes_on.map(|file| alive.get(&file.name).copied().unwrap_or(true));
        self.goes_on = goes_on.collect();
        if new.is_none() && !self.heads.is_empty() {
            return HashSet::new();
        }
        self.heads = heads(&self.catalog);
        new.unwrap_or_default()
    }
}
