//! What is not delivered yet, on disk: a journal that events are written to before they are sent.
//!
//! ```text
//! .rollout/spool/                                     0700, and not for git
//!   20261123T112345-123456-0a1b2c.lock         0600   held while the process lives; says where to
//!   20261123T112345-123456-0a1b2c-0001.jsonl          a segment: an event a line, as it is sent
//!   20261123T112345-123456-0a1b2c-0001.done           lines that need no sending any more: `0-99`;
//!                                                     beginnings whose ends are elsewhere: `=7`
//! ```
//!
//! A segment goes when all its events are delivered and nothing that began in it is still open. What
//! a process leaves behind is taken over by the next one to the same destination, which sends it, and
//! ends what was under way as interrupted. Nothing is ever changed in place, so whatever moment a
//! process is killed at, the worst is that an event is sent again, by the same id.

mod card;
mod closing;
mod ledger;
mod open;
mod segment;
mod state;
mod takeover;
#[cfg(test)]
mod tests;
mod unfinished;

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use self::card::Card;
use self::segment::Segment;
use self::state::State;
use super::owner::Owner;
use crate::config::{Secret, SpoolOptions};
use crate::diagnostics::Diagnostics;
use crate::pipeline::batch::Batch;
use crate::protocol::Event;

/// Segments of this process are newer than those that it took over.
const FIRST_OWN: u32 = 1 << 31;

/// The owner of the segments of this process, among all.
const OWN: usize = 0;

/// Where an event is on disk. Places are in the order in which the events were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    segment: u32,
    line: u32,
    offset: u32,
    length: u32,
}

/// An event on disk that is to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Letter {
    pub(crate) place: Place,
    pub(crate) trace: TraceKey,
}

/// What tells the events of one trace from those of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TraceKey(u64);

/// The journal of one exporter.
#[derive(Debug)]
pub(crate) struct Spool {
    /// Where it may be, the best first.
    dirs: Vec<PathBuf>,
    max_bytes: u64,
    segment_bytes: u64,
    card: Card,
    diagnostics: Diagnostics,
    state: Mutex<State>,
}

impl Place {
    /// Returns the length of the event in bytes.
    pub(crate) fn length(self) -> usize {
        self.length as usize
    }

    /// Returns whether it is in the same file as another one.
    pub(crate) fn is_beside(self, other: Self) -> bool {
        self.segment == other.segment
    }
}

impl TraceKey {
    pub(crate) fn of(event: &Event) -> Self {
        let id = event.trace_id.as_deref();
        Self(open::hash(id.or(event.external_trace_id.as_deref())))
    }
}

impl Spool {
    /// Returns a journal of what goes to this destination; `None` where none is wanted. Nothing is
    /// made on disk before there is something to write.
    pub(crate) fn new(
        options: &SpoolOptions,
        destination: &str,
        key: &Secret,
        diagnostics: Diagnostics,
    ) -> Option<Self> {
        let absolute = |dir: &PathBuf| std::path::absolute(dir).ok();
        (options.max_bytes > 0).then(|| Self {
            // The program may change its working directory.
            dirs: options.dirs.iter().filter_map(absolute).collect(),
            max_bytes: options.max_bytes,
            segment_bytes: (options.max_bytes / 16).clamp(16 * 1024, 1024 * 1024),
            card: Card::new(destination, key),
            diagnostics,
            state: Mutex::default(),
        })
    }

    /// Writes the events of a batch, in one write, and returns where they are; `None` if there is no
    /// room for them or no way to write them.
    pub(crate) fn append(&self, batch: &Batch) -> Option<Vec<Place>> {
        let mut state = self.lock();
        // What is over the limit is on its way out, but not without end.
        if state.closed || state.bytes > self.max_bytes.saturating_add(2 * self.segment_bytes) {
            return None;
        }
        match self.write(&mut state, batch) {
            Ok(places) => {
                state.failing = false;
                for (event, place) in batch.events().iter().zip(&places) {
                    state.note(event, *place);
                }
                Some(places)
            }
            Err(error) => {
                state.failing = true;
                if !std::mem::replace(&mut state.is_failing_said, true) {
                    self.diagnostics.warn(format_args!(
                        "events that can't be delivered at once will be lost, as nothing can be kept \
                         in {}: {error}; set `ROLLOUT_SPOOL_DIR` to a folder that can be written to, or \
                         `ROLLOUT_SPOOL_MAX_BYTES=0` to do without",
                        self.dirs_in_words()
                    ));
                }
                None
            }
        }
    }

    /// Reads events back, in the order of the places; `None` for one that is not there any more.
    pub(crate) fn read(&self, places: &[Place]) -> Vec<Option<Bytes>> {
        let mut lines = Vec::with_capacity(places.len());
        for run in places.chunk_by(|a, b| a.segment == b.segment) {
            let path = run.first().and_then(|place| {
                let state = self.lock();
                Some(state.segments.get(&place.segment)?.path().to_owned())
            });
            let found = segment::read(path.as_deref(), run);
            if found.contains(&None) {
                // Where something is missing there is nothing to be added.
                self.lock().seal();
            }
            lines.extend(found);
        }
        lines
    }

