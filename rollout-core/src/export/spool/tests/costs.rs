//! What it costs to keep a journal, on the worker and on the program's threads.
#![expect(clippy::print_stdout, reason = "it is there to say it")]

use std::time::{Duration, Instant};

use super::*;

#[test]
#[ignore = "measures: `cargo test --release --features http,testing -- --ignored --nocapture journal_costs`"]
fn journal_costs() {
    const EVENTS: usize = 100_000;
    for size in [1, 10, 100] {
        let desk = Desk::new("costs");
        let spool = desk.spool();
        let (mut written, mut settled) = (Duration::ZERO, Duration::ZERO);
        for n in 0..EVENTS / size {
            let trace = format!("trace_{n}");
            let mut events: Vec<Event> = (0..size)
                .map(|_| event(EventType::SpanUpdate, &trace, Some("s")))
                .collect();
            for event in &mut events {
                event.raw.input = Some(Json::from("x".repeat(300)));
            }
            let batch = Batch::new(events);
            // Made in any case.
            batch.lines();
            let started = Instant::now();
            let places = spool.append(&batch).unwrap();
            written += started.elapsed();
            let started = Instant::now();
            spool.settle(places);
            settled += started.elapsed();
        }
        let each = |time: Duration| time.as_nanos() / EVENTS as u128;
        println!(
            "{size} events a write: {} ns each to write, {} ns to note as delivered",
            each(written),
            each(settled)
        );
    }
    let folder = Folder::new("costs");
    for eager in [false, true] {
        let builder = crate::Rollout::builder()
            .max_queue_events(1_000_000)
            .max_queue_bytes(1 << 30);
        let rollout = if eager {
            builder.exporter(crate::LocalExporter::new(&*folder).unwrap())
        } else {
            builder.exporter(crate::MemoryExporter::new())
        };
        let rollout = rollout.build().unwrap();
        let trace = rollout.trace("t").start();
        let mut times = Vec::new();
        for _ in 0..300 {
            let started = Instant::now();
            trace.in_scope(|| crate::span("s").start().end());
            times.push(started.elapsed());
            std::thread::sleep(Duration::from_millis(10));
        }
        times.sort();
        println!(
            "eager {eager}: a span each 10 ms costs its thread {:?}",
            times[150]
        );
        let started = Instant::now();
        for _ in 0..EVENTS {
            trace.in_scope(|| crate::span("s").start().end());
        }
        println!(
            "eager {eager}: one of many costs {} ns",
            started.elapsed().as_nanos() / EVENTS as u128
        );
    }
}
