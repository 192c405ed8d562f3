//! What threads the queue is used by: those of the system, or those of the model checker, which tries the
//! orders in which they may run (see `model.rs`).

#[cfg(not(all(test, shuttle)))]
mod real {
    pub(crate) use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
    pub(crate) use std::sync::{Mutex, MutexGuard};
    pub(crate) use std::thread::{Thread, current, park_timeout as pause, park_timeout as rest};
}

#[cfg(all(test, shuttle))]
mod real {
    use std::time::Duration;

    pub(crate) use shuttle::sync::atomic::{AtomicBool, AtomicU8, Ordering};
    pub(crate) use shuttle::sync::{Mutex, MutexGuard};
    pub(crate) use shuttle::thread::{Thread, current};

    /// Waits to be woken, and not for the time to be over: it may be long.
    pub(crate) fn rest(_: Duration) {
        shuttle::thread::park();
    }

    /// Waits for a moment, which is over at any time.
    pub(crate) fn pause(_: Duration) {
        shuttle::thread::yield_now();
    }
}

pub(super) use real::*;
