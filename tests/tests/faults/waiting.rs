//! The program does not wait for the recorder.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rollout::{Instrument as _, agent};
use rollout_tests::ingest::{Answer, KEY};
use rollout_tests::{Folder, IngestServer, NOBODY};

use super::{LONG, run_agents, sending_to};

/// How long a server takes that nobody is to wait for.
const SLOW: Duration = Duration::from_secs(20);

#[test]
fn defect_20_a_flush_waits_for_what_was_recorded_before_it_and_no_more() {
    let ingest = IngestServer::start();
    let rollout = sending_to(&ingest).build().unwrap();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                run_agents(&rollout, 5);
                std::thread::sleep(Duration::from_millis(10));
            }
        });
        let started = Instant::now();
        for _ in 0..3 {
            run_agents(&rollout, 1);
            rollout.flush(LONG).unwrap();
        }
        done.store(true, Ordering::Relaxed);
        assert!(started.elapsed() < LONG / 2, "{:?}", started.elapsed());
    });
}

#[test]
fn defect_21_many_threads_do_not_wait_for_a_slow_server() {
    let ingest = IngestServer::always(Answer::store().after(SLOW));
    let rollout = sending_to(&ingest)
        .shutdown_timeout(Duration::ZERO)
        .build()
        .unwrap();
    let started = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| run_agents(&rollout, 10));
        }
    });
    assert!(started.elapsed() < SLOW / 4, "{:?}", started.elapsed());
}

#[agent]
async fn work() {
    tokio::task::yield_now().await;
}

#[test]
fn defect_22_agents_take_no_thread_of_the_runtimes() {
    let ingest = IngestServer::always(Answer::store().after(SLOW));
    let rollout = sending_to(&ingest)
        .shutdown_timeout(Duration::ZERO)
        .build()
        .unwrap();
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime
        .worker_threads(2)
        .max_blocking_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let started = Instant::now();
    runtime.block_on(async {
        let agents: Vec<_> = (0..40)
            .map(|_| tokio::spawn(work().in_context(rollout.context())))
            .collect();
        for agent in agents {
            agent.await.unwrap();
        }
        // The only thread for blocking work is free.
        tokio::task::spawn_blocking(|| ()).await.unwrap();
    });
    assert!(started.elapsed() < SLOW / 4, "{:?}", started.elapsed());
}

#[test]
fn defect_23_the_end_of_the_program_is_not_held_up_longer_than_it_allows() {
    let spool = Folder::new();
    let rollout = rollout::builder()
        .api_key(KEY)
        .base_url(format!("http://{NOBODY}"))
        .spool_dir(spool.path())
        .shutdown_timeout(Duration::from_millis(200))
        .on_diagnostic(|_| ())
        .build()
        .unwrap();
    run_agents(&rollout, 1);
    let started = Instant::now();
    let stats = rollout.shutdown();
    assert!(
        started.elapsed() < Duration::from_secs(2),
        "{:?}",
        started.elapsed()
    );
    // Nothing is lost by that.
    assert_eq!((stats.spooled, spool.events().len()), (stats.created, 5));
}

#[test]
fn defect_34_what_has_ended_is_sent_at_once() {
    let ingest = IngestServer::start();
    let rollout = sending_to(&ingest)
        .flush_interval(Duration::from_secs(3_600))
        .build()
        .unwrap();
    run_agents(&rollout, 1);
    ingest.wait_for_events(5, LONG);
    drop(rollout);
}
