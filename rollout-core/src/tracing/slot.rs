//! Where what is known of a span is kept, for all threads that enter it.

use std::cell::Cell;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::finding::Finding;

/// What is known of a span.
#[derive(Clone)]
pub(super) struct Slot(Arc<Mutex<Finding>>);

/// The same, of a span that may be closed by now.
pub(super) struct WeakSlot(Weak<Mutex<Finding>>);

thread_local! {
    /// Whether this thread is at work on a span. What is recorded may call the program (where it takes
    /// diagnostics), which may tell its subscriber of the same span.
    static AT_WORK: Cell<bool> = const { Cell::new(false) };
}

struct AtWork;

impl Slot {
    pub(super) fn new(finding: Finding) -> Self {
        Self(Arc::new(Mutex::new(finding)))
    }

    /// Calls `work` with what is known; `None` where this thread is at work on a span already.
    pub(super) fn with<R>(&self, work: impl FnOnce(&mut Finding) -> R) -> Option<R> {
        let _at_work = AtWork::begin()?;
        let mut finding = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Some(work(&mut finding))
    }

    pub(super) fn downgrade(&self) -> WeakSlot {
        WeakSlot(Arc::downgrade(&self.0))
    }
}

impl WeakSlot {
    pub(super) fn upgrade(&self) -> Option<Slot> {
        self.0.upgrade().map(Slot)
    }

    pub(super) fn is_gone(&self) -> bool {
        self.0.strong_count() == 0
    }

    pub(super) fn is(&self, slot: &Slot) -> bool {
        std::ptr::eq(self.0.as_ptr(), Arc::as_ptr(&slot.0))
    }
}

impl AtWork {
    fn begin() -> Option<Self> {
        let was_at_work = AT_WORK.try_with(|at_work| at_work.replace(true)).ok()?;
        (!was_at_work).then_some(Self)
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        let _ = AT_WORK.try_with(|at_work| at_work.set(false));
    }
}
