//! Between the program's threads and the worker. The program never waits here.

mod threads;

use std::collections::VecDeque;
use std::sync::{OnceLock, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use threads::{AtomicBool, AtomicU8, Mutex, MutexGuard, Ordering, Thread};

use super::accounting::{DropReason, Stats};
use super::latch::{Hold, Latch, latch};
use crate::config::QueueLimits;
use crate::record::{Record, Role};

/// Ends may fill the queue beyond its limit of events, as there are never more of them than spans
/// that are open; this many times the limit is a program that has lost its mind.
const ENDS: usize = 8;

/// The worker works, and looks at the queue before it rests.
const AWAKE: u8 = 0;
/// It waits for something to do.
const ASLEEP: u8 = 1;
/// It knows that there is something to do, and lets the burst that brings it go on for a moment.
const LINGERING: u8 = 2;

/// How long it does. What it works at the same time slows the program down where they share a core's
/// caches and its allocator, and each wake is a system call; a run of an agent is a burst of records.
const LINGER: Duration = Duration::from_millis(5);

/// How long it sleeps while no exporter has room, unless one tells that it has.
const NO_ROOM: Duration = Duration::from_millis(50);

#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<State>,
    limits: QueueLimits,
    /// How many events fill a batch, and so are worth waking the worker for.
    batch: usize,
    /// Of the process that the worker runs in.
    pid: u32,
    worker: OnceLock<Thread>,
    /// What the worker does: see [`AWAKE`] and the like.
    rest: AtomicU8,
    urgent: AtomicBool,
    /// Whether each record is to be worked on soon, not only those that fill a batch.
    eager: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    items: VecDeque<Item>,
    /// When the first of the records came.
    since: Option<Instant>,
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
    Flush(Hold),
    /// There is nothing after this.
    Shutdown(Hold, Duration),
}

