//! Events that leave together, and the receipts for them.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;

use super::accounting::DropReason;
use super::latch::Hold;
use super::queue::Queue;
use crate::protocol::Event;

/// Events for an exporter, in the order in which they happened.
pub struct Batch {
    events: Vec<Event>,
    lines: OnceLock<Vec<Bytes>>,
}

impl Batch {
    pub(crate) fn new(events: Vec<Event>) -> Self {
        Self {
            events,
            lines: OnceLock::new(),
        }
    }

    /// Returns the events.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Returns each event as JSON on one line, without a line break; made once for all exporters.
    pub fn lines(&self) -> &[Bytes] {
        self.lines.get_or_init(|| {
            // Only maps with keys that are no strings can't be written, and an event has none.
            self.events
                .iter()
                .map(|event| event.to_json().unwrap_or_default().into())
                .collect()
        })
    }

    /// Returns the number of events.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Returns whether there are no events.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Batch({} events)", self.len())
    }
}

/// An exporter's word about what became of a batch.
///
/// With several exporters an event counts as exported when one of them took it, and as dropped when
/// none did. What is not reported by the time the receipt is dropped counts as not taken.
#[must_use = "events without a receipt count as lost"]
pub struct Receipt {
    shared: Arc<Shared>,
}

struct Shared {
    fates: Mutex<Vec<Fate>>,
    queue: Arc<Queue>,
    /// Those who wait for this batch.
    holds: Mutex<Vec<Hold>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Unknown,
    Delivered,
    Lost(DropReason),
}

impl Receipt {
    /// Reports that every event was taken.
    pub fn delivered(self) {
        self.mark(.., Fate::Delivered);
    }

    /// Reports that the event at this place in the batch was taken.
    pub fn delivered_at(&self, index: usize) {
        self.mark(index..=index, Fate::Delivered);
    }

    /// Reports that the event at this place in the batch is lost, and why.
    pub fn lost_at(&self, index: usize, reason: DropReason) {
        self.mark(index..=index, Fate::Lost(reason));
    }

    /// Reports that every event that was not reported yet is lost, and why.
    pub fn lost(self, reason: DropReason) {
        self.mark(.., Fate::Lost(reason));
    }

    fn mark(&self, range: impl std::slice::SliceIndex<[Fate], Output = [Fate]>, fate: Fate) {
        let mut fates = self
            .shared
            .fates
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for known in fates.get_mut(range).unwrap_or_default() {
            // Taken by one is taken; and the first reason for a loss is the one that tells most.
            if *known == Fate::Unknown || fate == Fate::Delivered {
                *known = fate;
            }
        }
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt").finish_non_exhaustive()
    }
}

impl Drop for Shared {
    /// The last receipt is in: the books are closed, and those who waited go on.
    fn drop(&mut self) {
        let fates = self.fates.get_mut().unwrap_or_else(PoisonError::into_inner);
        self.queue.with_stats(|stats| {
            for fate in fates.iter() {
                match fate {
                    Fate::Delivered => stats.export(1),
                    Fate::Lost(reason) => stats.drop(*reason, 1),
                    Fate::Unknown => stats.drop(DropReason::Undeliverable, 1),
                }
            }
        });
        self.holds
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        // The worker may be waiting for room at an exporter.
        self.queue.wake();
    }
}

/// The receipts of one batch, one for each exporter.
pub(crate) struct Receipts {
    shared: Arc<Shared>,
}

/// A batch that is under way.
pub(crate) struct InFlight(std::sync::Weak<Shared>);

impl Receipts {
    pub(crate) fn new(batch: &Batch, queue: &Arc<Queue>) -> Self {
        let shared = Arc::new(Shared {
            fates: Mutex::new(vec![Fate::Unknown; batch.len()]),
            queue: Arc::clone(queue),
            holds: Mutex::default(),
        });
        Self { shared }
    }

    pub(crate) fn receipt(&self) -> Receipt {
        Receipt {
            shared: Arc::clone(&self.shared),
        }
    }

    pub(crate) fn in_flight(&self) -> InFlight {
        InFlight(Arc::downgrade(&self.shared))
    }
}

impl InFlight {
    /// Keeps a latch closed until the batch has arrived.
    pub(crate) fn hold(&self, hold: &Hold) {
        if let Some(shared) = self.0.upgrade() {
            shared
                .holds
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(hold.clone());
        }
    }

    pub(crate) fn has_arrived(&self) -> bool {
        self.0.strong_count() == 0
    }
}
