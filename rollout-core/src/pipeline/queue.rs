//! Between the program's threads and the worker. The program never waits here.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread::Thread;
use std::time::Duration;

use super::accounting::{DropReason, Stats};
use super::latch::{Deadline, Hold, Latch, latch};
use crate::config::QueueLimits;
use crate::record::{Record, Role};

/// Ends may fill the queue beyond its limit of events, as there are never more of them than spans
/// that are open; this many times the limit is a program that has lost its mind.
const ENDS: usize = 8;

#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<State>,
    limits: QueueLimits,
    /// How many events fill a batch, and so are worth waking the worker for.
    batch: usize,
    worker: OnceLock<Thread>,
    asleep: AtomicBool,
    urgent: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    items: VecDeque<Item>,
    events: usize,
    bytes: usize,
    /// Whether somebody waits for the worker.
    orders: bool,
    closed: bool,
    stats: Stats,
}

/// What the worker takes from the queue.
#[derive(Debug)]
pub(crate) enum Item {
    Record(Record),
    /// Somebody waits until everything before this is delivered.
    Flush(Hold, Deadline),
    /// There is nothing after this.
    Shutdown(Hold, Duration),
}

impl Queue {
    pub(crate) fn new(limits: QueueLimits, batch: usize) -> Self {
        Self {
            state: Mutex::default(),
            limits,
            batch,
            worker: OnceLock::new(),
            asleep: AtomicBool::new(false),
            urgent: AtomicBool::new(false),
        }
    }

    /// Takes a record, and says whether it did.
    ///
    /// When there is no room, whole spans go before halves of spans: beginnings are refused, and
    /// what belongs to a refused beginning is not offered; ends are kept, at worst without their
    /// payload.
    pub(crate) fn push(&self, mut record: Record) -> bool {
        let (events, mut bytes) = (record.events(), record.size());
        let role = record.role();
        let mut state = self.lock();
        if state.closed {
            state.stats.refuse(DropReason::AfterShutdown, events as u64);
            return false;
        }
        let no_room = state.events + events > self.limits.events;
        let too_long = state.bytes + bytes > self.limits.bytes;
        let mut payload = None;
        match role {
            Role::Beginning | Role::Middle if no_room || (too_long && state.bytes > 0) => {
                state.stats.refuse(DropReason::QueueFull, events as u64);
                drop(state);
                self.wake();
                return false;
            }
            Role::End if state.events + events > self.limits.events.saturating_mul(ENDS) => {
                state.stats.refuse(DropReason::QueueFull, events as u64);
                return false;
            }
            _ if too_long => {
                // Dropped after the lock is released: it may be large.
                payload = record.leave_out_payload();
                bytes = record.size();
            }
            _ => {}
        }
        state.stats.enter(events as u64);
        state.events += events;
        state.bytes += bytes;
        state.items.push_back(Item::Record(record));
        let full = state.events >= self.batch || state.bytes * 2 >= self.limits.bytes;
        drop(state);
        drop(payload);
        if full {
            self.wake();
        }
        true
    }

    /// Counts a record that was not offered because its beginning was refused.
    pub(crate) fn count_refused(&self, events: usize) {
        self.with_stats(|stats| stats.refuse(DropReason::QueueFull, events as u64));
    }

    /// Returns what opens when everything recorded so far is delivered, or the time is over.
    pub(crate) fn flush(&self, timeout: Duration) -> Latch {
        let (latch, hold) = latch();
        let deadline = hold.expires_after(timeout);
        let mut state = self.lock();
        if !state.closed {
            state.orders = true;
            state.items.push_back(Item::Flush(hold, deadline));
        }
        drop(state);
        self.wake();
        latch
    }

    /// Takes nothing from here on, and returns what opens when the worker is done.
    pub(crate) fn close(&self, timeout: Duration) -> Latch {
        let (latch, hold) = latch();
        let mut state = self.lock();
        if !state.closed {
            state.closed = true;
            state.orders = true;
            state.items.push_back(Item::Shutdown(hold, timeout));
        }
        drop(state);
        self.wake();
        latch
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    pub(crate) fn stats(&self) -> Stats {
        self.lock().stats
    }

    pub(crate) fn with_stats<R>(&self, change: impl FnOnce(&mut Stats) -> R) -> R {
        change(&mut self.lock().stats)
    }

    /// Gives up all that is queued or under way.
    pub(crate) fn abandon(&self) -> Stats {
        let mut state = self.lock();
        let queued = state.stats.queued;
        state.stats.drop(DropReason::ShutdownTimeout, queued);
        state.stats
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // The worker's side.

    /// Registers the thread to be woken.
    pub(crate) fn serve_on_this_thread(&self) {
        let _ = self.worker.set(std::thread::current());
    }

    /// Moves everything that waits into `into`, which is empty and whose room is used again.
    pub(crate) fn take(&self, into: &mut VecDeque<Item>) {
        let mut state = self.lock();
        std::mem::swap(&mut state.items, into);
        state.events = 0;
        state.bytes = 0;
        state.orders = false;
    }

    /// Sleeps until woken, or until the time is over.
    pub(crate) fn sleep(&self, timeout: Duration) {
        self.asleep.store(true, Ordering::SeqCst);
        // Looks once more: whoever came before that line saw the worker awake and did not wake it.
        let wanted = {
            let state = self.lock();
            state.orders || state.events >= self.batch
        };
        if !wanted && !self.urgent.load(Ordering::SeqCst) {
            std::thread::park_timeout(timeout);
        }
        self.asleep.store(false, Ordering::SeqCst);
    }

    /// Returns whether something is to go out at once, and forgets it.
    pub(crate) fn take_urgent(&self) -> bool {
        self.urgent.swap(false, Ordering::SeqCst)
    }

    /// Wakes the worker, and makes it send what it has.
    pub(crate) fn hurry(&self) {
        // A load is cheap, and most of the time somebody has said so already.
        if !self.urgent.load(Ordering::SeqCst) {
            self.urgent.store(true, Ordering::SeqCst);
        }
        self.wake();
    }

    pub(crate) fn wake(&self) {
        if self.asleep.load(Ordering::SeqCst)
            && self.asleep.swap(false, Ordering::SeqCst)
            && let Some(worker) = self.worker.get()
        {
            worker.unpark();
        }
    }
}
