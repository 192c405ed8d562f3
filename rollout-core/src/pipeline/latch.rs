//! Waiting for what is under way, with a deadline, on a thread or in a task.

use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
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
    waker: Option<Waker>,
}

/// Returns a closed latch and its first hold.
pub(crate) fn latch() -> (Latch, Hold) {
    let shared = Arc::new(Shared::default());
    let hold = Hold { _opener: Arc::new(Opener(Arc::clone(&shared))) };
    (Latch(shared), hold)
}

impl Latch {
    /// Blocks until the latch opens or the time is over; says whether it opened.
    pub(crate) fn wait(&self, timeout: Duration) -> bool {
        let state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        self.0
            .opened
            .wait_timeout_while(state, timeout, |state| !state.open)
            .unwrap_or_else(PoisonError::into_inner)
            .0
            .open
    }
}

impl Future for Latch {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.open {
            return Poll::Ready(());
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Opener {
    fn drop(&mut self) {
        let mut state = self.0.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.open = true;
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
        self.0.opened.notify_all();
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
}
