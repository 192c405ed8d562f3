//! Numbers and ids, in numbers.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use rollout::protocol::{Event, EventType};
use rollout::{Builder, EventId, MemoryExporter, SpanId, TraceId};

/// Longer than any test takes, unless it fails.
const LONG: Duration = Duration::from_secs(120);

const THREADS: usize = 4;

/// Runs `work` on several threads, with a client that has room for all of it, and returns the events.
fn recorded(
    options: impl FnOnce(Builder) -> Builder,
    work: impl Fn(&rollout::Rollout) + Sync,
) -> Vec<Event> {
    let memory = MemoryExporter::new();
    let builder = rollout::builder()
        .exporter(memory.clone())
        .max_queue_events(1_000_000)
        .max_queue_bytes(1 << 30);
    let rollout = options(builder).build().unwrap();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| rollout.context().in_scope(|| work(&rollout)));
        }
    });
    rollout.flush(LONG).unwrap();
    let stats = rollout.stats();
    assert_eq!(stats.dropped.total(), stats.dropped.filtered, "{stats:?}");
    memory.events()
}

/// Makes a trace with steps of every kind in it, some inside others.
fn run(rollout: &rollout::Rollout, steps: usize) {
    let trace = rollout.trace("run").start();
    trace.in_scope(|| {
        for step in 0..steps {
            let span = rollout::span("task").input(&step).start();
            span.in_scope(|| {
                rollout::tool("look").input(&step).start().end();
                rollout::message("user", "Hello").record();
                // One of its own, in the middle of this one.
                rollout::trace("inner").start().end();
            });
            span.end();
        }
    });
    trace.end();
}

/// Returns the numbers of each trace's events.
fn numbers<'a>(events: impl IntoIterator<Item = &'a Event>) -> BTreeMap<String, Vec<u64>> {
    let mut numbers: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for event in events {
        let trace = event.trace_id.clone().unwrap();
        let numbers = numbers.entry(trace).or_default();
        numbers.push(event.sequence.unwrap());
    }
    numbers
}

#[test]
fn numbers_run_from_one_without_gaps_and_in_order() {
    let events = recorded(
        |builder| builder,
        |rollout| (0..50).for_each(|_| run(rollout, 5)),
    );
    let traces = numbers(&events);
    assert_eq!(traces.len(), THREADS * 50 * 6);
    for (trace, numbers) in traces {
        let expected: Vec<u64> = (1..=numbers.len() as u64).collect();
        assert_eq!(numbers, expected, "{trace}");
    }
}

#[test]
fn numbers_are_missing_where_a_hook_dropped_an_event_and_nowhere_else() {
    let dropped = Arc::new(Mutex::new(Vec::new()));
    let basket = Arc::clone(&dropped);
    let hook = move |event: Event| {
        let number = event.sequence.unwrap();
        if event.event_type() == EventType::Message || number.is_multiple_of(7) {
            basket.lock().unwrap().push(event);
            return None;
        }
        Some(event)
    };
    let events = recorded(
        |builder| builder.before_send(hook),
        |rollout| (0..50).for_each(|_| run(rollout, 5)),
    );
    let dropped = dropped.lock().unwrap();
    assert!(dropped.len() > THREADS * 50 * 5, "{}", dropped.len());
    let (kept, gone) = (numbers(&events), numbers(dropped.iter()));
    for (trace, kept) in kept {
        let gone = gone.get(&trace).map_or(&[][..], Vec::as_slice);
        assert!(kept.is_sorted(), "{trace}: {kept:?}");
        let all: BTreeSet<u64> = kept.iter().chain(gone).copied().collect();
        let expected = 1..=(kept.len() + gone.len()) as u64;
        assert!(all.into_iter().eq(expected), "{trace}: {kept:?}, {gone:?}");
    }
}

#[track_caller]
fn all_different<T: Copy + Debug + Eq + Hash + Send>(each: usize, random: impl Fn() -> T + Sync) {
    let mut all = HashSet::with_capacity(each * THREADS);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|_| scope.spawn(|| (0..each).map(|_| random()).collect::<Vec<_>>()))
            .collect();
        for thread in threads {
            for id in thread.join().unwrap() {
                assert!(all.insert(id), "{id:?} was there before");
            }
        }
    });
    assert_eq!(all.len(), each * THREADS);
}

#[test]
fn a_million_ids_are_all_different() {
    all_different(250_000, SpanId::random);
    all_different(250_000, TraceId::random);
    all_different(250_000, EventId::random);
}

#[test]
fn of_fifty_thousand_spans_none_is_in_two_traces() {
    let events = recorded(
        |builder| builder,
        |rollout| {
            for _ in 0..125 {
                let trace = rollout.trace("run").start();
                trace.in_scope(|| {
                    for _ in 0..50 {
                        let outer = rollout::span("outer").start();
                        outer.in_scope(|| rollout::span("inner").start().end());
                        outer.end();
                    }
                });
                trace.end();
            }
        },
    );
    let mut ids = HashSet::new();
    let mut traces: HashMap<&str, &str> = HashMap::new();
    for event in &events {
        assert!(ids.insert(event.event_id()), "{} twice", event.event_id());
        let trace = event.trace_id.as_deref().unwrap();
        for span in [&event.span_id, &event.parent_span_id]
            .into_iter()
            .flatten()
        {
            let known = *traces.entry(span).or_insert(trace);
            assert_eq!(known, trace, "{span} is in two traces");
        }
    }
    assert_eq!(traces.len(), 50_000);
    let starts = events
        .iter()
        .filter(|event| event.event_type() == EventType::SpanStart);
    let spans: HashSet<_> = starts.map(|event| event.span_id.as_deref()).collect();
    assert_eq!(spans.len(), 50_000);
}
