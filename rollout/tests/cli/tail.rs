//! `rollout tail`, beside a program that runs.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, ChildStdout, Stdio};

use serde_json::{Value, json};

use crate::harness::Desk;

/// The program, which follows until it is dropped.
struct Tail {
    child: Child,
    out: BufReader<ChildStdout>,
}

impl Tail {
    fn start(desk: &Desk, arguments: &[&str]) -> Self {
        let mut command = desk.command(&[&["tail"], arguments].concat());
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Self { child, out }
    }

    /// Waits for the next line.
    fn line(&mut self) -> String {
        let mut line = String::new();
        assert!(self.out.read_line(&mut line).unwrap() > 0, "it ended");
        line.trim_end().to_owned()
    }

    /// Waits for a line that has this in it.
    fn wait_for(&mut self, part: &str) -> String {
        loop {
            let line = self.line();
            if line.contains(part) {
                return line;
            }
        }
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_program_that_runs_is_followed_step_by_step() {
    let desk = Desk::with_runs();
    let mut tail = Tail::start(&desk, &[]);
    assert_eq!(tail.line(), "following .rollout; ctrl-c ends it");
    // A program of its own, with a file of its own, that has not ended when its lines are there.
    let rollout = desk.recorder(7);
    let mut run = rollout
        .trace("followed")
        .input(&json!({"question": "where?"}))
        .start();
    assert!(
        tail.line().contains("▸ followed {\"question\":\"where?\"}"),
        "nothing from before"
    );
    let mut call = run.tool("lookup").input(&json!({"order": 7})).start();
    assert!(tail.wait_for("▸ tool lookup").contains("{\"order\":7}"));
    call.record_error(&std::io::Error::other("not there"));
    call.end();
    assert!(tail.wait_for("✗ tool lookup").ends_with("not there"));
    run.record_output("nowhere");
    run.end();
    assert!(tail.wait_for("✓ followed").ends_with("nowhere"));
    rollout.shutdown();
}

#[test]
fn a_folder_that_is_not_there_yet_is_waited_for_and_events_come_as_they_are() {
    let desk = Desk::empty();
    let mut tail = Tail::start(&desk, &["--json", "--all"]);
    let rollout = desk.recorder(7);
    rollout.trace("first").start().end();
    let kinds = ["trace.start", "trace.end"];
    for kind in kinds {
        let event: Value = serde_json::from_str(&tail.line()).unwrap();
        assert_eq!(
            (&event["event_type"], &event["name"]),
            (&json!(kind), &json!("first"))
        );
    }
    rollout.shutdown();
}

#[test]
fn it_ends_when_nothing_comes_for_so_long() {
    let desk = Desk::with_runs();
    let text = desk.out(&["tail", "--all", "--idle", "0"]);
    assert_eq!(
        text.lines()
            .filter(|line| line.contains("✓ support"))
            .count(),
        1,
        "{text}"
    );
    let events = desk.json(&["tail", "--all", "--idle", "0", "--json"]);
    assert_eq!(events.len(), desk.json(&["export"]).len());
}

#[test]
fn a_stream_is_told_word_by_word() {
    let desk = Desk::empty();
    let event = |kind: &str, more: Value| {
        let mut event = json!({
            "event_type": kind, "trace_id": "trace_1", "span_id": "span_1", "span_type": "llm", "name": "ask",
            "occurred_at": "2026-01-05T08:00:00Z",
        });
        let members = more.as_object().cloned().unwrap();
        event.as_object_mut().unwrap().extend(members);
        format!("{event}\n")
    };
    let grown = |text: &str| event("llm.stream_chunk", json!({"raw": {"stream_preview": text}}));
    let lines = [
        event("span.start", json!({})),
        grown("Order 10"),
        grown("Order 1042 is in tran"),
        grown("Order 1042 is in transit"),
        event("span.end", json!({"status": "ok"})),
    ];
    std::fs::create_dir(desk.runs()).unwrap();
    std::fs::write(desk.runs().join("a.jsonl"), lines.concat()).unwrap();
    let said = desk.out(&["tail", "--all", "--idle", "0"]);
    let pieces: Vec<&str> = said
        .lines()
        .filter_map(|line| Some(line.split_once("│ ")?.1))
        .collect();
    assert_eq!(pieces, ["Order", "1042 is in", "transit"], "{said}");
}
