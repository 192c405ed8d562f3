use std::fs;

use rollout_core::show;
use serde_json::json;

use super::*;
use crate::testing::Folder;

impl Folder {
    fn append(&self, file: &str, text: &str) {
        use std::io::Write as _;
        let mut options = fs::OpenOptions::new();
        let mut file = options
            .create(true)
            .append(true)
            .open(self.path().join(file))
            .unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    fn names(&self) -> Vec<String> {
        let store = Store::open(self.path()).unwrap();
        store
            .rows()
            .unwrap()
            .into_iter()
            .map(|row| row.name)
            .collect()
    }

    /// Asserts that the store has what `show` has, in the other direction.
    fn assert_as_shown(&self) -> usize {
        let mut shown = show::load(self.path()).unwrap();
        shown.reverse();
        let store = Store::open(self.path()).unwrap();
        let mut stored = Vec::new();
        for head in store.heads() {
            let mut runs = store.runs(head).unwrap();
            runs.reverse();
            stored.extend(runs);
        }
        let ids =
            |runs: &[Run]| -> Vec<String> { runs.iter().map(|run| run.trace_id.clone()).collect() };
        assert_eq!(ids(&stored), ids(&shown));
        assert!(stored == shown);
        let rows: Vec<Row> = shown.iter().map(Row::of).collect();
        assert_eq!(store.rows().unwrap(), rows);
        // And once more out of what is kept.
        assert_eq!(Store::open(self.path()).unwrap().rows().unwrap(), rows);
        shown.len()
    }
}

fn line(kind: &str, trace: &str, second: u32) -> String {
    let at = format!("2026-01-01T00:{:02}:{:02}Z", second / 60, second % 60);
    let event = json!({
        "event_type": kind, "event_id": format!("{kind}-{trace}-{second}"), "trace_id": trace, "name": trace,
        "occurred_at": at, "status": "ok",
    });
    format!("{event}\n")
}

#[test]
fn what_is_appended_is_read_and_nothing_twice() {
    let folder = Folder::new("appended");
    folder.append("a.jsonl", &line("trace.start", "a", 1));
    assert_eq!(folder.names(), ["a"]);
    folder.append("a.jsonl", &line("trace.end", "a", 2));
    folder.append("a.jsonl", &line("trace.start", "b", 3));
    folder.append("b.jsonl", &line("trace.start", "c", 4));
    assert_eq!(folder.names(), ["c", "b", "a"]);
    assert_eq!(folder.assert_as_shown(), 3);
    let store = Store::open(folder.path()).unwrap();
    let read: u64 = store
        .pieces(&store.heads[2])
        .iter()
        .map(|piece| piece.2)
        .sum();
    let text = line("trace.start", "a", 1) + &line("trace.end", "a", 2);
    assert_eq!(read, text.len() as u64);
}

#[test]
fn a_half_written_line_is_read_when_it_is_whole() {
    let folder = Folder::new("half");
    let whole = line("trace.start", "b", 2);
    let (half, rest) = whole.split_at(40);
    folder.append("a.jsonl", &line("trace.start", "a", 1));
    folder.append("a.jsonl", half);
    assert_eq!(folder.names(), ["a"]);
    folder.append("a.jsonl", rest);
    assert_eq!(folder.names(), ["b", "a"]);
    // One that lacks nothing but its line break is an event.
    folder.append("a.jsonl", line("trace.start", "c", 3).trim_end());
    assert_eq!(folder.names(), ["c", "b", "a"]);
    folder.append("a.jsonl", "\n");
    folder.append("a.jsonl", &line("trace.start", "d", 4));
    assert_eq!(folder.assert_as_shown(), 4);
}

#[test]
fn files_that_are_replaced_or_gone_are_read_anew() {
    let folder = Folder::new("replaced");
    folder.append("a.jsonl", &line("trace.start", "aa", 1));
    folder.append("b.jsonl", &line("trace.start", "bb", 2));
    assert_eq!(folder.names(), ["bb", "aa"]);
    // Longer, and another one.
    let other = line("trace.start", "cc", 1) + &line("trace.start", "dd", 3);
    fs::write(folder.path().join("a.jsonl"), other).unwrap();
    assert_eq!(folder.names(), ["dd", "bb", "cc"]);
    fs::remove_file(folder.path().join("b.jsonl")).unwrap();
    assert_eq!(folder.names(), ["dd", "cc"]);
    fs::write(folder.path().join("a.jsonl"), "").unwrap();
    assert!(folder.names().is_empty());
}

#[test]
fn an_index_that_is_broken_or_of_another_version_is_made_again() {
    let folder = Folder::new("broken");
    folder.append("a.jsonl", &line("trace.start", "a", 1));
    assert_eq!(folder.names(), ["a"]);
    for text in [
        "",
        "{",
        r#"{"version":0,"content":{"files":[],"entries":[]}}"#,
        "[1]",
    ] {
        for file in ["traces.json", "runs.json"] {
            fs::write(folder.path().join("index").join(file), text).unwrap();
        }
        assert_eq!(folder.names(), ["a"], "{text}");
    }
    // Places that are not there.
    let wrong = fs::read_to_string(folder.path().join("index/traces.json")).unwrap();
    let wrong = wrong.replace("[0,0,", "[7,99,");
    fs::write(folder.path().join("index/traces.json"), wrong).unwrap();
    let _ = Store::open(folder.path()).unwrap().rows().unwrap();
}

#[test]
fn parts_of_a_file_are_read_by_several_without_losing_a_line() {
    let folder = Folder::new("parts");
    // Three parts, of which a line spans one and more.
    let long = format!(
        "{}\n",
        json!({"event_type": "metric", "trace_id": "t3", "event_id": "long", "name": "x".repeat(5 << 20)})
    );
    let mut text = String::new();
    for second in 0..600 {
        text += &line("trace.start", &format!("t{second}"), second);
    }
    folder.append("a.jsonl", &text);
    folder.append("a.jsonl", &long);
    folder.append("a.jsonl", &"\u{1b}[2J broken\n".repeat(1000));
    folder.append("a.jsonl", &text.replace("trace.start", "trace.end"));
    folder.append("a.jsonl", &long.replace("long", "half")[..4_500_000]);
    assert_eq!(folder.assert_as_shown(), 600);
    folder.append("a.jsonl", &long.replace("long", "half")[4_500_000..]);
    assert_eq!(folder.assert_as_shown(), 600);
    let store = Store::open(folder.path()).unwrap();
    let (_, run) = store.find("t3").unwrap().unwrap();
    assert_eq!(run.steps.len(), 2);
}

#[test]
fn runs_inside_others_and_known_by_two_ids_are_found_by_each() {
    let folder = Folder::new("inside");
    let inner = json!({
        "event_type": "trace.start", "trace_id": "inner", "name": "inner", "occurred_at": "2026-01-01T00:00:02Z",
        "attributes": {"rollout.parent.trace_id": "trace_outer"},
    });
    let said = json!({
        "event_type": "trace.end", "trace_id": "trace_outer", "external_trace_id": "mine", "status": "ok",
        "occurred_at": "2026-01-01T00:00:05Z",
    });
    let feedback = json!({"event_type": "feedback", "external_trace_id": "mine", "event_id": "f"});
    folder.append("a.jsonl", &line("trace.start", "trace_outer", 1));
    folder.append("b.jsonl", &format!("{feedback}\n{inner}\n{said}\n"));
    folder.append("b.jsonl", &line("trace.start", "trace_out", 9));
    assert_eq!(folder.assert_as_shown(), 2);
    let store = Store::open(folder.path()).unwrap();
    let name = |id: &str| store.find(id).unwrap().map(|(_, run)| run.trace_id);
    for id in ["trace_outer", "oute", "mine", "inner"] {
        assert_eq!(name(id).as_deref(), Some("trace_outer"), "{id}");
    }
    assert_eq!(name("last").as_deref(), Some("trace_out"));
    assert_eq!((name("out"), name("nothing"), name("")), (None, None, None));
}

#[test]
fn a_store_that_is_kept_hears_of_what_is_new() {
    let folder = Folder::new("kept");
    folder.append("a.jsonl", &line("trace.start", "a", 1));
    let mut store = Store::open(folder.path()).unwrap();
    assert_eq!(store.traces(), ["a".to_owned()].into());
    assert!(store.refresh().unwrap().traces.is_empty(), "nothing is new");
    folder.append("b.jsonl", &line("trace.start", "b", 2));
    folder.append("b.jsonl", &line("trace.end", "b", 3)[..50]);
    assert_eq!(store.refresh().unwrap().traces, ["b".to_owned()].into());
    folder.append("b.jsonl", &line("trace.end", "b", 3)[50..]);
    assert_eq!(store.refresh().unwrap().traces, ["b".to_owned()].into());
    // What follows each other is one piece, however often it was looked at.
    assert_eq!(store.pieces(store.head_of("b").unwrap()).len(), 1);
    let (runs, events) = store.reading(store.head_of("b").unwrap()).runs().unwrap();
    assert_eq!((runs.len(), events.len()), (1, 2));
    // A trace that belongs to another one is known by that one's key.
    let inner = json!({
        "event_type": "trace.start", "trace_id": "c", "occurred_at": "2026-01-01T00:00:04Z",
        "attributes": {"rollout.parent.trace_id": "a"},
    });
    folder.append("b.jsonl", &format!("{inner}\n"));
    let news = store.refresh().unwrap();
    let heads = store.heads().iter();
    let changed = heads.filter(|head| store.is_of(head, &news.traces));
    let keys: Vec<&str> = changed.map(|head| store.key(head)).collect();
    assert_eq!(keys, ["a"]);
    // Another file of the same name: all is read anew.
    fs::write(folder.path().join("a.jsonl"), line("trace.start", "z", 9)).unwrap();
    assert!(store.refresh().unwrap().traces.contains("z"));
    assert!(store.head_of("a").is_none_or(|head| {
        store
            .runs(head)
            .unwrap()
            .iter()
            .all(|run| run.trace_id != "a")
    }));
    fs::remove_file(folder.path().join("a.jsonl")).unwrap();
    store.refresh().unwrap();
    assert!(store.head_of("z").is_none());
}
