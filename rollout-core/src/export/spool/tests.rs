//! The journal, and what becomes of it when its process is gone.

mod costs;
mod damage;

use std::fs;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::*;
use crate::clock::Timestamp;
use crate::export::testing::Folder;
use crate::protocol::{EventType, Json};

struct Desk {
    folder: Folder,
    said: Arc<Mutex<Vec<String>>>,
}

impl Desk {
    fn new(name: &str) -> Self {
        Self {
            folder: Folder::new(name),
            said: Arc::default(),
        }
    }

    /// Returns the journal of another process.
    fn spool(&self) -> Spool {
        let sink = Arc::clone(&self.said);
        let handler = Arc::new(move |diagnostic: &crate::Diagnostic| {
            sink.lock().unwrap().push(diagnostic.message.clone());
        });
        let options = SpoolOptions {
            dirs: vec![self.folder.to_path_buf()],
            max_bytes: 1024 * 1024,
        };
        let key = Secret::new("rl_secret".into());
        Spool::new(
            &options,
            "http://a",
            &key,
            Diagnostics::new(Some(handler), false),
        )
        .unwrap()
    }

    fn files(&self) -> usize {
        let kinds = ["jsonl", "done", "lock"];
        kinds.iter().map(|kind| self.folder.files(kind).len()).sum()
    }
}

fn event(kind: EventType, trace: &str, span: Option<&str>) -> Event {
    let mut event = Event::new(kind, Timestamp::from_unix_nanos(1_000_000_000));
    event.trace_id = Some(trace.into());
    event.span_id = span.map(str::to_owned);
    event.sequence = Some(1);
    event
}

fn append(spool: &Spool, events: Vec<Event>) -> Vec<Place> {
    spool.append(&Batch::new(events)).unwrap()
}

/// Begins a segment.
fn next_segment(spool: &Spool) {
    spool.lock().seal();
}

/// Returns what is to be sent, as JSON.
fn texts(spool: &Spool, letters: &[Letter]) -> Vec<Value> {
    let places: Vec<_> = letters.iter().map(|letter| letter.place).collect();
    let lines = spool.read(&places).into_iter();
    lines
        .map(|line| serde_json::from_slice(&line.unwrap()).unwrap())
        .collect()
}

fn told(events: &[Value]) -> Vec<String> {
    let words = |event: &Value| {
        let status = event["status"].as_str().unwrap_or("-");
        format!("{} {status}", event["event_type"].as_str().unwrap())
    };
    events.iter().map(words).collect()
}

#[test]
fn a_segment_goes_when_its_events_are_delivered_and_what_began_in_it_has_ended() {
    let desk = Desk::new("segments");
    let spool = desk.spool();
    let begun = append(&spool, vec![event(EventType::TraceStart, "t", None)]);
    next_segment(&spool);
    let other = append(&spool, vec![event(EventType::Metric, "u", None)]);
    next_segment(&spool);
    assert_eq!(desk.folder.files("jsonl").len(), 2);
    spool.settle(other);
    spool.settle(begun);
    assert_eq!(
        desk.folder.files("jsonl").len(),
        1,
        "of the trace that goes on"
    );
    let ended = append(&spool, vec![event(EventType::TraceEnd, "t", None)]);
    assert_eq!(desk.folder.files("jsonl").len(), 1, "of its end");
    spool.settle(ended);
    spool.close();
    assert_eq!(desk.files(), 0);
}

#[test]
fn what_was_under_way_is_ended_by_the_next_process_with_the_text_so_far() {
    let desk = Desk::new("killed");
    let spool = desk.spool();
    let mut preview = event(EventType::SpanUpdate, "t", Some("s"));
    preview.raw.stream_preview = Some(Json::from(String::from("Once upon")));
    let delivered = append(
        &spool,
        vec![
            event(EventType::TraceStart, "t", None),
            event(EventType::SpanStart, "t", Some("s")),
            event(EventType::LlmStreamStart, "t", Some("s")),
        ],
    );
    next_segment(&spool);
    spool.settle(delivered);
    append(&spool, vec![preview]);
    drop(spool);

    let expected = [
        "span.update -",
        "llm.stream_end -",
        "span.end interrupted",
        "trace.end interrupted",
    ];
    let next = desk.spool();
    let letters = next.take_over();
    let first = texts(&next, &letters);
    assert_eq!(told(&first), expected);
    assert_eq!(first[1]["raw"]["output"], "Once upon");
    // It is killed as well, before anything was sent.
    drop(next);
    let last = desk.spool();
    let letters = last.take_over();
    assert_eq!(texts(&last, &letters), first);
    last.settle(letters.iter().map(|letter| letter.place).collect());
    assert_eq!(desk.files(), 0);
}

