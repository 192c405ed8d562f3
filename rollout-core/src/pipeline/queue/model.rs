//! The queue under a model checker, which tries thousands of orders in which its users may run:
//!
//! `RUSTFLAGS="--cfg shuttle" cargo test -p rollout-core --lib --target-dir target/shuttle queue::model`
//!
//! A worker that is not woken when it should be is a deadlock, as it sleeps for ever here.

use std::sync::Arc;

use shuttle::thread;

use super::tests::message;
use super::*;

const PRODUCERS: usize = 2;
const RECORDS: usize = 3;

fn queue(limits: QueueLimits, batch: usize) -> Arc<Queue> {
    Arc::new(Queue::new(limits, batch))
}

/// Works as the worker does, and returns how many records it took.
fn serve(queue: &Queue, eager: bool) -> usize {
    queue.serve_on_this_thread(eager);
    let (mut taken, mut items) = (0, VecDeque::new());
    loop {
        queue.take_urgent();
        queue.take(&mut items);
        for item in items.drain(..) {
            match item {
                Item::Record(_) => taken += 1,
                Item::Flush(hold) => drop(hold),
                Item::Shutdown(..) => return taken,
            }
        }
        queue.rest(Duration::MAX, true);
    }
}

/// Lets producers record and flush while the worker works, and adds up what became of everything.
fn run(limits: QueueLimits, batch: usize, eager: bool) {
    let queue = queue(limits, batch);
    let served = Arc::clone(&queue);
    let worker = thread::spawn(move || serve(&served, eager));
    let producers: Vec<_> = (0..PRODUCERS)
        .map(|_| {
            let queue = Arc::clone(&queue);
            thread::spawn(move || {
                let accepted = (0..RECORDS).filter(|_| queue.push(message(1))).count();
                queue.hurry();
                drop(queue.flush());
                accepted
            })
        })
        .collect();
    let accepted: usize = producers.into_iter().map(|it| it.join().unwrap()).sum();
    drop(queue.close(Duration::ZERO));
    assert_eq!(worker.join().unwrap(), accepted);
    let stats = queue.stats();
    assert_eq!(stats.created, (PRODUCERS * RECORDS) as u64);
    assert_eq!(stats.dropped.queue_full, stats.created - accepted as u64);
    // Nothing was delivered here, only taken.
    assert_eq!(stats.queued, accepted as u64);
    assert!(!queue.push(message(1)), "it is closed");
}

const PLENTY: QueueLimits = QueueLimits {
    events: 100,
    bytes: 1_000_000,
};

#[test]
fn nothing_is_lost_and_nobody_sleeps_through_an_order() {
    shuttle::check_random(|| run(PLENTY, 100, false), 20_000);
}

#[test]
fn an_eager_worker_gets_up_for_each_record() {
    shuttle::check_random(|| run(PLENTY, 1, true), 20_000);
}

#[test]
fn what_there_is_no_room_for_is_refused_and_counted() {
    let few = QueueLimits {
        events: 2,
        bytes: 1_000_000,
    };
    shuttle::check_random(move || run(few, 2, false), 20_000);
}

#[test]
fn orders_that_two_threads_can_come_in_are_all_right() {
    shuttle::check_pct(|| run(PLENTY, 2, true), 20_000, 3);
}

#[test]
fn a_queue_that_is_closed_while_others_record_counts_what_comes_later() {
    shuttle::check_random(
        || {
            let queue = queue(PLENTY, 100);
            let served = Arc::clone(&queue);
            let worker = thread::spawn(move || serve(&served, false));
            let recording = Arc::clone(&queue);
            let producer =
                thread::spawn(move || (0..RECORDS).filter(|_| recording.push(message(1))).count());
            drop(queue.close(Duration::ZERO));
            let accepted = producer.join().unwrap();
            assert_eq!(worker.join().unwrap(), accepted);
            let stats = queue.stats();
            assert_eq!(stats.dropped.after_shutdown, (RECORDS - accepted) as u64);
            assert_eq!(stats.created, RECORDS as u64);
        },
        20_000,
    );
}
