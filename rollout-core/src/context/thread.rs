//! What is active on a thread, and the guards that keep it so.

use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;
use std::mem;

use super::{Active, Context};

/// The guard that keeps a context active: its number on its thread, or zero. Only one context is kept
/// by a guard, and not its copies.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Held(u64);

impl Clone for Held {
    fn clone(&self) -> Self {
        Self(0)
    }
}

/// How many guards that were dropped out of order are remembered. More are alive at the same time
/// only if some of those made after them were leaked.
const MOST: usize = 256;

struct Thread {
    active: Context,
    /// How many guards there were.
    guards: u64,
    /// The guards that were dropped while another one, made later, was alive, and what is to be active
    /// where the context that they kept would be active again.
    dropped: Vec<(u64, Context)>,
}

thread_local! {
    static THREAD: RefCell<Thread> = const {
        RefCell::new(Thread {
            active: Context {
                active: Active::Nothing,
                user: None,
                exchange: None,
                tool_call_id: None,
                #[cfg(feature = "tracing")]
                foreign_call: None,
                held: Held(0),
            },
            guards: 0,
            dropped: Vec::new(),
        })
    };
}

/// Calls `read` with what is active; `None` while the thread is being torn down.
#[inline]
pub(super) fn read<R>(read: impl FnOnce(&Context) -> R) -> Option<R> {
    THREAD
        .try_with(|thread| thread.try_borrow().ok().map(|thread| read(&thread.active)))
        .ok()
        .flatten()
}

/// Calls `change` with what is active. Does nothing while the thread is being torn down.
///
/// Nothing of the program's may run while the cell is borrowed, so that the borrow can't fail: what is
/// no longer needed is returned, to be dropped outside.
#[inline]
fn change<R>(change: impl FnOnce(&mut Thread) -> R) -> Option<R> {
    THREAD
        .try_with(|thread| {
            thread
                .try_borrow_mut()
                .ok()
                .map(|mut thread| change(&mut thread))
        })
        .ok()
        .flatten()
}

/// Exchanges what is active with `other`.
#[inline]
pub(super) fn swap(other: &mut Context) {
    let past = change(|thread| {
        mem::swap(&mut thread.active, other);
        thread.settle()
    });
    drop(past);
}

impl Thread {
    /// Goes on to what is to be active in place of what is, while the guard of that was dropped.
    /// Returns what was passed over.
    #[inline]
    fn settle(&mut self) -> Option<Vec<Context>> {
        (!self.dropped.is_empty()).then(|| self.pass_over())
    }

    #[cold]
    fn pass_over(&mut self) -> Vec<Context> {
        let mut past = Vec::new();
        while let Some(index) = self.index_of(self.active.held.0) {
            let (_, next) = self.dropped.swap_remove(index);
            past.push(mem::replace(&mut self.active, next));
        }
        past
    }

    /// Remembers what is to be active where the context of this guard, which was dropped, would be.
    #[cold]
    fn remember(&mut self, guard: u64, previous: Context) -> Option<Vec<Context>> {
        let past = (self.dropped.len() == MOST).then(|| vec![self.dropped.remove(0).1]);
        self.dropped.push((guard, previous));
        past
    }

    fn index_of(&self, guard: u64) -> Option<usize> {
        self.dropped
            .iter()
            .position(|(dropped, _)| *dropped == guard)
    }
}

/// Keeps a [`Context`] active; the one before it is active again when this is dropped.
///
/// Guards are best dropped in the reverse of the order in which they were made, which scopes do by
/// themselves. In any other order that is active which was attached last, of what still has its guard.
///
/// ```
/// # use rollout_core as rollout;
/// # let recording = rollout::testing::record();
/// # recording.in_scope(|| {
/// let trace = rollout::trace("support").start();
/// let guard = trace.context().attach();
/// assert_eq!(rollout::current_trace().id(), trace.id());
/// drop(guard);
/// assert_eq!(rollout::current_trace().id(), None);
/// # });
/// ```
#[must_use = "the context is active while the guard lives"]
pub struct ContextGuard {
    previous: Context,
    number: u64,
    /// The twin of what is active, among the spans of `tracing`.
    #[cfg(feature = "tracing")]
    _twin: Option<tracing::span::EnteredSpan>,
    /// What is active is the thread's own, so the guard must not leave it.
    thread: PhantomData<*const ()>,
}

impl ContextGuard {
    #[inline]
    pub(super) fn new(mut context: Context) -> Self {
        #[cfg(feature = "tracing")]
        let twin = crate::tracing::enter(&context);
        let number = change(|thread| {
            thread.guards += 1;
            context.held = Held(thread.guards);
            mem::swap(&mut thread.active, &mut context);
            thread.guards
        });
        Self {
            previous: context,
            number: number.unwrap_or_default(),
            #[cfg(feature = "tracing")]
            _twin: twin,
            thread: PhantomData,
        }
    }
}

impl Drop for ContextGuard {
    #[inline]
    fn drop(&mut self) {
        let (number, previous) = (self.number, &mut self.previous);
        let past = change(|thread| {
            if thread.active.held.0 == number {
                mem::swap(&mut thread.active, previous);
                thread.settle()
            } else {
                thread.remember(number, mem::take(previous))
            }
        });
        drop(past);
    }
}

impl fmt::Debug for ContextGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let _ = self.thread;
        f.write_str("ContextGuard")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// Returns a context that can be told from others.
    fn named(name: &str) -> Context {
        Context {
            tool_call_id: Some(Arc::from(name)),
            ..Context::default()
        }
    }

    fn active() -> Option<String> {
        let name = Context::current().tool_call_id;
        name.map(|name| name.to_string())
    }

    #[test]
    fn guards_may_be_dropped_in_any_order() {
        // Every order in which three can be dropped.
        for order in [
            [0, 1, 2],
            [0, 2, 1],
            [1, 0, 2],
            [1, 2, 0],
            [2, 0, 1],
            [2, 1, 0],
        ] {
            let mut guards = ["a", "b", "c"].map(|name| Some((name, named(name).attach())));
            for index in order {
                guards[index] = None;
                let last = guards.iter().rev().flatten().next();
                let expected = last.map(|(name, _)| (*name).to_owned());
                assert_eq!(active(), expected, "{order:?}");
            }
        }
    }

    #[test]
    fn a_guard_may_be_dropped_where_a_copy_of_its_context_is_active() {
        let guard = named("a").attach();
        let mut copy = Context::current();
        swap(&mut copy);
        drop(guard);
        assert_eq!(active().as_deref(), Some("a"), "the copy has no guard");
        swap(&mut copy);
        assert_eq!(active(), None);
    }

    #[test]
    fn guards_that_are_leaked_cost_no_more_than_so_much_memory() {
        for _ in 0..2 * MOST {
            let guard = named("a").attach();
            mem::forget(named("b").attach());
            drop(guard);
        }
        let remembered = change(|thread| thread.dropped.len());
        assert!(remembered <= Some(MOST));
        assert_eq!(active().as_deref(), Some("b"));
    }
}
