//! What a journal knows of its segments, and which of them it still needs.

use std::collections::BTreeMap;
use std::fs::File;

use super::open::Opens;
use super::segment::Segment;
use super::{OWN, Place};
use crate::export::owner::Owner;
use crate::protocol::{Event, EventType};

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) segments: BTreeMap<u32, Segment>,
    /// Of this process, and of those that it took the place of, as long as there is a segment.
    pub(super) owners: BTreeMap<usize, Owner>,
    /// The segment that is written, and its file.
    pub(super) active: Option<(u32, File)>,
    /// How many segments there were so far: own ones, and others, and of how many others.
    pub(super) made: u32,
    pub(super) taken: u32,
    pub(super) known_owners: usize,
    pub(super) bytes: u64,
    opens: Opens,
    /// Whether the last write failed.
    pub(super) failing: bool,
    /// Whether it was said that one did, so that a disk that is full is reported once.
    pub(super) is_failing_said: bool,
    pub(super) is_full_said: bool,
    /// Whether it is known to others that the server does not take the key.
    pub(super) key_refused: bool,
    pub(super) closed: bool,
}

impl State {
    /// Notes what an event that is now at this place begins or ends.
    pub(super) fn note(&mut self, event: &Event, place: Place) {
        let Some(trace) = event.trace_id.as_deref() else {
            return;
        };
        let span = event.span_id.as_deref();
        let Place { segment, line, .. } = place;
        match event.event_type() {
            EventType::TraceStart => self.opens.begin(trace, None, (segment, line)),
            EventType::SpanStart | EventType::ToolCall => {
                self.opens.begin(trace, span, (segment, line));
            }
            _ => {}
        }
        self.opens.go_on(trace, None, segment);
        self.opens.go_on(trace, span, segment);
        let begun = match event.event_type() {
            EventType::TraceEnd => self.opens.end(trace, None),
            EventType::SpanEnd | EventType::ToolResult => self.opens.end(trace, span),
            _ => None,
        };
        if let Some((first, line)) = begun
            && first != segment
            && let Some(begun) = self.segments.get_mut(&first)
        {
            // This segment may go before that one.
            begun.note_ended(line);
        }
        for id in self.opens.take_released() {
            self.tidy(id);
        }
    }

    pub(super) fn is_active(&self, id: u32) -> bool {
        self.active
            .as_ref()
            .is_some_and(|(active, _)| *active == id)
    }

    /// Writes no more to the segment that is written.
    pub(super) fn seal(&mut self) {
        if let Some((id, _)) = self.active.take() {
            self.tidy(id);
        }
    }

    /// Removes a segment that is not needed any more.
    pub(super) fn tidy(&mut self, id: u32) {
        let is_settled = self.segments.get(&id).is_some_and(Segment::is_settled);
        if is_settled && !self.is_active(id) && !self.opens.need(id) {
            self.remove(id);
        }
    }

    pub(super) fn remove(&mut self, id: u32) {
        let Some(segment) = self.segments.remove(&id) else {
            return;
        };
        self.bytes = self.bytes.saturating_sub(segment.bytes);
        let owner = segment.owner;
        segment.remove();
        // Those of others have a lock for as long as there is something left.
        let is_last = !self.segments.values().any(|segment| segment.owner == owner);
        if is_last
            && owner != OWN
            && let Some(owner) = self.owners.remove(&owner)
        {
            owner.leave();
        }
    }
}