    /// Notes that these events need no sending any more.
    pub(crate) fn settle(&self, mut places: Vec<Place>) {
        places.sort_unstable();
        let mut state = self.lock();
        if state.closed {
            // They are somebody else's, who may be sending them.
            return;
        }
        for run in places.chunk_by(|a, b| a.segment == b.segment) {
            let Some(id) = run.first().map(|place| place.segment) else {
                continue;
            };
            let Some(segment) = state.segments.get_mut(&id) else {
                continue;
            };
            if let Err(error) = segment.settle(run) {
                self.diagnostics.debug(format_args!(
                    "can't note in `{}` what is delivered: {error}; it may be sent again",
                    segment.path().display()
                ));
            }
            state.tidy(id);
        }
    }

    /// Returns whether there is more than there may be, after removing what is only kept for the
    /// case that the process is killed.
    pub(crate) fn is_over(&self) -> bool {
        let mut state = self.lock();
        if state.bytes <= self.max_bytes {
            return false;
        }
        let delivered: Vec<u32> = state
            .segments
            .iter()
            .filter(|(_, segment)| segment.is_settled())
            .map(|(id, _)| *id)
            .collect();
        for id in delivered {
            if state.bytes > self.max_bytes && !state.is_active(id) {
                state.remove(id);
            }
        }
        state.bytes > self.max_bytes
    }

    /// Says, once, that the oldest traces have to go.
    pub(crate) fn say_that_it_is_full(&self) {
        if !std::mem::replace(&mut self.lock().is_full_said, true) {
            let dir = self.dir().unwrap_or_default();
            self.diagnostics.error(format_args!(
                "the oldest traces are lost, as more than {} bytes are to be kept in `{}`",
                self.max_bytes,
                dir.display()
            ));
        }
    }

    /// Returns whether the last write worked, as far as there was one.
    pub(crate) fn works(&self) -> bool {
        let state = self.lock();
        !state.failing && !state.closed
    }

    /// Notes for others that the server does not take the key, so that one with another key may send
    /// what is here.
    pub(crate) fn note_key_refused(&self) {
        let mut state = self.lock();
        if !std::mem::replace(&mut state.key_refused, true) {
            for owner in state.owners.values_mut() {
                let _ = owner.note(Card::REFUSED);
            }
        }
    }

    /// Returns where the events are, for diagnostics.
    pub(crate) fn dir(&self) -> Option<PathBuf> {
        let state = self.lock();
        let owner = state.owners.values().next()?;
        Some(owner.dir().to_owned())
    }

    /// Removes what is not needed, and leaves the rest to the next process.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.seal();
        state.closed = true;
        let owners = std::mem::take(&mut state.owners);
        for (id, owner) in owners {
            if !state.segments.values().any(|segment| segment.owner == id) {
                owner.leave();
            }
        }
    }

    fn write(&self, state: &mut State, batch: &Batch) -> io::Result<Vec<Place>> {
        let is_full = |state: &State, id| {
            let segment: Option<&Segment> = state.segments.get(id);
            segment.is_none_or(|segment| segment.bytes >= self.segment_bytes)
        };
        if state
            .active
            .as_ref()
            .is_some_and(|(id, _)| is_full(state, id))
        {
            state.seal();
        }
        let (id, mut file) = match state.active.take() {
            Some(active) => active,
            None => self.begin(state)?,
        };
        let segment = state.segments.get_mut(&id);
        let segment = segment.ok_or_else(|| io::Error::other("the segment is gone"))?;
        let before = segment.bytes;
        let places = segment.append(id, &mut file, batch.lines());
        state.bytes += segment.bytes - before;
        match places {
            Ok(_) => state.active = Some((id, file)),
            // What is half written stays the last line of its segment.
            Err(_) => state.tidy(id),
        }
        places
    }

    /// Begins a segment.
    fn begin(&self, state: &mut State) -> io::Result<(u32, File)> {
        // The folder may have been removed while the program runs.
        if !state.owners.get(&OWN).is_some_and(Owner::is_registered) {
            let owner = self.register()?;
            state.owners.insert(OWN, owner);
            state.key_refused = false;
        }
        let owner = state.owners.get_mut(&OWN);
        let (file, path) = owner
            .ok_or_else(|| io::Error::other("nobody is registered"))?
            .new_file()?;
        let id = FIRST_OWN.saturating_add(state.made);
        state.made += 1;
        state.segments.insert(id, Segment::new(OWN, path));
        Ok((id, file))
    }

    /// Registers in the first folder that can be written to.
    fn register(&self) -> io::Result<Owner> {
        let mut first_error = None;
        for dir in &self.dirs {
            match Owner::register(dir, &self.card.text()) {
                Ok(owner) => return Ok(owner),
                Err(error) => {
                    first_error.get_or_insert(error);
                }
            }
        }
        Err(first_error.unwrap_or_else(|| io::Error::other("there is no folder for it")))
    }

    fn dirs_in_words(&self) -> String {
        let dirs = self.dirs.iter().map(|dir| format!("`{}`", dir.display()));
        dirs.collect::<Vec<_>>().join(" or ")
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
