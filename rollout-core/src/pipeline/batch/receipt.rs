//! What becomes of each event of a batch, as the exporters tell it, and where it then is in the books.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::Batch;
use crate::pipeline::accounting::{DropReason, Place};
use crate::pipeline::latch::Hold;
use crate::pipeline::queue::Queue;

/// An exporter's word about what became of a batch.
///
/// With several exporters an event counts as exported when one of them took it, as spooled when none
/// took it but one keeps it, and as dropped when none does either. What is not reported by the time
/// the receipt is dropped counts as not taken.
///
/// ```
/// use std::sync::Arc;
///
/// use rollout_core::{Batch, DropReason, Exporter, Receipt};
///
/// /// Takes the first hundred events of each batch.
/// struct Cautious;
///
/// impl Exporter for Cautious {
///     fn name(&self) -> &str {
///         "cautious"
///     }
///
///     fn export(&mut self, batch: Arc<Batch>, receipt: Receipt) {
///         for index in 0..batch.len() {
///             match index {
///                 0..100 => receipt.delivered_at(index),
///                 _ => receipt.lost_at(index, DropReason::Rejected),
///             }
///         }
///     }
/// }
///
/// let client = rollout_core::builder().exporter(Cautious).build()?;
/// client.trace("short").start().end();
/// let stats = client.shutdown();
/// assert_eq!((stats.exported, stats.dropped.total()), (2, 0));
/// # Ok::<(), rollout_core::BuildError>(())
/// ```
#[must_use = "events without a receipt count as lost"]
pub struct Receipt {
    shared: Arc<Shared>,
    /// Which of the exporters it is for.
    exporter: usize,
}

/// Every event of a batch.
const ALL: Range<usize> = 0..usize::MAX;

/// What an exporter said of an event.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Nothing,
    Held,
    Spooled,
    Delivered,
    Lost(DropReason),
}

struct Shared {
    state: Mutex<State>,
    queue: Arc<Queue>,
}

struct State {
    /// For each exporter, what it said of each event.
    words: Vec<Vec<Word>>,
    /// How many of them are still to come.
    missing: usize,
    /// Moves that are not in the books yet: they get there together, as the program's threads need
    /// the lock as well.
    moves: Vec<(Place, Place)>,
    /// Those who wait for this batch.
    holds: Vec<Hold>,
}

impl Receipt {
    /// Reports that every event was taken.
    pub fn delivered(self) {
        self.say(ALL, Word::Delivered);
    }

    /// Reports that the event at this place in the batch was taken.
    pub fn delivered_at(&self, index: usize) {
        self.say(index..index + 1, Word::Delivered);
    }

    /// Reports that the event at this place in the batch is kept on disk, to be sent later by this
    /// process or another one. It may be reported as delivered or lost afterwards.
    pub fn spooled_at(&self, index: usize) {
        self.say(index..index + 1, Word::Spooled);
    }

    /// Reports that the event at this place in the batch was taken and waits for more, such as the beginning of
    /// a span that goes out with its end. It is on its way still, and a flush does not wait for it.
    pub fn held_at(&self, index: usize) {
        self.say(index..index + 1, Word::Held);
    }

    /// Reports that the event at this place in the batch is lost, and why.
    pub fn lost_at(&self, index: usize, reason: DropReason) {
        self.say(index..index + 1, Word::Lost(reason));
    }

    /// Reports that every event that was not reported yet is lost, and why.
    pub fn lost(self, reason: DropReason) {
        self.say(ALL, Word::Lost(reason));
    }

    fn say(&self, range: Range<usize>, word: Word) {
        let mut state = self.shared.lock();
        let events = state.words.get(self.exporter).map_or(0, Vec::len);
        for index in range.start..range.end.min(events) {
            state.say(self.exporter, index, word);
        }
        self.shared.settle(state);
    }
}

impl Drop for Receipt {
    fn drop(&mut self) {
        self.say(ALL, Word::Lost(DropReason::Undeliverable));
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt").finish_non_exhaustive()
    }
}

