//! The end: what is under way is finished, and nothing waits for ever.

use std::sync::mpsc;
use std::time::Duration;

use super::pressure::Gate;
use super::server::{Reply, Server};
use super::{Backoff, Bench, LONG};
use crate::export::Exporter as _;

#[test]
fn what_is_under_way_is_finished() {
    let server = Server::start(|_, _| Reply::status(200));
    let mut bench = Bench::with(&server.url, true, |builder| builder.max_batch_events(1));
    let settled = bench.export(20);
    bench.exporter.shutdown(LONG);
    assert!(settled.wait(Duration::ZERO));
    assert_eq!(bench.queue.stats().exported, 20);
}

#[test]
fn a_server_that_never_answers_is_given_up() {
    let gate = Gate::default();
    let held = gate.clone();
    let (arrived, arrivals) = mpsc::channel();
    let server = Server::start(move |_, _| {
        arrived.send(()).unwrap();
        held.pass();
        Reply::Nothing
    });
    let mut bench = Bench::new(&server.url);
    let settled = bench.export(3);
    arrivals.recv_timeout(LONG).unwrap();
    bench.exporter.shutdown(Duration::from_millis(50));
    assert!(settled.wait(LONG));
    assert_eq!(bench.queue.stats().dropped.shutdown_timeout, 3);
    assert_eq!(server.requests().len(), 1);
    gate.open();
}

#[test]
fn a_retry_that_waits_is_made_at_once_and_is_the_last() {
    for retry_after in ["", "Retry-After: 3600\r\n"] {
        let server = Server::start(move |_, _| Reply::Answer(503, retry_after, String::new()));
        let mut bench = Bench::new(&server.url);
        bench.exporter.settings.backoff = Backoff(Duration::from_secs(3600));
        bench.export(2);
        bench.exporter.shutdown(LONG);
        assert_eq!(bench.queue.stats().dropped.undeliverable, 2);
        assert_eq!(server.requests().len(), 2);
    }
}

#[test]
fn an_exporter_that_is_dropped_takes_its_thread_with_it() {
    let server = Server::start(|_, _| Reply::status(200));
    let mut bench = Bench::new(&server.url);
    let settled = bench.export(2);
    drop(bench.exporter);
    assert!(settled.wait(LONG));
    assert_eq!(bench.queue.stats().exported, 2);
}
