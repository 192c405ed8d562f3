//! What is active where: on threads, in tasks, in runtimes, in streams, behind guards.

mod guards;
mod lifetimes;
mod remote;
mod sampling;
mod schedules;
mod streams;
mod tasks;
mod threads;

use rollout::current_trace;

/// A step of whatever is active.
fn step(nth: usize) {
    rollout::span("step").input(&nth).start().end();
}

/// Asserts that nothing is active on this thread.
#[track_caller]
fn assert_nothing_is_active() {
    assert_eq!(current_trace().id(), None);
    assert_eq!(rollout::current_span().id(), None);
}
