//! What is not delivered is kept, and delivered later: by this process or by the next one.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use super::pressure::Gate;
use super::server::{Reply, Server};
use super::{Bench, LONG};
use crate::config::Builder;
use crate::export::Exporter as _;
use crate::export::testing::Folder;

/// A server that answers with this status, until it is changed.
fn server(status: u16) -> (Server, Arc<AtomicU16>) {
    let status = Arc::new(AtomicU16::new(status));
    let shared = Arc::clone(&status);
    let server = Server::start(move |_, _| Reply::status(shared.load(Ordering::SeqCst)));
    (server, status)
}

fn keeping(folder: &Folder) -> impl FnOnce(Builder) -> Builder {
    let dir = folder.to_path_buf();
    move |builder| builder.spool_dir(dir).spool_max_bytes(1_000_000)
}

/// Returns the names of the events that a server took, in the order in which they came.
fn taken(server: &Server, from: usize) -> Vec<String> {
    let requests = server.requests().split_off(from);
    let events = requests
        .iter()
        .flat_map(|request| request.envelope["events"].as_array().unwrap());
    events
        .map(|event| event["name"].as_str().unwrap().to_owned())
        .collect()
}

fn names(events: usize) -> Vec<String> {
    (0..events).map(|n| format!("event {n}")).collect()
}

