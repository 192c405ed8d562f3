//! Taking the place of processes that are gone: what they left is sent, and what they had begun ended.

use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::card::Verdict;
use super::segment::{Found, Segment};
use super::state::State;
use super::unfinished::Unfinished;
use super::{Letter, OWN, Spool, TraceKey, open};
use crate::export::owner::Owner;
use crate::show::Line;

impl Spool {
    /// Returns whether any process has left something, or is writing. Only looks.
    pub(crate) fn is_in_use(&self) -> bool {
        self.dirs
            .iter()
            .any(|dir| Owner::all(dir).is_ok_and(|names| !names.is_empty()))
    }

    /// Takes the place of all processes that are gone and had the same destination, and returns the
    /// events that are to be sent, in the order in which they were written.
    pub(crate) fn take_over(&self) -> Vec<Letter> {
        let mut letters = Vec::new();
        for dir in &self.dirs {
            for name in Owner::all(dir).unwrap_or_default() {
                match self.take_over_from(dir, &name) {
                    Ok(found) => letters.extend(found),
                    Err(error) => self.diagnostics.warn(format_args!(
                        "can't read what an earlier run left in `{}`: {error}",
                        dir.display()
                    )),
                }
            }
        }
        if !letters.is_empty() {
            self.diagnostics.debug(format_args!(
                "an earlier run left {} events, which are sent now",
                letters.len()
            ));
        }
        letters
    }

    fn take_over_from(&self, dir: &Path, name: &str) -> io::Result<Vec<Letter>> {
        let (mut owner, card) = match Owner::take_over(dir, name) {
            Ok(Some(found)) => found,
            // Somebody else's, and this very process's.
            Ok(None) => return Ok(Vec::new()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let files = owner.files()?;
        match self.card.judge(&card) {
            Verdict::Ours => {}
            Verdict::Others => return Ok(Vec::new()),
            Verdict::Blank if files.is_empty() => {
                owner.leave();
                return Ok(Vec::new());
            }
            Verdict::Blank | Verdict::Newer => {
                self.diagnostics.warn(format_args!(
                    "`{}` has events of a later version of rollout, which this one leaves alone",
                    dir.display()
                ));
                return Ok(Vec::new());
            }
        }
        let mut takeover = Takeover {
            spool: self,
            owner: self.lock().next_owner(),
            segments: Vec::new(),
            letters: Vec::new(),
            unfinished: Unfinished::default(),
        };
        // Meanwhile others write.
        for (_, path) in files {
            takeover.read(path)?;
        }
        takeover.close(&mut owner)?;
        Ok(takeover.finish(owner))
    }
}

/// What was found of one process.
struct Takeover<'a> {
    spool: &'a Spool,
    owner: usize,
    segments: Vec<(u32, Segment)>,
    letters: Vec<Letter>,
    unfinished: Unfinished,
}

impl Takeover<'_> {
    fn read(&mut self, path: PathBuf) -> io::Result<()> {
        let id = self.spool.lock().next_taken();
        let Found {
            mut segment,
            content,
            lines,
        } = Segment::read(self.owner, id, path)?;
        let mut odd = Vec::new();
        for (place, mark) in lines {
            let from = place.offset as usize;
            let line = content.get(from..from + place.length());
            match line.and_then(|line| self.unfinished.take(line, mark.has_ended)) {
                Some(trace) if !mark.is_done => self.letters.push(Letter { place, trace }),
                // No server would take it.
                None if !mark.is_done => odd.push(place),
                _ => {}
            }
        }
        segment.settle(&odd)?;
        self.segments.push((id, segment));
        Ok(())
    }

    /// Ends what has not ended, in a segment of its own: should this process be killed as well, the
    /// next one finds the ends where it finds the rest.
    fn close(&mut self, owner: &mut Owner) -> io::Result<()> {
        let ends = std::mem::take(&mut self.unfinished).finish();
        if ends.is_empty() {
            return Ok(());
        }
        let id = self.spool.lock().next_taken();
        let lines: Vec<Bytes> = ends.iter().map(|end| end.to_string().into()).collect();
        let (mut file, path) = owner.new_file()?;
        let mut segment = Segment::new(self.owner, path);
        let places = segment.append(id, &mut file, &lines)?;
        for (place, end) in places.into_iter().zip(&ends) {
            let trace = TraceKey(open::hash(Line::new(end).trace()));
            self.letters.push(Letter { place, trace });
        }
        self.segments.push((id, segment));
        Ok(())
    }

    fn finish(self, owner: Owner) -> Vec<Letter> {
        let mut state = self.spool.lock();
        // Kept for as long as one of its segments is.
        state.owners.insert(self.owner, owner);
        let ids: Vec<u32> = self.segments.iter().map(|(id, _)| *id).collect();
        for (id, segment) in self.segments {
            state.bytes += segment.bytes;
            state.segments.insert(id, segment);
        }
        for id in ids {
            state.tidy(id);
        }
        let is_empty = !state
            .segments
            .values()
            .any(|segment| segment.owner == self.owner);
        if is_empty && let Some(owner) = state.owners.remove(&self.owner) {
            owner.leave();
        }
        self.letters
    }
}

impl State {
    fn next_owner(&mut self) -> usize {
        self.known_owners += 1;
        OWN + self.known_owners
    }

    fn next_taken(&mut self) -> u32 {
        self.taken += 1;
        self.taken - 1
    }
}