#[test]
fn what_has_ended_is_not_ended_again_though_the_file_with_its_end_is_gone() {
    let desk = Desk::new("ended");
    let spool = desk.spool();
    append(
        &spool,
        vec![
            event(EventType::TraceStart, "t", None),
            event(EventType::SpanStart, "t", Some("s")),
            event(EventType::TraceStart, "open", None),
        ],
    );
    next_segment(&spool);
    let ends = append(
        &spool,
        vec![
            event(EventType::SpanEnd, "t", Some("s")),
            event(EventType::TraceEnd, "t", None),
        ],
    );
    next_segment(&spool);
    // They are delivered before what they are the ends of.
    spool.settle(ends);
    assert_eq!(desk.folder.files("jsonl").len(), 1);
    drop(spool);
    let next = desk.spool();
    let letters = next.take_over();
    let told = told(&texts(&next, &letters));
    let expected = [
        "trace.start -",
        "span.start -",
        "trace.start -",
        "trace.end interrupted",
    ];
    assert_eq!(told, expected);
}

#[test]
fn a_process_that_was_killed_in_the_middle_of_a_word_costs_that_word() {
    let desk = Desk::new("torn");
    let spool = desk.spool();
    let places = append(
        &spool,
        vec![
            event(EventType::Metric, "t", None),
            event(EventType::Metric, "t", None),
        ],
    );
    spool.settle(places[..1].to_vec());
    drop(spool);
    let path = desk.folder.join(&desk.folder.files("jsonl")[0]);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}no event\n{{\"event_id\":\"evt_")).unwrap();
    let next = desk.spool();
    let letters = next.take_over();
    assert_eq!(letters.len(), 1);
    assert_eq!(
        letters[0].place,
        Place {
            segment: 0,
            ..places[1]
        }
    );
    next.settle(vec![letters[0].place]);
    assert_eq!(desk.files(), 0);
}

#[test]
fn ends_are_sent_though_a_ledger_was_left_where_they_are_written() {
    let desk = Desk::new("left");
    let spool = desk.spool();
    append(&spool, vec![event(EventType::TraceStart, "t", None)]);
    next_segment(&spool);
    spool.settle(append(&spool, vec![event(EventType::Metric, "u", None)]));
    // Killed between removing the events and their ledger.
    let events = desk.folder.files("jsonl").remove(1);
    drop(spool);
    fs::remove_file(desk.folder.join(&events)).unwrap_or_default();
    let ledger = desk.folder.join(&events).with_extension("done");
    fs::write(&ledger, "0-0\n").unwrap();
    for _ in 0..2 {
        let next = desk.spool();
        let letters = next.take_over();
        let expected = ["trace.start -", "trace.end interrupted"];
        assert_eq!(told(&texts(&next, &letters)), expected);
    }
}

#[test]
fn a_process_that_was_killed_before_its_first_word_leaves_nothing() {
    let desk = Desk::new("blank");
    drop(Owner::register(&desk.folder, "").unwrap());
    assert!(desk.spool().take_over().is_empty());
    assert_eq!(desk.files(), 0);
}

#[test]
fn files_of_a_version_to_come_are_left_alone_and_that_is_said() {
    let desk = Desk::new("newer");
    let mut owner = Owner::register(&desk.folder, "{\"version\":2}\n").unwrap();
    fs::write(owner.new_file().unwrap().1, "{\"of\":\"another form\"}\n").unwrap();
    drop(owner);
    let before = desk.files();
    assert!(desk.spool().take_over().is_empty());
    assert_eq!(desk.files(), before);
    let said = desk.said.lock().unwrap().concat();
    assert!(said.contains("of a later version of rollout"), "{said}");
}

#[test]
fn what_is_only_kept_for_the_case_of_a_kill_makes_room_first() {
    let desk = Desk::new("room");
    let spool = desk.spool();
    let mut begun = event(EventType::TraceStart, "t", None);
    begun.raw.input = Some(Json::from("x".repeat(600_000)));
    spool.settle(append(&spool, vec![begun.clone()]));
    next_segment(&spool);
    begun.trace_id = Some("u".into());
    append(&spool, vec![begun]);
    assert_eq!(desk.folder.files("jsonl").len(), 2);
    assert!(!spool.is_over());
    assert_eq!(desk.folder.files("jsonl").len(), 1);
}

#[test]
fn after_the_end_nothing_is_written_or_noted() {
    let desk = Desk::new("closed");
    let spool = desk.spool();
    let places = append(&spool, vec![event(EventType::Metric, "t", None)]);
    spool.close();
    assert_eq!(spool.append(&Batch::new(Vec::new())), None);
    spool.settle(places);
    assert_eq!(desk.folder.files("done").len(), 0);
    assert_eq!(desk.spool().take_over().len(), 1);
}
