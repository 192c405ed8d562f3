//! What is in the inbox, and what of it may go.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Instant;

use super::Next;
use super::outage::Outage;
use crate::config::BatchLimits;
use crate::export::http::mail::{Mail, Part};
use crate::export::spool::TraceKey;

/// How many events are passed over to find some whose trace is not under way.
const REACH: usize = 2_000;

/// There is room for so many events at any time.
const ROOM: usize = 1_000;

/// More traces that were dropped are not remembered; of those the rest may be sent.
const MOST_DROPPED: usize = 10_000;

#[derive(Default)]
pub(super) struct State {
    /// In order.
    pub(super) waiting: VecDeque<Mail>,
    /// How long they are.
    pub(super) bytes: usize,
    /// The order of the newest event, and of the newest one that is not to wait for company.
    pub(super) newest: u64,
    pub(super) urgent: u64,
    /// Traces that are not to be sent: until they have arrived, or until a moment.
    pub(super) busy: HashMap<TraceKey, Option<Instant>>,
    /// Traces that were dropped for want of room on disk, as long as they go on.
    dropped: HashSet<TraceKey>,
    pub(super) outage: Option<Outage>,
    pub(super) closing: bool,
    pub(super) gone: bool,
}

impl State {
    /// Returns whether there is enough to go, or something that does not wait.
    pub(super) fn is_due(&self, limits: BatchLimits) -> bool {
        let Some(first) = self.waiting.front() else {
            return false;
        };
        self.closing
            || first.order <= self.urgent
            || self.waiting.len() >= limits.events
            || self.bytes >= limits.bytes
    }

    /// Takes out the first events that may travel together, at least one unless all have to wait.
    pub(super) fn take(&mut self, limits: BatchLimits) -> Vec<Mail> {
        let (mut taken, mut passed, mut bytes) = (Vec::new(), Vec::new(), 0);
        while let Some(mail) = self.waiting.pop_front() {
            let is_full = taken.len() >= limits.events
                || (!taken.is_empty() && bytes + mail.length() > limits.bytes);
            if is_full || passed.len() >= REACH {
                self.waiting.push_front(mail);
                break;
            }
            if self.busy.contains_key(&mail.trace) {
                passed.push(mail);
            } else {
                bytes += mail.length();
                taken.push(mail);
            }
        }
        for mail in passed.into_iter().rev() {
            self.waiting.push_front(mail);
        }
        self.bytes = self.bytes.saturating_sub(bytes);
        self.give_memory_back();
        taken
    }

    /// What waited while the server was away took room that is not needed any more.
    fn give_memory_back(&mut self) {
        let (needed, there) = (self.waiting.len().max(ROOM), self.waiting.capacity());
        if there / 4 > needed {
            self.waiting.shrink_to(needed * 2);
        }
    }

    /// Puts events back to where they were: among the first.
    pub(super) fn put_back(&mut self, mut mail: Vec<Mail>) {
        self.bytes += mail.iter().map(Mail::length).sum::<usize>();
        let key = |mail: &Mail| (mail.order, mail.place());
        let last = mail.iter().map(key).max();
        while self.waiting.front().map(key) < last {
            let Some(before) = self.waiting.pop_front() else {
                break;
            };
            mail.push(before);
        }
        mail.sort_by_key(key);
        for mail in mail.into_iter().rev() {
            self.waiting.push_front(mail);
        }
    }

    /// Returns what to do while nothing may go.
    pub(super) fn when(&self) -> Next {
        let is_under_way = self.busy.values().any(Option::is_none);
        if self.closing && (self.waiting.is_empty() || !is_under_way) {
            return Next::Stop;
        }
        Next::Wait(self.busy.values().flatten().min().copied())
    }

    /// Returns whether an event belongs to a trace that was dropped.
    pub(super) fn is_dropped(&mut self, mail: &Mail) -> bool {
        match mail.part {
            Part::End => self.dropped.remove(&mail.trace),
            _ => self.dropped.contains(&mail.trace),
        }
    }

    /// Takes out all traces of which there is such an event.
    pub(super) fn drop_traces_of(&mut self, is_such: impl Fn(&Mail) -> bool) -> Vec<Mail> {
        let such = self.waiting.iter().filter(|mail| is_such(mail));
        let traces: HashSet<TraceKey> = such.map(|mail| mail.trace).collect();
        let waiting = std::mem::take(&mut self.waiting);
        let (dropped, waiting): (Vec<_>, Vec<_>) = waiting
            .into_iter()
            .partition(|mail| traces.contains(&mail.trace));
        self.waiting = waiting.into();
        for mail in &dropped {
            self.bytes = self.bytes.saturating_sub(mail.length());
            match mail.part {
                Part::Beginning if self.dropped.len() < MOST_DROPPED => {
                    self.dropped.insert(mail.trace);
                }
                Part::End => {
                    self.dropped.remove(&mail.trace);
                }
                _ => {}
            }
        }
        dropped
    }
}
