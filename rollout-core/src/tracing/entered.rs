//! Which of our contexts are active because a span of `tracing` was entered, on this thread.

use std::cell::RefCell;

use tracing_core::span::Id;

use crate::context::{Context, ContextGuard};

thread_local! {
    static ENTERED: RefCell<Vec<(u64, ContextGuard)>> = const { RefCell::new(Vec::new()) };
}

/// Makes a span's context active on this thread, until the span is left.
pub(super) fn enter(span: &Id, context: Context) {
    let entered = (span.into_u64(), context.attach());
    // While the thread is being torn down nothing stays active.
    let _ = ENTERED.try_with(|all| match all.try_borrow_mut() {
        Ok(mut all) => all.push(entered),
        Err(_) => drop(entered),
    });
}

/// Makes another context active for the span that was entered last on this thread, if it is this one.
pub(super) fn change(span: &Id, context: Context) {
    let last = ENTERED.try_with(|all| {
        let mut all = all.try_borrow_mut().ok()?;
        all.pop_if(|(id, _)| *id == span.into_u64())
    });
    if let Ok(Some(last)) = last {
        drop(last);
        enter(span, context);
    }
}

/// Makes active what was before the span was entered; spans that were entered after it stay so.
pub(super) fn leave(span: &Id) {
    let left = ENTERED.try_with(|all| {
        let mut all = all.try_borrow_mut().ok()?;
        let place = all.iter().rposition(|(id, _)| *id == span.into_u64())?;
        Some(all.remove(place))
    });
    // Not before the list is free: what is no longer active may be the last of its trace.
    drop(left);
}
