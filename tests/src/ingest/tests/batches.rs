//! Envelopes, and what is sent again.

use serde_json::{Value, json};

use super::{LIMITS, STORED, envelope, judge, judge_events, run, told};
use crate::ingest::Rule;
use crate::ingest::ledger::{Ledger, Verdict};

#[track_caller]
fn breaks(body: &str, rule: Rule, path: &str) {
    let (wrong, _) = judge([body]);
    let found = wrong
        .iter()
        .any(|violation| violation.rule == rule && violation.path == path);
    assert!(found, "{rule:?} at {path} is not in {wrong:#?}");
}

#[test]
fn an_envelope_that_breaks_a_rule() {
    let changed = |change: fn(&mut Value)| {
        let mut envelope = envelope(&run());
        change(&mut envelope);
        envelope.to_string()
    };
    for (change, rule, path) in [
        (
            (|e| e["hello"] = json!(1)) as fn(&mut Value),
            Rule::UnknownKey,
            "hello",
        ),
        (
            |e| e["sdk"]["hello"] = json!(1),
            Rule::UnknownKey,
            "sdk.hello",
        ),
        (
            |e| e["schema_version"] = json!("1.1"),
            Rule::Choice,
            "schema_version",
        ),
        (|e| e["source"] = json!(""), Rule::Length, "source"),
        (
            |e| e["sdk"]["name"] = json!("x".repeat(101)),
            Rule::Length,
            "sdk.name",
        ),
        (|e| e["sdk"] = json!("rust"), Rule::Type, "sdk"),
        (|e| e["batch_id"] = json!("1"), Rule::IdForm, "batch_id"),
        (|e| e["sent_at"] = json!("now"), Rule::Timestamp, "sent_at"),
        (|e| e["events"] = json!({}), Rule::Type, "events"),
        (|e| e["events"] = json!([]), Rule::BatchSize, "events"),
    ] {
        breaks(&changed(change), rule, path);
    }
    for key in [
        "schema_version",
        "source",
        "sdk",
        "batch_id",
        "sent_at",
        "events",
    ] {
        let mut envelope = envelope(&run());
        envelope.as_object_mut().unwrap().remove(key);
        breaks(&envelope.to_string(), Rule::Missing, key);
    }
}

#[test]
fn what_not_every_parser_reads() {
    let with = |raw: &str| {
        let mut events = run();
        events[4]["raw"]["input"] = json!("HERE");
        envelope(&events).to_string().replace("\"HERE\"", raw)
    };
    let nested = format!("{}1{}", "[".repeat(130), "]".repeat(130));
    for raw in [
        r#""\ud800""#,
        r#""\udc00\ud800""#,
        "1e999",
        "NaN",
        "'text'",
        "[1,]",
        &nested,
    ] {
        let (wrong, _) = judge([with(raw)]);
        assert!(
            wrong.iter().any(|violation| violation.rule == Rule::Json),
            "{raw}: {wrong:#?}"
        );
    }
    // One event that nobody can read is found among the others.
    breaks(&with(r#""\ud800""#), Rule::Json, "events[4]");
    breaks("{\"events\":[}", Rule::Json, "body");
    let (wrong, _) = judge([b"\xff{}".as_slice()]);
    assert_eq!(told(&wrong), [(Rule::Json, "body")]);
    // What is right is left alone.
    for raw in [
        r#""\ud83d\ude00""#,
        "1e99",
        "123456789012345678901234567890",
        "null",
    ] {
        let (wrong, _) = judge([with(raw)]);
        assert_eq!(told(&wrong), [], "{raw}");
    }
}

#[test]
fn keys_that_come_twice() {
    let body = envelope(&run()).to_string();
    let twice = body.replacen("\"source\"", "\"source\":\"a\",\"source\"", 1);
    breaks(&twice, Rule::DuplicateKey, "source");
    let twice = body.replacen(
        "\"name\":\"support\"",
        "\"name\":\"a\",\"name\":\"support\"",
        2,
    );
    breaks(&twice, Rule::DuplicateKey, "events[0].name");
}

#[test]
fn too_much_in_one_envelope() {
    let mut ledger = Ledger::default();
    let event = |index: usize, text: &str| {
        let mut event = run().swap_remove(4);
        event["event_id"] = json!(format!("evt_00000000-0000-4000-8000-{index:012}"));
        event["sequence"] = json!(index + 1);
        event["raw"]["input"] = json!(text);
        event
    };
    let mut judge = |events: &[Value]| {
        let before = ledger.violations().len();
        ledger.body(envelope(events).to_string().as_bytes(), LIMITS);
        let sizes = ledger.violations().split_off(before);
        sizes
            .iter()
            .any(|violation| violation.rule == Rule::BatchSize)
    };
    assert!(judge(&(0..101).map(|n| event(n, "")).collect::<Vec<_>>()));
    assert!(judge(&[
        event(0, &"x".repeat(300_000)),
        event(1, &"x".repeat(300_000))
    ]));
    // An event that is too large by itself travels alone.
    assert!(!judge(&[event(0, &"x".repeat(600_000))]));
}

#[test]
fn the_same_again() {
    let body = envelope(&run()).to_string();
    let lost = Verdict {
        stored: true,
        confirmed: false,
    };
    for (verdict, expected) in [(lost, None), (STORED, Some(Rule::Repeated))] {
        let mut ledger = Ledger::default();
        for _ in 0..2 {
            let envelope = ledger.body(body.as_bytes(), LIMITS);
            ledger.settle(&envelope, |_| verdict);
        }
        let found = ledger.violations();
        assert_eq!(found.first().map(|violation| violation.rule), expected);
        assert_eq!(ledger.stored().len(), run().len(), "stored once");
    }
}

#[test]
fn something_else_under_the_same_id() {
    let mut events = run();
    events[4]["raw"]["input"] = json!("changed");
    let (wrong, _) = judge([envelope(&run()).to_string(), envelope(&events).to_string()]);
    let rules: Vec<_> = told(&wrong);
    assert!(rules.contains(&(Rule::Changed, "batch_id")), "{rules:?}");
    assert!(
        rules.contains(&(Rule::Changed, "events[4].event_id")),
        "{rules:?}"
    );
}

#[test]
fn an_event_twice_in_one_envelope() {
    let mut events = run();
    events[5]["event_id"] = events[4]["event_id"].clone();
    let (wrong, _) = judge_events(&events);
    assert!(
        told(&wrong).contains(&(Rule::Changed, "events[5].event_id")),
        "{wrong:#?}"
    );
}
