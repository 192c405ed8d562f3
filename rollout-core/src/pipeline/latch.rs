//! Waiting for what is under way, with a deadline, on a thread or in a task.
//!
//! A thread can wait for so long and no longer. A task needs somebody to wake it when the time is over,
//! and no runtime is assumed. Nor can it be the worker, which may be in a hook that never returns: a thread
//! does it that lives as long as the task waits.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

/// Opens when all its [`Hold`]s are dropped.
#[derive(Debug)]
pub(crate) struct Latch(Arc<Shared>);

/// Keeps a [`Latch`] closed for as long as it lives.
#[derive(Clone, Debug)]
pub(crate) struct Hold {
    _opener: Arc<Opener>,
}

#[derive(Debug)]
struct Opener(Arc<Shared>);

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
        _opener: Arc::new(Opener(Arc::clone(&shared))),
    };
    (Latch(shared), hold)
}

impl Latch {
    /// Blocks until the latch opens or the time is over; says whether its holds are dropped.
    pub(crate) fn wait(&self, timeout: Duration) -> bool {
        self.0.wait(timeout)
    }

    /// Waits, in a task, until the latch opens or the time is over; says whether its holds are dropped.
    pub(crate) async fn within(self, timeout: Duration) -> bool {
        // Who can't be woken in time does not wait.
        self.expire_after(timeout).is_ok() && self.await
    }

    /// Opens the latch after this time, whoever still holds it.
    fn expire_after(&self, timeout: Duration) -> io::Result<()> {
        if self.wait(Duration::ZERO) {
            return Ok(());
        }
        let shared = Arc::clone(&self.0);
        let thread = thread::Builder::new().name("rollout-timer".into());
        thread.spawn(move || {
            shared.wait(timeout);
            shared.open(true);
        })?;
        Ok(())
    }
}

impl Shared {
    fn wait(&self, timeout: Duration) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (state, _) = self
            .opened
            .wait_timeout_while(state, timeout, |state| !state.open)
            .unwrap_or_else(PoisonError::into_inner);
        state.open && !state.expired
    }

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

impl Drop for Latch {
    /// Nobody waits any more: the thread that knows the time may go.
    fn drop(&mut self) {
        self.0.open(true);
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
        latch.expire_after(Duration::ZERO).unwrap();
        while !latch.0.state.lock().unwrap().open {
            std::thread::yield_now();
        }
        assert!(!latch.wait(Duration::from_secs(60)));
        drop(hold);
    }

    #[test]
    fn the_thread_that_knows_the_time_goes_when_nobody_waits_any_more() {
        let (latch, hold) = latch();
        latch.expire_after(Duration::MAX).unwrap();
        let shared = Arc::downgrade(&latch.0);
        drop(latch);
        // The hold has a share as well, and nobody else.
        while shared.strong_count() > 1 {
            std::thread::yield_now();
        }
        drop(hold);
    }
}
