//! Many spans, a server that fails in every way, and programs that are killed while they record.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use rollout_tests::Folder;
use serde_json::Value;

use super::process::Process;
use super::program::SPANS;
use super::server::{Books, Told, Unreliable};
use super::wait_until;

/// What has ended so long before a kill is on disk: far more than it takes, as the machine that runs
/// this has much else to do.
const BOUND: Duration = Duration::from_secs(1);

/// How many spans are recorded: as many as take some seconds, unless `ROLLOUT_TEST_SPANS` asks for more.
fn spans() -> usize {
    let spans = std::env::var("ROLLOUT_TEST_SPANS");
    spans.map_or(20_000, |spans| spans.parse().unwrap())
}

#[test]
fn every_span_is_delivered_once_though_the_server_fails_and_programs_are_killed() {
    const LIVES: usize = 5;
    let (server, spool) = (Unreliable::start(), Folder::new());
    let traces = spans() / SPANS;
    let (mut ended, mut next) = (BTreeSet::new(), 0);
    let mut on_disk = BTreeSet::new();
    let started = Instant::now();
    for life in 1..=LIVES {
        let left = traces.saturating_sub(ended.len());
        let share = left.div_ceil(LIVES + 1 - life);
        let (first, count) = (next.to_string(), left.to_string());
        let (url, dir) = (server.url(), spool.path().to_str().unwrap());
        let variables = [
            ("INGEST", url.as_str()),
            ("SPOOL", dir),
            ("FIRST", &first),
            ("TRACES", &count),
        ];
        let mut process = Process::start("flood", &variables);
        next += left;
        let said = |process: &Process| process.said("ended").len();
        if life < LIVES {
            wait_until("its share is recorded", || said(&process) >= share);
            process.kill();
            let killed = Instant::now();
            on_disk.extend(spool.events().into_iter().map(|event| id(&event)));
            let safe = process.said("ended").into_iter();
            ended.extend(safe.filter(|(at, _)| *at + BOUND < killed).map(|(_, n)| n));
        } else {
            process.finish();
            ended.extend(process.said("ended").into_iter().map(|(_, n)| n));
            assert_books_balance(&process);
        }
    }
    eprintln!("recorded and killed in {:?}", started.elapsed());
    // What the last one could not deliver, one does that has nothing else to do.
    server.recover();
    while !spool.files("lock").is_empty() {
        let (url, dir) = (server.url(), spool.path().to_str().unwrap());
        let mut last = Process::start(
            "flood",
            &[
                ("INGEST", &url),
                ("SPOOL", dir),
                ("FIRST", "0"),
                ("TRACES", "0"),
            ],
        );
        last.finish();
    }
    assert_eq!(
        (spool.files("jsonl"), spool.files("done")),
        (vec![], vec![])
    );
    server.read(|books| {
        eprintln!(
            "{} traces in {:?}; {} requests, {} events came again; {:?}",
            books.traces.len(),
            started.elapsed(),
            books.requests,
            books.again,
            books.faults
        );
        assert_eq!(books.changed, 0);
        assert!(
            ended.len() >= traces * 9 / 10,
            "{} of {traces}",
            ended.len()
        );
        let lost: Vec<_> = on_disk.iter().filter(|id| !books.has(id)).collect();
        assert_eq!(lost, [""; 0], "of {} that were on disk", on_disk.len());
        assert_all_there(books, &ended);
    });
}

fn id(event: &Value) -> String {
    event["event_id"].as_str().unwrap().to_owned()
}

/// Of a program that was not killed it is known what became of each event.
#[track_caller]
fn assert_books_balance(process: &Process) {
    let stats = process.wait_for("stats");
    let stats: Vec<u64> = stats.split(' ').map(|n| n.parse().unwrap()).collect();
    let [created, exported, spooled, rejected, dropped] = stats[..] else {
        panic!("{stats:?}")
    };
    let said = process.said("diagnostic");
    assert_eq!(created, exported + spooled + rejected, "{said:?}");
    assert_eq!(dropped, 0);
}

/// Each trace is whole: no number is missing, everything that began has ended, once; and those that had
/// ended when their program was killed are as they were recorded.
#[track_caller]
fn assert_all_there(books: &Books, ended: &BTreeSet<String>) {
    let mut complete = BTreeSet::new();
    for (id, stored) in &books.traces {
        let rejected = books
            .rejected
            .range((id.clone(), 0)..=(id.clone(), u64::MAX));
        let all: BTreeMap<u64, &Told> = rejected
            .map(|(_, told)| told)
            .chain(stored)
            .map(|told| (told.sequence, told))
            .collect();
        let numbers: Vec<u64> = all.keys().copied().collect();
        let expected: Vec<u64> = (1..=numbers.len() as u64).collect();
        assert_eq!(numbers, expected, "{id}: {stored:#?}");
        let of = |kind: &str| -> Vec<&Told> {
            all.values()
                .filter(|told| told.event_type == kind)
                .copied()
                .collect()
        };
        let spans = |told: Vec<&Told>| -> BTreeSet<Option<String>> {
            told.into_iter().map(|told| told.span_id.clone()).collect()
        };
        let (starts, ends) = (of("trace.start"), of("trace.end"));
        assert_eq!((starts.len(), ends.len()), (1, 1), "{id}");
        assert_eq!(spans(of("span.start")), spans(of("span.end")), "{id}");
        if ends[0].status.as_deref() == Some("ok") {
            assert_eq!(of("span.end").len(), SPANS, "{id}");
            let name = starts[0].name.as_deref().unwrap();
            complete.insert(name.trim_start_matches("trace ").to_owned());
        }
    }
    let missing: Vec<_> = ended.difference(&complete).collect();
    assert_eq!(missing, [""; 0], "they had ended long before the kill");
}
