//! Events on their way, and how much of them is in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bytes::Bytes;

use crate::config::QueueLimits;
use crate::export::spool::{Letter, Place, TraceKey};
use crate::pipeline::DropReason;
use crate::pipeline::batch::{Batch, Receipt};
use crate::protocol::EventType;

/// An event on its way: in memory, on disk, or both.
///
/// If it is dropped before anything was said about it, it stays on disk and counts as spooled, or else
/// is lost and counts as that: nothing has to be tidied up where delivery is given up.
pub(super) struct Mail {
    /// The event as JSON, where it is in memory.
    line: Option<Line>,
    /// Where it is on disk, if it is.
    place: Option<Place>,
    /// Its place among all that this exporter was given.
    pub(super) order: u64,
    pub(super) trace: TraceKey,
    pub(super) part: Part,
    /// To whom to report, and its place in the batch; nobody waits for what another process left.
    receipt: Option<(Arc<Receipt>, usize)>,
    /// Whether it was reported that it stays on disk for now.
    is_kept: bool,
    load: Arc<Load>,
}

/// What an event is of its trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Beginning,
    End,
    Other,
}

/// The text of an event, which counts in the [`Load`] for as long as it lives.
struct Line {
    text: Bytes,
    load: Arc<Load>,
}

impl Mail {
    /// Returns the events of a batch, and where they are on disk if they are.
    pub(super) fn of(
        batch: &Batch,
        places: Option<&[Place]>,
        receipt: Receipt,
        load: &Arc<Load>,
    ) -> Vec<Self> {
        let receipt = Arc::new(receipt);
        let events = batch.events().iter().zip(batch.lines()).enumerate();
        let mail = events.map(|(index, (event, line))| Self {
            line: Some(Line::new(line, load)),
            place: places.and_then(|places| places.get(index).copied()),
            order: 0,
            trace: TraceKey::of(event),
            part: match event.event_type() {
                EventType::TraceStart => Part::Beginning,
                EventType::TraceEnd => Part::End,
                _ => Part::Other,
            },
            receipt: Some((Arc::clone(&receipt), index)),
            is_kept: false,
            load: Arc::clone(load),
        });
        mail.collect()
    }

    /// Returns events that another process left.
    pub(super) fn left(letters: Vec<Letter>, load: &Arc<Load>) -> Vec<Self> {
        let mail = letters.into_iter().map(|letter| Self {
            line: None,
            place: Some(letter.place),
            order: 0,
            trace: letter.trace,
            part: Part::Other,
            receipt: None,
            is_kept: false,
            load: Arc::clone(load),
        });
        mail.collect()
    }

    /// Returns the event as JSON, where it is in memory.
    pub(super) fn line(&self) -> Option<&Bytes> {
        self.line.as_ref().map(|line| &line.text)
    }

    /// Takes what was read from the disk.
    pub(super) fn set_line(&mut self, text: &Bytes) {
        self.line = Some(Line::new(text, &self.load));
    }

    pub(super) fn place(&self) -> Option<Place> {
        self.place
    }

    /// Returns its length as JSON.
    pub(super) fn length(&self) -> usize {
        self.line()
            .map(Bytes::len)
            .or_else(|| self.place.map(Place::length))
            .unwrap_or(0)
    }

    /// Frees the memory of what is on disk as well.
    pub(super) fn free(&mut self) {
        if self.place.is_some() {
            self.line = None;
        }
    }

    /// Takes the text out of memory, to be made something else of.
    #[cfg(feature = "otlp")]
    pub(super) fn take_line(&mut self) -> Option<Bytes> {
        let line = self.line.take()?;
        Some(line.text.clone())
    }

    /// Says that it waits for what will come later, and that nobody is to wait for that.
    #[cfg(feature = "otlp")]
    pub(super) fn hold(&mut self) {
        if !self.keep()
            && let Some((receipt, index)) = &self.receipt
        {
            receipt.held_at(*index);
        }
    }

    /// Leaves what is on disk there for now; says whether it is.
    pub(super) fn keep(&mut self) -> bool {
        if self.place.is_none() {
            return false;
        }
        self.free();
        if !std::mem::replace(&mut self.is_kept, true)
            && let Some((receipt, index)) = &self.receipt
        {
            receipt.spooled_at(*index);
        }
        true
    }

    pub(super) fn delivered(self) {
        if let Some((receipt, index)) = &self.receipt {
            receipt.delivered_at(*index);
        }
    }

    pub(super) fn lost(self, reason: DropReason) {
        if let Some((receipt, index)) = &self.receipt {
            receipt.lost_at(*index, reason);
        }
    }
}

impl Drop for Mail {
    fn drop(&mut self) {
        // Before the receipt goes, as that wakes the worker, which asks whether there is room.
        self.line = None;
        // Only the first word about an event counts, or a better one.
        if !self.keep()
            && let Some((receipt, index)) = &self.receipt
        {
            receipt.lost_at(*index, self.load.reason_to_give_up());
        }
    }
}

impl Line {
    fn new(text: &Bytes, load: &Arc<Load>) -> Self {
        load.add(text.len());
        Self {
            text: text.clone(),
            load: Arc::clone(load),
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.load.remove(self.text.len());
    }
}

/// How much is in memory, the worker's and the thread's shared account.
#[derive(Debug)]
pub(super) struct Load {
    events: AtomicUsize,
    bytes: AtomicUsize,
    limits: QueueLimits,
    closed: AtomicBool,
}

impl Load {
    pub(super) fn new(limits: QueueLimits) -> Self {
        let (events, bytes, closed) = <_>::default();
        Self {
            events,
            bytes,
            limits,
            closed,
        }
    }

    /// Returns whether more than so many times the limits is in memory.
    pub(super) fn exceeds(&self, times: usize) -> bool {
        self.events.load(Ordering::Relaxed) > self.limits.events.saturating_mul(times)
            || self.bytes.load(Ordering::Relaxed) > self.limits.bytes.saturating_mul(times)
    }

    /// From here on, what is given up is given up for want of time.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    fn add(&self, bytes: usize) {
        self.events.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    fn remove(&self, bytes: usize) {
        self.events.fetch_sub(1, Ordering::Relaxed);
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    fn reason_to_give_up(&self) -> DropReason {
        if self.closed.load(Ordering::Relaxed) {
            DropReason::ShutdownTimeout
        } else {
            DropReason::Undeliverable
        }
    }
}
