//! Guards: whatever becomes of them, in the end that is active which was before.

use std::panic::{AssertUnwindSafe, catch_unwind};

use proptest::collection::vec;
use proptest::prelude::*;
use rollout::testing::record;
use rollout::{ContextGuard, Trace, current_span, current_trace};

use crate::{assert_nothing_is_active, step};

#[test]
fn guards_that_are_dropped_in_the_wrong_order_leave_nothing_active() {
    let recording = record();
    let [first, second] = ["first", "second"].map(|name| recording.client().trace(name).start());
    let (outer, inner) = (first.enter(), second.enter());
    drop(outer);
    step(0); // the second still has its guard
    drop(inner);
    assert_nothing_is_active();
    step(1);
    drop((first, second));
    assert_eq!(recording.run_named("second").steps.len(), 1);
    assert_eq!(recording.run_named("first").steps.len(), 0);
}

#[test]
fn a_guard_may_outlive_its_trace_and_its_client() {
    let guard = {
        let recording = record();
        recording.client().trace("short").start().enter()
    };
    step(0);
    assert!(current_trace().id().is_some());
    drop(guard);
    assert_nothing_is_active();
}

#[test]
fn a_panic_passes_through_scopes_guards_and_calls() {
    #[rollout::tool]
    fn trip() {
        let span = rollout::span("deep").start();
        let _active = span.enter();
        panic!("over the rug");
    }

    let recording = record();
    let trace = recording.client().trace("outer").start();
    trace.in_scope(|| {
        let span = rollout::span("around").start();
        let active = span.enter();
        catch_unwind(AssertUnwindSafe(|| span.in_scope(trip))).unwrap_err();
        assert_eq!(current_span().id(), span.id());
        drop(active);
        assert_eq!(current_span().id(), None);
    });
    assert_nothing_is_active();
    drop(trace);
    let run = recording.run();
    run.span("around").assert_ok();
    run.tool("trip").assert_failed("over the rug");
    run.span("deep").assert_failed("panic");
}

/// What one does with guards.
#[derive(Clone, Debug)]
enum Move {
    /// Enters a trace.
    Enter(usize),
    /// Drops one of the guards that there are.
    Leave(prop::sample::Index),
    /// Does more inside a scope of a trace, which may drop guards from outside of it.
    Inside(usize, Vec<Move>),
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let single = prop_oneof![
        3 => (0..4_usize).prop_map(Move::Enter),
        3 => any::<prop::sample::Index>().prop_map(Move::Leave),
    ];
    let one = single.prop_recursive(3, 24, 6, |inner| {
        (0..4_usize, vec(inner, 0..6)).prop_map(|(trace, moves)| Move::Inside(trace, moves))
    });
    vec(one, 0..16)
}

/// What was attached, in this order; without a guard where that is a scope.
type Attached = Vec<(usize, Option<ContextGuard>)>;

fn play(moves: &[Move], traces: &[Trace], attached: &mut Attached) {
    for one in moves {
        match one {
            Move::Enter(trace) => attached.push((*trace, Some(traces[*trace].enter()))),
            Move::Leave(index) => {
                let mut guarded = Vec::new();
                guarded.extend((0..attached.len()).filter(|at| attached[*at].1.is_some()));
                if !guarded.is_empty() {
                    drop(attached.remove(*index.get(&guarded)));
                }
            }
            Move::Inside(trace, moves) => traces[*trace].in_scope(|| {
                attached.push((*trace, None));
                play(moves, traces, attached);
                // The scope's own is the last one without a guard.
                let own = attached.iter().rposition(|(_, guard)| guard.is_none());
                attached.remove(own.unwrap());
            }),
        }
        let last = attached.last().and_then(|(trace, _)| traces[*trace].id());
        assert_eq!(current_trace().id(), last, "after {one:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn that_is_active_which_was_attached_last_of_what_still_is(moves in moves()) {
        let recording = record();
        let traces: Vec<_> = (0..4).map(|_| recording.client().trace("t").start()).collect();
        let mut attached = Attached::new();
        play(&moves, &traces, &mut attached);
        while !attached.is_empty() {
            drop(attached.remove(0));
        }
        assert_nothing_is_active();
    }
}
