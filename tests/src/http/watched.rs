//! A value that one can wait for.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A value that a server changes while a test waits for it to become right.
#[derive(Debug, Default)]
pub(crate) struct Watched<T> {
    value: Mutex<T>,
    changed: Condvar,
}

impl<T> Watched<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            value: Mutex::new(value),
            changed: Condvar::new(),
        }
    }

    pub(crate) fn read<R>(&self, read: impl FnOnce(&T) -> R) -> R {
        read(&self.lock())
    }

    pub(crate) fn update<R>(&self, update: impl FnOnce(&mut T) -> R) -> R {
        let result = update(&mut self.lock());
        self.changed.notify_all();
        result
    }

    /// Waits until `found` finds something; returns nothing if it does not in time.
    pub(crate) fn wait<R>(
        &self,
        timeout: Duration,
        mut found: impl FnMut(&T) -> Option<R>,
    ) -> Option<R> {
        let mut result = None;
        let unmet = |value: &mut T| {
            result = found(value);
            result.is_none()
        };
        let waited = self.changed.wait_timeout_while(self.lock(), timeout, unmet);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
        result
    }

    /// A test that panics while it looks at the value must not stop the server.
    fn lock(&self) -> MutexGuard<'_, T> {
        self.value.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