impl Queue {
    pub(crate) fn new(limits: QueueLimits, batch: usize) -> Self {
        Self {
            state: Mutex::default(),
            limits,
            batch,
            pid: std::process::id(),
            worker: OnceLock::new(),
            rest: AtomicU8::new(AWAKE),
            urgent: AtomicBool::new(false),
            eager: AtomicBool::new(false),
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
        let Some(mut state) = self.enter() else {
            return false;
        };
        if state.closed {
            state.stats.refuse(DropReason::AfterShutdown, events as u64);
            return false;
        }
        let no_room = state.events + events > self.limits.events;
        // What is left out is dropped after the lock is released: it may be large.
        let mut payload = None;
        if bytes > self.limits.bytes {
            // There would never be room for it.
            payload = record.leave_out_payload();
            bytes = record.size();
        }
        let too_long = state.bytes + bytes > self.limits.bytes;
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
                payload = payload.or_else(|| record.leave_out_payload());
                bytes = record.size();
            }
            _ => {}
        }
        state.stats.enter(events as u64);
        state.events += events;
        state.bytes += bytes;
        state.since.get_or_insert_with(Instant::now);
        state.items.push_back(Item::Record(record));
        let (pressed, wanted) = (self.is_pressed(&state), self.is_wanted(&state));
        drop(state);
        drop(payload);
        if pressed {
            self.wake();
        } else if wanted {
            self.nudge();
        }
        true
    }

    /// Counts a record that was not offered because its beginning was refused.
    pub(crate) fn count_refused(&self, events: usize) {
        if let Some(mut state) = self.enter() {
            let reason = if state.closed {
                DropReason::AfterShutdown
            } else {
                DropReason::QueueFull
            };
            state.stats.refuse(reason, events as u64);
        }
    }

    /// Returns what opens when everything recorded so far is delivered.
    pub(crate) fn flush(&self) -> Latch {
        let (latch, hold) = latch();
        let Some(mut state) = self.enter() else {
            return latch;
        };
        if !state.closed {
            state.orders = true;
            state.items.push_back(Item::Flush(hold));
        }
        drop(state);
        self.wake();
        latch
    }

    /// Takes nothing from here on, and returns what opens when the worker is done.
    pub(crate) fn close(&self, timeout: Duration) -> Latch {
        let (latch, hold) = latch();
        let Some(mut state) = self.enter() else {
            return latch;
        };
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
        self.enter().is_none_or(|state| state.closed)
    }

    pub(crate) fn stats(&self) -> Stats {
        self.enter().map(|state| state.stats).unwrap_or_default()
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

    /// Gives up everything, as the worker is gone, though nobody told it to go. Those who wait go on.
    pub(crate) fn worker_is_gone(&self) {
        let mut state = self.lock();
        state.closed = true;
        let queued = state.stats.queued;
        state.stats.drop(DropReason::Internal, queued);
        let items = std::mem::take(&mut state.items);
        drop(state);
        drop(items);
    }

    /// Returns whether this is the process that the worker runs in, and not one that was forked off.
    pub(crate) fn is_served(&self) -> bool {
        self.pid == std::process::id()
    }

    /// Locks the queue for the program; `None` in a process that was forked off while another thread had
    /// the lock, as that thread is not there to let go of it.
    fn enter(&self) -> Option<MutexGuard<'_, State>> {
        match self.state.try_lock() {
            Ok(state) => Some(state),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => self.is_served().then(|| self.lock()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    // The worker's side.

    /// Registers the thread to be woken: for each record, or for those that fill a batch.
    pub(crate) fn serve_on_this_thread(&self, eager: bool) {
        self.eager.store(eager, Ordering::Relaxed);
        let _ = self.worker.set(threads::current());
    }

    /// Moves everything that waits into `into`, which is empty and whose room is used again. Returns
    /// when the first record of it came.
    pub(crate) fn take(&self, into: &mut VecDeque<Item>) -> Option<Instant> {
        let mut state = self.lock();
        std::mem::swap(&mut state.items, into);
        state.events = 0;
        state.bytes = 0;
        state.orders = false;
        state.since.take()
    }

    /// Rests until woken, or until the time is over; and then a moment more, while a burst goes on.
    ///
    /// Without room for what is in the queue, there is no reason to get up for it.
    pub(crate) fn rest(&self, timeout: Duration, has_room: bool) {
        self.rest.store(ASLEEP, Ordering::SeqCst);
        if !has_room {
            threads::rest(timeout.min(NO_ROOM));
            self.rest.store(AWAKE, Ordering::SeqCst);
            return;
        }
        // Looks once more: whoever came before that line saw the worker awake and did not wake it.
        let wanted = {
            let state = self.lock();
            self.is_pressed(&state) || self.is_wanted(&state)
        };
        if !wanted && !self.urgent.load(Ordering::SeqCst) {
            threads::rest(timeout);
        }
        self.rest.store(LINGERING, Ordering::SeqCst);
        let lingers = {
            let state = self.lock();
            state.events > 0 && !self.is_pressed(&state)
        };
        if lingers {
            threads::pause(LINGER);
        }
        self.rest.store(AWAKE, Ordering::SeqCst);
    }

    /// Returns whether the worker is to come at once: somebody waits for it, or room gets scarce.
    fn is_pressed(&self, state: &State) -> bool {
        state.orders
            || state.events.saturating_mul(2) >= self.limits.events
            || state.bytes.saturating_mul(2) >= self.limits.bytes
    }

    /// Returns whether there is something to get up for.
    fn is_wanted(&self, state: &State) -> bool {
        state.events >= self.batch || (state.events > 0 && self.eager.load(Ordering::Relaxed))
    }

    /// Returns whether something is to go out at once, and forgets it.
    pub(crate) fn take_urgent(&self) -> bool {
        self.urgent.swap(false, Ordering::SeqCst)
    }

    /// Wakes the worker, unless it knows, and makes it send what it has.
    pub(crate) fn hurry(&self) {
        // A load is cheap, and most of the time somebody has said so already.
        if !self.urgent.load(Ordering::SeqCst) {
            self.urgent.store(true, Ordering::SeqCst);
        }
        self.nudge();
    }

    /// Wakes the worker where it waits for something to do.
    fn nudge(&self) {
        if self.rest.load(Ordering::SeqCst) == ASLEEP {
            self.wake();
        }
    }

    /// Wakes the worker, also where it lets a burst go on.
    pub(crate) fn wake(&self) {
        if self.rest.load(Ordering::SeqCst) != AWAKE
            && self.rest.swap(AWAKE, Ordering::SeqCst) != AWAKE
            && let Some(worker) = self.worker.get()
        {
            worker.unpark();
        }
    }
}

#[cfg(test)]
#[cfg(shuttle)]
mod model;
#[cfg(test)]
mod tests;
