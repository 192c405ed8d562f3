//! Folders in which anything may be: what others wrote, what is broken, what can't be read.

use std::fs;

use serde_json::{Value, json};

use crate::harness::Desk;

/// Every command that reads, as text and as JSON.
const COMMANDS: [&[&str]; 15] = [
    &["list"],
    &["list", "--json"],
    &["show"],
    &["show", "--full"],
    &["show", "--json", "--full"],
    &["show", "--events"],
    &["show", "--events", "--json"],
    &["stats"],
    &["stats", "--json"],
    &["grep", "."],
    &["grep", ".", "--json"],
    &["export", "--format", "json"],
    &["export", "--format", "otlp-json"],
    &["tail", "--all", "--idle", "0"],
    &["tail", "--all", "--idle", "0", "--json"],
];

fn desk_with(file: &str, content: &[u8]) -> Desk {
    let desk = Desk::empty();
    fs::create_dir_all(desk.runs()).unwrap();
    fs::write(desk.runs().join(file), content).unwrap();
    desk
}

fn line(kind: &str, text: &str) -> String {
    let event = json!({
        "event_type": kind, "event_id": format!("{kind}{text}"), "trace_id": "trace_hostile", "span_id": "s", "span_type": text,
        "name": text, "occurred_at": "2026-01-01T00:00:00Z", "status": text, "model": {"provider": text, "model": text},
        "tool": {"name": text}, "raw": {"input": {text: text}, "output": text, "arguments": text, "result": [text], "stream_preview": text},
        "error": {"type": text, "message_preview": text}, "message": {"role": text, "content": text},
        "attributes": {text: text}, "agent": {"name": text},
    });
    format!("{event}\n")
}

#[test]
fn no_text_that_was_recorded_is_obeyed_by_a_terminal() {
    let attack = "\x1b[2J\x1b]0;owned\x07\u{9b}31m\u{202e}gpj.exe\r\u{8}\u{7f}\u{e0041}<script>alert(1)</script>";
    let mut text = String::new();
    for kind in [
        "trace.start",
        "span.start",
        "span.update",
        "llm.request",
        "tool.call",
        "tool.result",
        "message",
        "feedback",
        "span.end",
        "trace.end",
        attack,
    ] {
        text += &line(kind, attack);
    }
    let desk = desk_with("a.jsonl", text.as_bytes());
    for arguments in COMMANDS {
        let said = desk.run(arguments);
        assert_eq!((said.code, &*said.err), (0, ""), "{arguments:?}");
        let obeyed = said.out.chars().find(|character| {
            (character.is_control() && !matches!(character, '\n' | '\t'))
                || matches!(character, '\u{202e}' | '\u{9b}' | '\u{e0041}')
        });
        assert_eq!(obeyed, None, "{arguments:?}: {:?}", said.out);
        // What it is of other programs is left to them: nothing is lost of it.
        assert!(said.out.contains("<script>"), "{arguments:?}: {}", said.out);
    }
    let run = &desk.json(&["list", "--json"])[0];
    assert_eq!(run["name"], attack, "JSON means what was recorded");
    let said = desk.run(&["show", attack]);
    assert!(said.code == 3 && !said.err.contains('\x1b'), "{said:?}");
}

#[test]
fn what_is_broken_huge_or_foreign_is_passed_over() {
    let mut content = Vec::new();
    let good =
        |name: &str| line("trace.start", name).replace("trace_hostile", &format!("trace_{name}"));
    content.extend(good("first").as_bytes());
    for broken in [
        "",
        "{",
        "}",
        "[]",
        "7",
        "null",
        "\"text\"",
        "{\"event_type\":",
        "{\"event_type\":7,\"trace_id\":{}}",
        "\u{0}\u{0}\u{0}",
        "{\"event_type\":\"trace.start\",\"trace_id\":\"\"}",
        "{\"event_type\":\"trace.end\",\"trace_id\":\"t\",\"occurred_at\":\"\",\"duration_ms\":-1e308}",
    ] {
        content.extend(broken.as_bytes());
        content.push(b'\n');
    }
    content.extend(b"\xff\xfe\x80 no text\n");
    // Deeper than anybody means it, and longer.
    content.extend(format!("{}{}\n", "[".repeat(100_000), "]".repeat(100_000)).as_bytes());
    let deep = format!("{}1{}", "{\"a\":".repeat(500), "}".repeat(500));
    content.extend(
        good("deep")
            .replace("\"raw\":{", &format!("\"raw\":{{\"deep\":{deep},"))
            .as_bytes(),
    );
    content.extend(
        good("huge")
            .replace(
                "\"raw\":{",
                &format!("\"raw\":{{\"huge\":\"{}\",", "x".repeat(5_000_000)),
            )
            .as_bytes(),
    );
    content.extend(good("last").as_bytes());
    // In the middle of being written.
    content.extend(&good("half").as_bytes()[..60]);
    let desk = desk_with("a.jsonl", &content);
    fs::write(desk.runs().join("notes.txt"), "not ours").unwrap();
    fs::write(desk.runs().join("b.jsonl.bak"), good("backup")).unwrap();
    fs::create_dir(desk.runs().join("folder.jsonl")).unwrap();
    for arguments in COMMANDS {
        let said = desk.run(arguments);
        assert_eq!((said.code, &*said.err), (0, ""), "{arguments:?}");
    }
    let runs = desk.json(&["list", "--json"]);
    let mut names: Vec<&str> = runs.iter().filter_map(|run| run["name"].as_str()).collect();
    names.retain(|name| ["first", "deep", "huge", "last", "half", "backup"].contains(name));
    names.sort_unstable();
    assert_eq!(
        names,
        ["first", "huge", "last"],
        "what is too deep to be read is none"
    );
    for run in &runs {
        assert!(
            run["duration_ms"].is_null() || run["duration_ms"].as_f64() >= Some(0.0),
            "{run}"
        );
    }
}

