//! Agents whose spans are never entered, and so are around nothing.
//!
//! rig opens the span of an agent, records on it, and runs the agent beside it. What happens next of an
//! agent of this name, and has nothing around it, is the beginning of its work; the steps after that
//! say what they follow.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ThreadId};

use tracing_core::span::Id;

use super::finding::Finding;
use super::slot::{Slot, WeakSlot};
use crate::client::Core;
use crate::context::Context;

/// Open agents that nothing belongs to so far. Few: an agent that was entered, that has begun its work,
/// or that has ended is none of them.
static DETACHED: Mutex<Vec<Detached>> = Mutex::new(Vec::new());

/// Where the steps of such agents belonged that are over: a step follows one that may be closed.
static CLOSED: Mutex<VecDeque<(u64, Context)>> = Mutex::new(VecDeque::new());

/// So many are remembered. A step is followed by the next at once.
const MOST_CLOSED: usize = 256;

struct Detached {
    name: String,
    /// Where the core is that records it. Two clients may know agents of one name.
    core: usize,
    opened_on: ThreadId,
    slot: WeakSlot,
}

/// Notes an agent that was just opened.
pub(super) fn note(name: String, core: &Arc<Core>, slot: &Slot) {
    with_all(|all| {
        all.push(Detached {
            name,
            core: Arc::as_ptr(core).addr(),
            opened_on: thread::current().id(),
            slot: slot.downgrade(),
        });
    });
}

/// Forgets an agent: it was entered.
pub(super) fn forget(slot: &Slot) {
    with_all(|all| all.retain(|agent| !agent.slot.is(slot)));
}

/// Returns the context inside the agent of this name whose work begins. `None` where none waits for
/// that, or several do and nothing tells which.
pub(super) fn begin_work(name: &str, core: &Arc<Core>) -> Option<Context> {
    let here = thread::current().id();
    let core = Arc::as_ptr(core).addr();
    let slot = with_all(|all| {
        let named = |agent: &Detached| agent.name == name && agent.core == core;
        let opened_here = |agent: &Detached| named(agent) && agent.opened_on == here;
        let place = only(all, opened_here).or_else(|| only(all, named))?;
        all.swap_remove(place).slot.upgrade()
    })?;
    slot.with(Finding::context_of_children)
}

/// Remembers where a step belonged that is over.
pub(super) fn note_closed(span: &Id, around: Context) {
    let mut closed = CLOSED.lock().unwrap_or_else(PoisonError::into_inner);
    if closed.len() >= MOST_CLOSED {
        closed.pop_front();
    }
    closed.push_back((span.into_u64(), around));
}

/// Returns where a step belonged that is over.
pub(super) fn around_closed(span: &Id) -> Option<Context> {
    let closed = CLOSED.lock().unwrap_or_else(PoisonError::into_inner);
    let found = closed.iter().rfind(|(id, _)| *id == span.into_u64());
    found.map(|(_, around)| around.clone())
}

fn with_all<R>(work: impl FnOnce(&mut Vec<Detached>) -> R) -> R {
    let mut all = DETACHED.lock().unwrap_or_else(PoisonError::into_inner);
    all.retain(|agent| !agent.slot.is_gone());
    work(&mut all)
}

fn only(all: &[Detached], is_meant: impl Fn(&Detached) -> bool) -> Option<usize> {
    let mut places = (0..all.len()).filter(|place| all.get(*place).is_some_and(&is_meant));
    let place = places.next()?;
    places.next().is_none().then_some(place)
}
