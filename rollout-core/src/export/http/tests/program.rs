//! What a program notices of delivery: nothing.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::pressure::Gate;
use super::server::{NOBODY, Reply, Server};
use super::{KEY, LONG};
use crate::config::Builder;
use crate::export::testing::Folder;
use crate::{Rollout, span};

fn program(url: &str) -> Builder {
    Rollout::builder()
        .api_key(KEY)
        .base_url(url)
        .spool_max_bytes(0)
        .on_diagnostic(|_| ())
}

/// Runs so many agents, each with a span in it.
fn run_agents(rollout: &Rollout, agents: usize) {
    for _ in 0..agents {
        rollout
            .trace("agent")
            .start()
            .in_scope(|| span("step").start().end());
    }
}

#[test]
fn defect_17_defect_19_agents_do_not_wait_for_a_server_that_does_not_answer() {
    let (gate, answered) = (Gate::default(), Arc::new(AtomicUsize::new(0)));
    let (held, answers) = (gate.clone(), Arc::clone(&answered));
    let server = Server::start(move |_, _| {
        held.pass();
        answers.fetch_add(1, Ordering::SeqCst);
        Reply::status(200)
    });
    let rollout = program(&server.url).build().unwrap();
    run_agents(&rollout, 50);
    assert_eq!(answered.load(Ordering::SeqCst), 0);
    gate.open();
    rollout.flush(LONG).unwrap();
    let stats = rollout.stats();
    assert_eq!((stats.exported, stats.created), (200, 200));
}

#[test]
fn defect_18_agents_do_not_wait_for_a_server_that_is_down() {
    let rollout = program(NOBODY)
        .shutdown_timeout(Duration::from_millis(50))
        .build()
        .unwrap();
    let started = Instant::now();
    run_agents(&rollout, 100);
    // It would be two seconds each.
    assert!(started.elapsed() < LONG, "{:?}", started.elapsed());
    let stats = rollout.shutdown();
    assert_eq!((stats.created, stats.dropped.total()), (400, 400));
}

#[test]
fn defect_24_what_a_server_that_is_down_does_not_take_is_kept() {
    let folder = Folder::new("down");
    let rollout = program(NOBODY)
        .spool_dir(&*folder)
        .spool_max_bytes(1_000_000)
        .build()
        .unwrap();
    run_agents(&rollout, 100);
    let started = Instant::now();
    let stats = rollout.shutdown();
    assert_eq!((stats.created, stats.spooled, stats.queued), (400, 400, 0));
    assert!(
        started.elapsed() < Duration::from_secs(2),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(lines(&folder), 400);
}

#[test]
fn several_exporters_keep_one_account() {
    let (local, spool) = (Folder::new("both-local"), Folder::new("both-spool"));
    let memory = crate::MemoryExporter::new();
    let builder = program(NOBODY).local_dir(&*local).spool_dir(&*spool);
    let rollout = builder
        .spool_max_bytes(1_000_000)
        .exporter(memory.clone())
        .build()
        .unwrap();
    run_agents(&rollout, 10);
    let stats = rollout.shutdown();
    // The folder and the memory took them, whatever became of them elsewhere.
    assert_eq!((stats.created, stats.exported), (40, 40));
    assert_eq!(
        (lines(&local), lines(&spool), memory.events().len()),
        (40, 40, 40)
    );
}

#[test]
fn defect_15_failures_stay_out_of_the_program_in_sync_mode_too() {
    let builder = program(NOBODY)
        .sync_mode(true)
        .shutdown_timeout(Duration::from_millis(10));
    let rollout = builder.build().unwrap();
    run_agents(&rollout, 2);
    let stats = rollout.shutdown();
    assert_eq!((stats.created, stats.dropped.total()), (8, 8));
}

/// Returns how many events are recorded in a folder.
fn lines(folder: &Folder) -> usize {
    let files = folder.files("jsonl").into_iter();
    files
        .map(|file| {
            std::fs::read_to_string(folder.join(file))
                .unwrap()
                .lines()
                .count()
        })
        .sum()
}

#[test]
fn defect_36_without_a_key_events_are_recorded_here() {
    let (folder, said) = (Folder::new("no-key"), Arc::new(Mutex::new(Vec::new())));
    let sink = Arc::clone(&said);
    // A blank key hides the one that the environment may have.
    let rollout = Rollout::builder()
        .api_key("")
        .local_dir(&*folder)
        .on_diagnostic(move |diagnostic| sink.lock().unwrap().push(diagnostic.clone()))
        .build()
        .unwrap();
    run_agents(&rollout, 3);
    let stats = rollout.shutdown();
    assert_eq!(
        (stats.exported, stats.dropped.total(), lines(&folder)),
        (12, 0, 12)
    );
    assert_eq!(*said.lock().unwrap(), []);
}

#[test]
fn an_address_that_is_none_is_said_at_once_and_events_are_recorded_here() {
    let (folder, said) = (Folder::new("no-address"), Arc::new(Mutex::new(Vec::new())));
    let sink = Arc::clone(&said);
    let rollout = program("localhost:8080")
        .local_dir(&*folder)
        .on_diagnostic(move |diagnostic| sink.lock().unwrap().push(diagnostic.message.clone()))
        .build()
        .unwrap();
    let said = said.lock().unwrap().concat();
    assert!(
        said.contains("`localhost:8080`") && said.contains("`ROLLOUT_BASE_URL`"),
        "{said}"
    );
    run_agents(&rollout, 3);
    assert_eq!((rollout.shutdown().exported, lines(&folder)), (12, 12));
}

#[test]
fn events_go_to_the_server_and_the_folder_where_both_are_asked_for() {
    let folder = Folder::new("both");
    let server = Server::start(|_, _| Reply::status(200));
    let rollout = program(&server.url).local_dir(&*folder).build().unwrap();
    run_agents(&rollout, 3);
    let stats = rollout.shutdown();
    let sent: usize = server.event_ids().iter().map(Vec::len).sum();
    assert_eq!((stats.exported, sent, lines(&folder)), (12, 12, 12));
}