#[test]
fn the_rest_of_a_line_is_read_when_it_is_there() {
    let whole = line("trace.start", "late");
    let (half, rest) = whole.split_at(50);
    let desk = desk_with(
        "a.jsonl",
        (line("trace.start", "early").replace("trace_hostile", "trace_early") + half).as_bytes(),
    );
    assert_eq!(desk.json(&["list", "--json"]).len(), 1);
    let mut file = fs::OpenOptions::new()
        .append(true)
        .open(desk.runs().join("a.jsonl"))
        .unwrap();
    std::io::Write::write_all(&mut file, rest.as_bytes()).unwrap();
    assert_eq!(desk.json(&["list", "--json"]).len(), 2);
}

#[test]
fn where_nothing_is_recorded_the_cure_is_told() {
    let desk = Desk::empty();
    let cure = "run a program with `rollout::init()`, or name its folder with `--dir`";
    for arguments in [
        &["list"][..],
        &["show"],
        &["stats"],
        &["grep", "x"],
        &["export"],
        &["send", "--dry-run"],
    ] {
        let said = desk.run(arguments);
        assert_eq!((said.code, &*said.out), (3, ""), "{arguments:?}");
        assert_eq!(
            said.err,
            format!("rollout: no runs in `.rollout`: {cure}\n"),
            "{arguments:?}"
        );
    }
    // A folder in which nothing is, is not one in which something is wrong.
    fs::create_dir(desk.runs()).unwrap();
    assert_eq!(
        desk.run(&["list"]).err,
        format!("rollout: no runs in `.rollout`: {cure}\n")
    );
    // A file is no folder.
    fs::write(desk.path().join("file"), "x").unwrap();
    let said = desk.run(&["list", "--dir", "file"]);
    assert_eq!(said.code, 1);
    assert!(
        said.err.starts_with("rollout: can't read `file`: "),
        "{said:?}"
    );
}

#[cfg(unix)]
#[test]
fn what_may_not_be_read_is_named() {
    use std::os::unix::fs::PermissionsExt as _;

    let desk = Desk::with_runs();
    let set = |mode| fs::set_permissions(desk.runs(), fs::Permissions::from_mode(mode)).unwrap();
    set(0o000);
    // Root may read everything.
    let may_read = fs::read_dir(desk.runs()).is_ok();
    let said = desk.run(&["list"]);
    set(0o700);
    if may_read {
        assert_eq!(said.code, 0, "{said:?}");
    } else {
        assert_eq!(said.code, 1);
        assert!(
            said.err
                .starts_with("rollout: can't read `.rollout`: Permission denied"),
            "{said:?}"
        );
    }
}

#[test]
fn an_index_that_is_wrong_or_can_not_be_written_changes_nothing() {
    let desk = Desk::with_runs();
    let expected = desk.out(&["list"]);
    let index = desk.runs().join("index");
    for file in ["traces.json", "runs.json"] {
        fs::write(index.join(file), "{\"version\":1,\"content\":[{}").unwrap();
    }
    assert_eq!(desk.out(&["list"]), expected);
    fs::remove_dir_all(&index).unwrap();
    fs::write(&index, "a file where a folder should be").unwrap();
    assert_eq!(desk.out(&["list"]), expected);
    assert_eq!(desk.json(&["stats", "--json"])[0]["runs"], 3);
}

#[test]
fn a_run_whose_program_is_gone_is_interrupted() {
    let desk = Desk::empty();
    let rollout = desk.recorder(1);
    let run = rollout.trace("open").start();
    rollout.flush(std::time::Duration::from_secs(20)).unwrap();
    let status = |desk: &Desk| -> Value { desk.json(&["list", "--json"])[0]["status"].clone() };
    assert_eq!(status(&desk), "unfinished");
    // What a program that was killed leaves is this, and a lock that nobody holds.
    let other = Desk::empty();
    fs::create_dir(other.runs()).unwrap();
    for entry in fs::read_dir(desk.runs()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::copy(&path, other.runs().join(path.file_name().unwrap())).unwrap();
        }
    }
    assert_eq!(status(&other), "interrupted");
    run.end();
    rollout.shutdown();
    assert_eq!(status(&desk), "ok");
}
