//! Waiting for what is under way, with a deadline, on a thread or in a task.
//!
//! A thread can wait for so long and no longer. A task needs somebody to wake it, and no runtime is
//! assumed: the worker opens the latches whose time is over.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

/// Opens when all its [`Hold`]s are dropped.
#[derive(Debug)]
pub(crate) struct Latch(Arc<Shared>);

/// Keeps a [`Latch`] closed for as long as it lives.
#[derive(Clone, Debug)]
pub(crate) struct Hold {
    opener: Arc<Opener>,
}

#[derive(Debug)]
struct Opener(Arc<Shared>);

/// Opens a [`Latch`] when its time is over.
#[derive(Debug)]
pub(crate) struct Deadline {
    at: Instant,
    latch: Weak<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    opened: Condvar,
}

#[derive(Debug, Default)]
struct State {
    open: bool,
    /// Whether it opened because the time was over.
    expired: bool,
    waker: Option<Waker>,
}

/// Returns a closed latch and its first hold.
pub(crate) fn latch() -> (Latch, Hold) {
    let shared = Arc::new(Shared::default());
    let hold = Hold {
        opener: Arc::new(Opener(Arc::clone(&shared))),
    };
    (Latch(shared), hold)
}

impl Latch {
    /// Blocks until the latch opens or the time is over; says whether its holds are dropped.
    pub(crate) fn wait(&self, timeout: Duration) -> bool {
        let state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (state, _) = self
            .0
            .opened
            .wait_timeout_while(state, timeout, |state| !state.open)
            .unwrap_or_else(PoisonError::into_inner);
        state.open && !state.expired
    }
}

impl Hold {
    /// Returns what opens the latch after this time, whoever still holds it.
    pub(crate) fn expires_after(&self, timeout: Duration) -> Deadline {
        let at = Instant::now() + timeout.min(LONGEST);
        Deadline {
            at,
            latch: Arc::downgrade(&self.opener.0),
        }
    }
}

/// A time that is never over, but can be added to another.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 3600);

impl Deadline {
    /// Opens the latch if its time is over; says whether there is nothing left to do.
    pub(crate) fn is_settled(&self) -> bool {
        let Some(latch) = self.latch.upgrade() else {
            return true;
        };
        let over = self.at <= Instant::now();
        if over {
            latch.open(true);
        }
        over || latch
            .state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .open
    }

    /// Returns how long it is until the time is over.
    pub(crate) fn left(&self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }
}

impl Shared {
    fn open(&self, expired: bool) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if !state.open {
            state.open = true;
            state.expired = expired;
        }
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        self.opened.notify_all();
    }
}

impl Future for Latch {
    /// Whether the holds are dropped, and not only the time over.
    type Output = bool;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.open {
            return Poll::Ready(!state.expired);
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Opener {
    fn drop(&mut self) {
        self.0.open(false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_latch_opens_with_its_last_hold() {
        let (latch, hold) = latch();
        let other = hold.clone();
        drop(hold);
        assert!(!latch.wait(Duration::ZERO));
        let thread = std::thread::spawn(move || drop(other));
        assert!(latch.wait(Duration::from_secs(60)));
        thread.join().unwrap();
    }

    #[test]
    fn a_latch_opens_when_its_time_is_over_though_it_is_held() {
        let (latch, hold) = latch();
        assert!(!hold.expires_after(Duration::from_secs(60)).is_settled());
        let deadline = hold.expires_after(Duration::ZERO);
        assert!(deadline.is_settled());
        assert!(latch.0.state.lock().unwrap().open);
        assert!(!latch.wait(Duration::ZERO));
        drop(hold);
    }
}
