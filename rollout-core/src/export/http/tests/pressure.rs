//! Many events, and a server that is slow.

use std::collections::HashSet;
use std::sync::{Arc, Barrier, Condvar, Mutex};
use std::time::Duration;

use super::server::{Reply, Server};
use super::{Bench, LONG};
use crate::export::Exporter as _;

/// Keeps a server from answering until the test says so.
#[derive(Clone, Default)]
pub(super) struct Gate(Arc<(Mutex<bool>, Condvar)>);

impl Gate {
    pub(super) fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    pub(super) fn pass(&self) {
        let open = self.0.0.lock().unwrap();
        let _open = self
            .0
            .1
            .wait_timeout_while(open, LONG, |open| !*open)
            .unwrap();
    }
}

#[test]
fn batches_hold_no_more_than_they_may() {
    let server = Server::start(|_, _| Reply::status(200));
    let mut bench = Bench::with(&server.url, true, |builder| builder.max_batch_events(4));
    bench.deliver(10);
    let mut sizes: Vec<_> = server.event_ids().iter().map(Vec::len).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [2, 4, 4]);

    // An event is some 220 bytes.
    let server = Server::start(|_, _| Reply::status(200));
    let mut bench = Bench::with(&server.url, true, |builder| builder.max_batch_bytes(500));
    bench.deliver(4);
    assert_eq!(
        server.event_ids().iter().map(Vec::len).collect::<Vec<_>>(),
        [2, 2]
    );
    let mut bench = Bench::with(&server.url, true, |builder| builder.max_batch_bytes(1));
    assert_eq!(bench.deliver(3).exported, 3);
    assert_eq!(server.requests().len(), 5);
}

#[test]
fn defect_64_several_requests_are_under_way_on_connections_that_are_kept() {
    // Nobody is answered before four have asked.
    let four = Barrier::new(4);
    let server = Server::start(move |_, _| {
        four.wait();
        Reply::status(200)
    });
    let mut bench = Bench::with(&server.url, true, |builder| builder.max_batch_events(1));
    assert_eq!(bench.deliver(40).exported, 40);
    assert_eq!(server.requests().len(), 40);
    // A lane may be quicker than its connection is to be free again.
    assert!(server.connections() <= 8, "{}", server.connections());
}

#[test]
fn events_of_one_trace_arrive_in_order_and_do_not_hold_up_others() {
    let gate = Gate::default();
    let held = gate.clone();
    let (arrived, arrivals) = std::sync::mpsc::channel();
    let seen = Mutex::new(HashSet::new());
    let server = Server::start(move |number, events| {
        let trace = events[0]["trace_id"].as_str().unwrap().to_owned();
        arrived.send(trace).unwrap();
        held.pass();
        // Whatever becomes of an attempt. None fails twice, as there is an end to attempts.
        let id = events[0]["event_id"].to_string();
        let is_first = seen.lock().unwrap().insert(id);
        Reply::status(if is_first && number % 3 == 0 {
            503
        } else {
            200
        })
    });
    let mut bench = Bench::with(&server.url, true, |builder| builder.max_batch_events(1));
    let of = |trace: &str| vec![trace.to_owned()];
    let mut settled: Vec<_> = (0..20).map(|_| bench.export_of(&of("one"))).collect();
    settled.push(bench.export_of(&of("other")));
    let mut first = [
        arrivals.recv_timeout(LONG).unwrap(),
        arrivals.recv_timeout(LONG).unwrap(),
    ];
    first.sort();
    assert_eq!(first, ["one", "other"]);
    gate.open();
    for settled in settled {
        assert!(settled.wait(LONG));
    }
    let mut of_one: Vec<_> = server
        .requests()
        .iter()
        .filter(|request| request.envelope["events"][0]["trace_id"] == "one")
        .map(|request| request.event_ids()[0].clone())
        .collect();
    of_one.dedup();
    // Each is there before the next one comes.
    assert_eq!(of_one.len(), 20);
    let stats = bench.queue.stats();
    assert_eq!(stats.exported, 21, "{stats:?} {:?}", bench.said());
}

#[test]
fn small_batches_that_have_piled_up_travel_together() {
    let gate = Gate::default();
    let held = gate.clone();
    let (arrived, arrivals) = std::sync::mpsc::channel();
    let server = Server::start(move |_, _| {
        arrived.send(()).unwrap();
        held.pass();
        Reply::status(200)
    });
    let mut bench = Bench::new(&server.url);
    for _ in 0..4 {
        bench.export(1);
        arrivals.recv_timeout(LONG).unwrap();
    }
    let rest: Vec<_> = (0..10).map(|_| bench.export(1)).collect();
    gate.open();
    for settled in rest {
        assert!(settled.wait(LONG));
    }
    // What waited is joined by the first lane that is free.
    let mut sizes: Vec<_> = server.event_ids().iter().map(Vec::len).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [1, 1, 1, 1, 10]);
}

#[test]
fn an_exporter_that_is_full_says_so_and_has_room_again() {
    let gate = Gate::default();
    let held = gate.clone();
    let server = Server::start(move |_, _| {
        held.pass();
        Reply::status(200)
    });
    let mut bench = Bench::with(&server.url, true, |builder| builder.max_queue_events(3));
    assert!(bench.exporter.is_ready());
    let first = bench.export(3);
    assert!(bench.exporter.is_ready(), "full, but not over-full");
    let second = bench.export(1);
    assert!(!bench.exporter.is_ready());
    // The worker asks before it takes events from the queue; those it then has are not turned away,
    // unless there are far too many.
    let third = bench.export(50);
    assert!(bench.export(7).wait(Duration::ZERO));
    gate.open();
    for settled in [first, second, third] {
        assert!(settled.wait(LONG));
    }
    assert!(bench.exporter.is_ready());
    let stats = bench.queue.stats();
    assert_eq!((stats.exported, stats.dropped.queue_full), (54, 7));
}

#[test]
fn beside_other_exporters_what_does_not_fit_is_dropped() {
    let gate = Gate::default();
    let held = gate.clone();
    let server = Server::start(move |_, _| {
        held.pass();
        Reply::status(200)
    });
    let mut bench = Bench::with(&server.url, false, |builder| builder.max_queue_bytes(500));
    let first = bench.export(4);
    assert!(bench.export(2).wait(Duration::ZERO));
    assert_eq!(bench.queue.stats().dropped.queue_full, 2);
    gate.open();
    assert!(first.wait(LONG));
    assert_eq!(bench.deliver(1).exported, 5);
}
