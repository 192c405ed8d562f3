//! What a program notices of delivery: nothing.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::pressure::Gate;
use super::server::{Reply, Server};
use super::{KEY, LONG};
use crate::config::Builder;
use crate::{Rollout, span};

fn program(url: &str) -> Builder {
    Rollout::builder()
        .api_key(KEY)
        .base_url(url)
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

/// Returns an address where nobody listens.
fn nobody() -> String {
    let address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    format!("http://{address}")
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
    let rollout = program(&nobody())
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
fn defect_15_failures_stay_out_of_the_program_in_sync_mode_too() {
    let builder = program(&nobody())
        .sync_mode(true)
        .shutdown_timeout(Duration::from_millis(10));
    let rollout = builder.build().unwrap();
    run_agents(&rollout, 2);
    let stats = rollout.shutdown();
    assert_eq!((stats.created, stats.dropped.total()), (8, 8));
}

/// A folder of the test's own, removed when it is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("rollout-http-{name}-{}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }

    fn lines(&self) -> usize {
        let files = std::fs::read_dir(&self.0)
            .unwrap()
            .map(|file| file.unwrap().path());
        let records = files.filter(|path| path.extension().is_some_and(|end| end == "jsonl"));
        records
            .map(|path| std::fs::read_to_string(path).unwrap().lines().count())
            .sum()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn defect_36_without_a_key_events_are_recorded_here() {
    let (folder, said) = (Folder::new("no-key"), Arc::new(Mutex::new(Vec::new())));
    let sink = Arc::clone(&said);
    // A blank key hides the one that the environment may have.
    let rollout = Rollout::builder()
        .api_key("")
        .local_dir(&folder.0)
        .on_diagnostic(move |diagnostic| sink.lock().unwrap().push(diagnostic.clone()))
        .build()
        .unwrap();
    run_agents(&rollout, 3);
    let stats = rollout.shutdown();
    assert_eq!(
        (stats.exported, stats.dropped.total(), folder.lines()),
        (12, 0, 12)
    );
    assert_eq!(*said.lock().unwrap(), []);
}

#[test]
fn an_address_that_is_none_is_said_at_once_and_events_are_recorded_here() {
    let (folder, said) = (Folder::new("no-address"), Arc::new(Mutex::new(Vec::new())));
    let sink = Arc::clone(&said);
    let rollout = program("localhost:8080")
        .local_dir(&folder.0)
        .on_diagnostic(move |diagnostic| sink.lock().unwrap().push(diagnostic.message.clone()))
        .build()
        .unwrap();
    let said = said.lock().unwrap().concat();
    assert!(
        said.contains("`localhost:8080`") && said.contains("`ROLLOUT_BASE_URL`"),
        "{said}"
    );
    run_agents(&rollout, 3);
    assert_eq!((rollout.shutdown().exported, folder.lines()), (12, 12));
}

#[test]
fn events_go_to_the_server_and_the_folder_where_both_are_asked_for() {
    let folder = Folder::new("both");
    let server = Server::start(|_, _| Reply::status(200));
    let rollout = program(&server.url).local_dir(&folder.0).build().unwrap();
    run_agents(&rollout, 3);
    let stats = rollout.shutdown();
    let sent: usize = server.event_ids().iter().map(Vec::len).sum();
    assert_eq!((stats.exported, sent, folder.lines()), (12, 12, 12));
}
