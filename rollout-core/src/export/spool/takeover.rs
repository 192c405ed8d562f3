//! Taking the place of processes that are gone: what they left is sent, and what they had begun ended.

use std::io;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use serde_json::Value;

use super::card::Verdict;
use super::closing::Unfinished;
use super::segment::{Found, Segment};
use super::{Letter, OWN, Place, Spool, State, TraceKey, open};
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
        let mut state = self.lock();
        let id = state.owners.keys().next_back().map_or(OWN, |last| *last) + 1;
        let mut takeover = Takeover {
            owner: id,
            state: &mut state,
            letters: Vec::new(),
            unfinished: Unfinished::default(),
        };
        for (_, path) in files {
            takeover.read(path)?;
        }
        takeover.close(&mut owner)?;
        let letters = takeover.letters;
        // Kept for as long as one of its segments is.
        state.owners.insert(id, owner);
        let ids: Vec<u32> = state.of(id);
        for segment in ids {
            state.tidy(segment);
        }
        if state.of(id).is_empty()
            && let Some(owner) = state.owners.remove(&id)
        {
            owner.leave();
        }
        Ok(letters)
    }
}

/// What was found of one process.
struct Takeover<'a> {
    owner: usize,
    state: &'a mut State,
    letters: Vec<Letter>,
    unfinished: Unfinished,
}

impl Takeover<'_> {
    fn read(&mut self, path: PathBuf) -> io::Result<()> {
        let id = self.state.taken;
        let Found {
            mut segment,
            content,
            lines,
        } = Segment::read(self.owner, id, path)?;
        let mut odd = Vec::new();
        for (place, done) in lines {
            let from = place.offset as usize;
            let line = content.get(from..from + place.length());
            let event = line.and_then(|line| serde_json::from_slice::<Value>(line).ok());
            let is_event = |event: &Value| Line::new(event).text("event_id").is_some();
            let Some(event) = event.filter(is_event) else {
                if !done {
                    odd.push(place);
                }
                continue;
            };
            if !done {
                self.letters.push(letter(place, &event));
            }
            self.unfinished.take(event);
        }
        // No server would take them.
        segment.settle(&odd)?;
        self.state.taken += 1;
        self.state.bytes += segment.bytes;
        self.state.segments.insert(id, segment);
        Ok(())
    }

    /// Ends what has not ended, in a segment of its own: should this process be killed as well, the
    /// next one finds the ends where it finds the rest.
    fn close(&mut self, owner: &mut Owner) -> io::Result<()> {
        let ends = std::mem::take(&mut self.unfinished).finish();
        if ends.is_empty() {
            return Ok(());
        }
        let lines: Vec<Bytes> = ends.iter().map(|end| end.to_string().into()).collect();
        let id = self.state.taken;
        let (mut file, path) = owner.new_file()?;
        let mut segment = Segment::new(self.owner, path);
        let places = segment.append(id, &mut file, &lines)?;
        let letters = places.iter().zip(&ends);
        self.letters
            .extend(letters.map(|(place, end)| letter(*place, end)));
        self.state.taken += 1;
        self.state.bytes += segment.bytes;
        self.state.segments.insert(id, segment);
        Ok(())
    }
}

impl State {
    /// Returns the segments of one owner.
    fn of(&self, owner: usize) -> Vec<u32> {
        let segments = self.segments.iter();
        segments
            .filter(|(_, segment)| segment.owner == owner)
            .map(|(id, _)| *id)
            .collect()
    }
}

fn letter(place: Place, event: &Value) -> Letter {
    let trace = TraceKey(open::hash(Line::new(event).trace()));
    Letter { place, trace }
}
