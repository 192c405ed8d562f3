//! What can't be kept is lost as a whole, and counted.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rollout_tests::IngestServer;
use rollout_tests::ingest::Answer;

use super::{LONG, run_agents, sending_to};

#[test]
fn defect_30_a_flood_is_delivered_or_counted_and_said() {
    let ingest = IngestServer::start();
    let said = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&said);
    let rollout = sending_to(&ingest)
        .max_queue_events(50)
        .on_diagnostic(move |diagnostic| sink.lock().unwrap().push(diagnostic.to_string()))
        .build()
        .unwrap();
    run_agents(&rollout, 5_000);
    let stats = rollout.shutdown();
    assert_eq!(stats.created, stats.exported + stats.dropped.total());
    assert_eq!(stats.exported, ingest.events().len() as u64);
    // At the least the beginning and the end of each trace and each span.
    assert!((20_000..=25_000).contains(&stats.created), "{stats:?}");
    let said = said.lock().unwrap();
    assert_eq!(stats.dropped.total() > 0, !said.is_empty(), "{said:?}");
}

#[test]
fn defect_30b_whole_spans_go_before_halves_of_them() {
    let ingest = IngestServer::always(Answer::store().after(Duration::from_millis(50)));
    let rollout = sending_to(&ingest)
        .spool_max_bytes(0)
        .max_queue_events(100)
        .max_batch_events(20)
        .build()
        .unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| run_agents(&rollout, 300));
        }
    });
    let stats = rollout.shutdown();
    assert!(stats.dropped.queue_full > 0, "{stats:?}");
    assert_eq!(stats.created, stats.exported + stats.dropped.total());
    // No end without its beginning, and no beginning without its end.
    assert_eq!(ingest.violations(), []);
    assert_eq!(ingest.missing(), []);
    let of = |kind: &str| -> usize {
        ingest
            .events()
            .iter()
            .filter(|event| event["event_type"] == kind)
            .count()
    };
    assert!(of("trace.start") > 0);
    assert_eq!(of("trace.start"), of("trace.end"));
    assert_eq!(of("span.start"), of("span.end"));
}

#[test]
fn defect_32_after_the_end_nothing_is_recorded_and_everything_counted() {
    let ingest = IngestServer::start();
    let rollout = sending_to(&ingest).build().unwrap();
    run_agents(&rollout, 1);
    let open = rollout.trace("late").start();
    rollout.shutdown();
    open.end();
    run_agents(&rollout, 1);
    let stats = rollout.stats();
    assert_eq!(stats.exported, ingest.events().len() as u64);
    assert_eq!(stats.created, stats.exported + stats.dropped.total());
    assert!(stats.dropped.after_shutdown > 0, "{stats:?}");
    assert_eq!(ingest.violations(), []);
}

#[test]
fn defect_35_there_is_a_count_of_everything() {
    let ingest = IngestServer::start();
    let rollout = sending_to(&ingest).build().unwrap();
    run_agents(&rollout, 3);
    rollout.flush(LONG).unwrap();
    let stats = rollout.stats();
    assert_eq!((stats.created, stats.exported, stats.queued), (15, 15, 0));
    assert!(stats.to_string().contains("15"), "{stats}");
}