impl State {
    /// Notes a word, unless an earlier one stands: of what is not spooled the first one does.
    fn say(&mut self, exporter: usize, index: usize, word: Word) {
        let before = self.place(index);
        let known = self.words.get_mut(exporter);
        let Some(known) = known.and_then(|words| words.get_mut(index)) else {
            return;
        };
        match *known {
            Word::Nothing => self.missing -= 1,
            Word::Held if word != Word::Held => {}
            // What is on disk is not lost because nobody asks any more.
            Word::Spooled if word != Word::Lost(DropReason::Undeliverable) => {}
            _ => return,
        }
        *known = word;
        let after = self.place(index);
        if before != after {
            self.moves.push((before, after));
        }
    }

    /// Returns where an event is: on its way until every exporter has said something of it.
    fn place(&self, index: usize) -> Place {
        let words = self.words.iter().filter_map(|words| words.get(index));
        let rank = |word: &Word| match word {
            Word::Nothing => (4, Place::Queued),
            Word::Delivered => (3, Place::Exported),
            Word::Spooled => (2, Place::Spooled),
            Word::Held => (1, Place::Queued),
            Word::Lost(reason) => (0, Place::Dropped(*reason)),
        };
        // The first reason for a loss is the one that tells most.
        let best = words
            .map(rank)
            .reduce(|best, next| if next.0 > best.0 { next } else { best });
        best.map_or(Place::Dropped(DropReason::Undeliverable), |(_, place)| {
            place
        })
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where every exporter has spoken, the books are brought up to date, and those who waited go on.
    fn settle(&self, mut state: MutexGuard<'_, State>) {
        if state.missing > 0 || state.moves.is_empty() && state.holds.is_empty() {
            return;
        }
        let moves = std::mem::take(&mut state.moves);
        let holds = std::mem::take(&mut state.holds);
        drop(state);
        self.queue.with_stats(|stats| {
            for (from, to) in moves {
                stats.shift(from, to, 1);
            }
        });
        drop(holds);
        // The worker may be waiting for room at an exporter.
        self.queue.wake();
    }
}

/// The receipts of one batch, one for each exporter.
pub(crate) struct Receipts {
    shared: Arc<Shared>,
    exporters: usize,
    given: usize,
}

/// A batch that is under way.
pub(crate) struct InFlight(Weak<Shared>);

impl Receipts {
    /// Returns the receipts for so many exporters; those that are not given out count as lost.
    pub(crate) fn new(batch: &Batch, queue: &Arc<Queue>, exporters: usize) -> Self {
        let state = State {
            words: vec![vec![Word::Nothing; batch.len()]; exporters],
            missing: batch.len() * exporters,
            moves: Vec::new(),
            holds: Vec::new(),
        };
        let shared = Arc::new(Shared {
            state: Mutex::new(state),
            queue: Arc::clone(queue),
        });
        Self {
            shared,
            exporters,
            given: 0,
        }
    }

    /// Returns the next exporter's receipt.
    pub(crate) fn receipt(&mut self) -> Receipt {
        let exporter = self.given;
        self.given += 1;
        Receipt {
            shared: Arc::clone(&self.shared),
            exporter,
        }
    }

    pub(crate) fn in_flight(&self) -> InFlight {
        InFlight(Arc::downgrade(&self.shared))
    }
}

impl Drop for Receipts {
    fn drop(&mut self) {
        while self.given < self.exporters {
            drop(self.receipt());
        }
    }
}

impl InFlight {
    /// Keeps a latch closed until the batch has arrived, or is safe.
    pub(crate) fn hold(&self, hold: &Hold) {
        if let Some(shared) = self.0.upgrade() {
            let mut state = shared.lock();
            if state.missing > 0 {
                state.holds.push(hold.clone());
            }
        }
    }

    pub(crate) fn has_arrived(&self) -> bool {
        self.0
            .upgrade()
            .is_none_or(|shared| shared.lock().missing == 0)
    }
}

#[cfg(test)]
mod tests;
