use super::*;
use crate::Stats;
use crate::clock::Timestamp;
use crate::config::QueueLimits;
use crate::protocol::{Event, EventType};

/// Returns the receipts for two events and so many exporters, and the books.
fn receipts(exporters: usize) -> (Vec<Receipt>, InFlight, Arc<Queue>) {
    let limits = QueueLimits {
        events: 10,
        bytes: 10_000,
    };
    let queue = Arc::new(Queue::new(limits, 10));
    queue.with_stats(|stats| stats.enter(2));
    let event = || Event::new(EventType::Metric, Timestamp::from_unix_nanos(0));
    let batch = Batch::new(vec![event(), event()]);
    let mut receipts = Receipts::new(&batch, &queue, exporters);
    let in_flight = receipts.in_flight();
    let each = (0..exporters).map(|_| receipts.receipt()).collect();
    (each, in_flight, queue)
}

fn books(queue: &Queue) -> [u64; 4] {
    let Stats {
        created,
        exported,
        spooled,
        queued,
        dropped,
    } = queue.stats();
    assert_eq!(created, exported + spooled + queued + dropped.total());
    [exported, spooled, queued, dropped.total()]
}

#[test]
fn what_is_spooled_is_delivered_or_lost_later() {
    let (mut receipts, in_flight, queue) = receipts(1);
    let receipt = receipts.remove(0);
    receipt.spooled_at(0);
    assert_eq!(books(&queue), [0, 0, 2, 0]);
    assert!(!in_flight.has_arrived());
    receipt.spooled_at(1);
    assert!(in_flight.has_arrived());
    assert_eq!(books(&queue), [0, 2, 0, 0]);
    receipt.delivered_at(0);
    receipt.lost_at(0, DropReason::SpoolFull);
    assert_eq!(books(&queue), [1, 1, 0, 0]);
    receipt.lost_at(1, DropReason::SpoolFull);
    assert_eq!(books(&queue), [1, 0, 0, 1]);
    assert_eq!(queue.stats().dropped.spool_full, 1);
}

#[test]
fn what_is_spooled_stays_so_when_nobody_reports_any_more() {
    let (mut receipts, _, queue) = receipts(1);
    let receipt = receipts.remove(0);
    receipt.spooled_at(0);
    drop(receipt);
    assert_eq!(books(&queue), [0, 1, 0, 1]);
}

#[test]
fn with_several_exporters_the_best_word_counts_and_once() {
    let (mut each, in_flight, queue) = receipts(3);
    let (first, second, third) = (each.remove(0), each.remove(0), each.remove(0));
    first.delivered_at(0);
    first.lost_at(1, DropReason::Rejected);
    second.spooled_at(0);
    second.spooled_at(1);
    assert_eq!(books(&queue), [0, 0, 2, 0]);
    third.spooled_at(0);
    third.spooled_at(1);
    assert_eq!(books(&queue), [1, 1, 0, 0]);
    assert!(in_flight.has_arrived());
    second.delivered_at(0);
    second.lost_at(1, DropReason::SpoolFull);
    assert_eq!(books(&queue), [1, 1, 0, 0], "the third still has it");
    third.delivered_at(1);
    assert_eq!(books(&queue), [2, 0, 0, 0]);
}

#[test]
fn what_no_exporter_reports_is_lost() {
    let (each, in_flight, queue) = receipts(2);
    drop(each);
    assert!(in_flight.has_arrived());
    assert_eq!(queue.stats().dropped.undeliverable, 2);
    let batch = Batch::new(vec![Event::new(
        EventType::Metric,
        Timestamp::from_unix_nanos(0),
    )]);
    queue.with_stats(|stats| stats.enter(1));
    drop(Receipts::new(&batch, &queue, 1));
    assert_eq!(books(&queue), [0, 0, 0, 3]);
}