#[test]
fn defect_24_events_are_delivered_when_the_server_is_back() {
    let folder = Folder::new("back");
    let (server, answer) = server(503);
    let mut bench = Bench::with(&server.url, true, keeping(&folder));
    let stats = bench.deliver(3);
    assert_eq!(
        (stats.spooled, stats.queued, stats.dropped.total()),
        (3, 0, 0)
    );
    // Nobody waits, nor asks, while it is known to be away.
    let requests = server.requests().len();
    let started = Instant::now();
    assert_eq!(bench.deliver(2).spooled, 5);
    assert!(started.elapsed() < Duration::from_millis(500));
    assert_eq!(server.requests().len(), requests);
    answer.store(200, Ordering::SeqCst);
    while bench.queue.stats().exported < 5 {
        assert!(started.elapsed() < LONG, "{}", bench.queue.stats());
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(bench.deliver(1).exported, 6);
    assert_eq!(taken(&server, requests).len(), 6);
    bench.exporter.shutdown(LONG);
    assert_eq!(
        folder.files("jsonl").len() + folder.files("done").len() + folder.files("lock").len(),
        0
    );
    let said = [
        format!(
            "events are kept in `{}`, as `{}` does not take them: 503 Service Unavailable",
            folder.display(),
            server.url
        ),
        format!("`{}` takes events again", server.url),
    ];
    assert_eq!(bench.said(), said);
}

#[test]
fn defect_24_what_one_process_leaves_the_next_one_sends_once_and_in_order() {
    let folder = Folder::new("next");
    let (server, answer) = server(500);
    let mut first = Bench::with(&server.url, true, keeping(&folder));
    assert_eq!(first.deliver(5).spooled, 5);
    let started = Instant::now();
    first.export(2);
    first.exporter.shutdown(LONG);
    // It is known to be away: there is nothing to wait for.
    assert!(started.elapsed() < Duration::from_millis(500));
    assert_eq!(first.queue.stats().spooled, 7);
    // One that can't send either, and takes nothing away.
    let mut second = Bench::with(&server.url, true, keeping(&folder));
    second.exporter.shutdown(LONG);
    let requests = server.requests().len();
    answer.store(200, Ordering::SeqCst);
    let mut third = Bench::with(&server.url, true, keeping(&folder));
    let stats = third.deliver(4);
    assert_eq!((stats.created, stats.exported), (4, 4));
    third.exporter.shutdown(LONG);
    let expected = [names(5), names(2), names(4)].concat();
    assert_eq!(taken(&server, requests), expected);
    let mut last = Bench::with(&server.url, true, keeping(&folder));
    last.exporter.shutdown(LONG);
    assert_eq!(taken(&server, requests), expected);
}

#[test]
fn processes_that_live_leave_each_other_alone() {
    let folder = Folder::new("shared");
    let (server, answer) = server(500);
    let mut one = Bench::with(&server.url, true, keeping(&folder));
    let mut other = Bench::with(&server.url, true, keeping(&folder));
    one.deliver(3);
    other.deliver(4);
    let requests = server.requests().len();
    answer.store(200, Ordering::SeqCst);
    let started = Instant::now();
    for bench in [&one, &other] {
        while bench.queue.stats().spooled > 0 {
            assert!(started.elapsed() < LONG);
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    assert_eq!(taken(&server, requests).len(), 7);
    one.exporter.shutdown(LONG);
    other.exporter.shutdown(LONG);
    assert_eq!(folder.files("jsonl"), [""; 0]);
}

#[test]
fn defect_25_a_wrong_key_costs_nothing_once_it_is_corrected() {
    let folder = Folder::new("key");
    let (server, answer) = server(401);
    let mut wrong = Bench::with(&server.url, true, keeping(&folder));
    assert_eq!(wrong.deliver(3).spooled, 3);
    assert!(
        wrong.said()[0].ends_with("; check `ROLLOUT_API_KEY`"),
        "{:?}",
        wrong.said()
    );
    wrong.exporter.shutdown(LONG);
    answer.store(200, Ordering::SeqCst);
    let with_key = |builder| keeping(&folder)(builder).api_key("rl_another_key");
    let mut right = Bench::with(&server.url, true, with_key);
    right.exporter.shutdown(LONG);
    assert_eq!(taken(&server, 1), names(3));
    assert_eq!(
        server.requests()[1].header("authorization"),
        Some("Bearer rl_another_key")
    );
}

#[test]
fn what_was_recorded_for_one_key_is_not_sent_with_another() {
    let folder = Folder::new("tenant");
    let (server, answer) = server(503);
    let mut first = Bench::with(&server.url, true, keeping(&folder));
    first.deliver(3);
    first.exporter.shutdown(LONG);
    answer.store(200, Ordering::SeqCst);
    let requests = server.requests().len();
    let with_key = |builder| keeping(&folder)(builder).api_key("rl_of_somebody_else");
    let mut other = Bench::with(&server.url, true, with_key);
    assert_eq!(other.deliver(1).exported, 1);
    other.exporter.shutdown(LONG);
    assert_eq!(taken(&server, requests), names(1));
    let mut same = Bench::with(&server.url, true, keeping(&folder));
    same.exporter.shutdown(LONG);
    assert_eq!(taken(&server, requests + 1), names(3));
}

#[test]
fn what_no_server_will_ever_take_is_not_kept() {
    for status in [400, 422, 409, 501] {
        let folder = Folder::new("refused");
        let (server, _) = server(status);
        let mut bench = Bench::with(&server.url, true, keeping(&folder));
        let stats = bench.deliver(2);
        assert_eq!((stats.dropped.rejected, stats.spooled), (2, 0), "{status}");
        bench.exporter.shutdown(LONG);
        assert_eq!(folder.files("jsonl"), [""; 0]);
    }
}

#[test]
fn an_address_that_is_not_right_keeps_events() {
    for status in [302, 403, 404] {
        let folder = Folder::new("misdirected");
        let (server, _) = server(status);
        let mut bench = Bench::with(&server.url, true, keeping(&folder));
        assert_eq!(bench.deliver(2).spooled, 2, "{status}");
        // Asking again at once would not help.
        assert_eq!(server.requests().len(), 1);
        bench.exporter.shutdown(LONG);
    }
}

#[test]
fn events_that_are_always_to_be_sent_again_are_kept_and_the_others_are_not_held_up() {
    let folder = Folder::new("busy");
    let answer =
        json!({"rejected": 1, "retryable": true, "errors": [{"index": 0, "code": "busy"}]});
    let server = Server::start(move |number, _| match number {
        0..4 => Reply::ok(answer.to_string()),
        _ => Reply::status(200),
    });
    let mut bench = Bench::with(&server.url, true, keeping(&folder));
    let stats = bench.deliver(2);
    assert_eq!((stats.exported, stats.spooled), (1, 1));
    assert_eq!(bench.deliver(1).exported, 2);
    bench.exporter.shutdown(LONG);
    let mut next = Bench::with(&server.url, true, keeping(&folder));
    next.exporter.shutdown(LONG);
    assert_eq!(taken(&server, 4), ["event 0", "event 0"]);
}

#[test]
fn when_there_is_no_more_room_the_oldest_traces_go_as_a_whole() {
    let folder = Folder::new("full");
    let (server, answer) = server(503);
    let few = |builder| keeping(&folder)(builder).spool_max_bytes(100_000);
    let mut bench = Bench::with(&server.url, true, few);
    // Two events of each trace, in different segments.
    let traces: Vec<String> = (0..400).map(|n| format!("trace_{n}")).collect();
    let mut export = || {
        for some in traces.chunks(20) {
            assert!(bench.export_of(some).wait(LONG));
        }
        bench.queue.stats()
    };
    let stats = export();
    assert_eq!((stats.created, stats.spooled), (400, 400));
    let stats = export();
    let lost = stats.dropped.spool_full;
    assert_eq!(stats.created, stats.spooled + lost);
    assert!(
        lost > 0 && lost.is_multiple_of(2) && stats.spooled > 300,
        "{stats}"
    );
    let size: u64 = folder
        .files("jsonl")
        .iter()
        .map(|file| folder.join(file).metadata().unwrap().len())
        .sum();
    assert!(size <= 100_000, "{size}");
    let said = bench.said();
    let full: Vec<_> = said
        .iter()
        .filter(|said| said.contains("more than 100000 bytes"))
        .collect();
    assert_eq!(full.len(), 1, "{said:?}");
    bench.exporter.shutdown(LONG);

    answer.store(200, Ordering::SeqCst);
    let requests = server.requests().len();
    let mut next = Bench::with(&server.url, true, keeping(&folder));
    next.exporter.shutdown(LONG);
    let arrived = server.requests().split_off(requests);
    let events: Vec<_> = arrived
        .iter()
        .flat_map(|request| request.envelope["events"].as_array().unwrap())
        .collect();
    assert_eq!(events.len() as u64, stats.spooled);
    let kept: BTreeSet<_> = events
        .iter()
        .map(|event| event["trace_id"].as_str().unwrap())
        .collect();
    let newest: BTreeSet<_> = traces
        .iter()
        .rev()
        .take(kept.len())
        .map(String::as_str)
        .collect();
    assert_eq!(kept, newest);
}

#[test]
fn a_slow_server_costs_no_events() {
    let folder = Folder::new("slow");
    let gate = Gate::default();
    let held = gate.clone();
    let server = Server::start(move |_, _| {
        held.pass();
        Reply::status(200)
    });
    let few = |builder| keeping(&folder)(builder).max_queue_events(10);
    let mut bench = Bench::with(&server.url, false, few);
    let settled: Vec<_> = (0..20).map(|_| bench.export(20)).collect();
    assert!(bench.exporter.is_ready());
    gate.open();
    for settled in settled {
        assert!(settled.wait(LONG));
    }
    let stats = bench.queue.stats();
    assert_eq!((stats.created, stats.exported), (400, 400));
    let ids: BTreeSet<_> = server.event_ids().into_iter().flatten().collect();
    assert_eq!(ids.len(), 400);
}

#[test]
fn the_end_of_a_program_is_quick_though_the_server_never_answers() {
    let folder = Folder::new("hang");
    let gate = Gate::default();
    let held = gate.clone();
    let server = Server::start(move |_, _| {
        held.pass();
        Reply::Nothing
    });
    let mut bench = Bench::with(&server.url, true, keeping(&folder));
    let settled = bench.export(3);
    let started = Instant::now();
    bench.exporter.shutdown(Duration::from_millis(100));
    assert!(settled.wait(LONG));
    assert!(started.elapsed() < Duration::from_secs(2));
    assert_eq!(bench.queue.stats().spooled, 3);
    gate.open();
}

#[test]
fn without_a_folder_events_are_sent_all_the_same_and_that_is_said_once() {
    let folder = Folder::new("no-folder");
    std::fs::write(folder.join("file"), "").unwrap();
    let (server, _) = server(200);
    let dir = folder.join("file/spool");
    let nowhere = |builder: Builder| builder.spool_dir(dir.clone()).spool_max_bytes(1_000_000);
    let mut bench = Bench::with(&server.url, true, nowhere);
    bench.deliver(1);
    assert_eq!(bench.deliver(2).exported, 3);
    let [said] = &bench.said()[..] else {
        panic!("{:?}", bench.said())
    };
    assert!(
        said.contains("`ROLLOUT_SPOOL_DIR`") && said.contains("file/spool"),
        "{said}"
    );
    bench.exporter.shutdown(LONG);
}

#[test]
fn a_file_that_was_removed_is_counted_and_said() {
    let folder = Folder::new("gone");
    let (server, answer) = server(503);
    let mut bench = Bench::with(&server.url, true, keeping(&folder));
    assert_eq!(bench.deliver(3).spooled, 3);
    for file in folder.files("jsonl") {
        std::fs::remove_file(folder.join(file)).unwrap();
    }
    answer.store(200, Ordering::SeqCst);
    let started = Instant::now();
    while bench.queue.stats().dropped.unreadable < 3 {
        assert!(started.elapsed() < LONG, "{}", bench.queue.stats());
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(
        bench.said().concat().contains("gone or damaged"),
        "{:?}",
        bench.said()
    );
    // What comes then is kept elsewhere, and sent.
    bench.export(1);
    while bench.queue.stats().exported < 1 {
        assert!(started.elapsed() < LONG, "{}", bench.queue.stats());
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(taken(&server, server.requests().len() - 1), names(1));
    bench.exporter.shutdown(LONG);
}
