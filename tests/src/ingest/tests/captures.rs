//! Captures of what the Python SDK sends: they have to pass, but where it breaks its own protocol.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value;

use super::LIMITS;
use crate::ingest::Rule::{
    self, AfterEnd, Gap, LeftOpen, Misplaced, Missing, NotStarted, Sequence,
};
use crate::ingest::ledger::{Ledger, Verdict};

/// Where the captures are.
const VARIABLE: &str = "ROLLOUT_WIRE_EXAMPLES";

/// A capture, and the rules that it breaks.
type Broken = (&'static str, &'static [Rule]);

/// Captures that break rules, by the reason why they do.
const BROKEN: &[(&str, &[Broken])] = &[
    (
        "events that the script of the capture loses",
        &[
            ("02-check-failures", &[Gap]),
            ("71-before-send-and-scrubber", &[Gap]),
            ("84-oversized-event", &[Gap]),
            ("91-ingest-partial-rejection", &[Gap]),
        ],
    ),
    (
        "a trace that begins in a span has that span's id",
        &[("11-agent-inside-agent", &[Misplaced])],
    ),
    (
        "streams outside a trace are numbered by the client, and not in their trace",
        &[
            ("31-openai-chat-stream-implicit", &[NotStarted, Sequence]),
            (
                "34-openai-responses-stream-implicit",
                &[NotStarted, Sequence],
            ),
            ("36-anthropic-stream-implicit", &[NotStarted, Sequence]),
            ("38-stream-tool-call-deltas", &[NotStarted, Sequence, Gap]),
            (
                "39-stream-reasoning-and-refusal",
                &[NotStarted, Sequence, Gap],
            ),
            ("44-stream-helpers", &[NotStarted, Sequence, Gap]),
            ("54-stream-http-400", &[NotStarted, Sequence]),
            ("55-stream-aborted-midway", &[NotStarted, Sequence, Gap]),
            ("56-stream-error-event", &[NotStarted, Sequence, Gap]),
            ("58-stream-closed-by-consumer", &[NotStarted, Sequence, Gap]),
            ("62-capture-off-stream", &[NotStarted, Sequence]),
        ],
    ),
    (
        "the same, and streams that are dropped never end",
        &[
            (
                "57-stream-dropped-by-consumer",
                &[NotStarted, Sequence, LeftOpen],
            ),
            (
                "59-stream-async-dropped-and-cancelled",
                &[NotStarted, Sequence, LeftOpen],
            ),
        ],
    ),
    (
        "streams go on after the end of their trace",
        &[(
            "60-stream-consumed-after-the-agent",
            &[NotStarted, Sequence, AfterEnd],
        )],
    ),
    (
        "the processor for another SDK leaves out most of what an event says",
        &[("98-openai-agents-processor", &[Missing])],
    ),
];

#[test]
fn captures_pass_where_the_reference_keeps_its_protocol() {
    let Some(folder) = std::env::var_os(VARIABLE).map(PathBuf::from) else {
        eprintln!("skipped: set {VARIABLE} to the folder of the captures");
        return;
    };
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    files.retain(|file| {
        file.extension()
            .is_some_and(|extension| extension == "json")
    });
    files.sort();
    assert!(
        files.len() > 50,
        "{} captures in {}",
        files.len(),
        folder.display()
    );
    let mut found = BTreeMap::new();
    for file in files {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        let capture = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let rules = judge(&capture);
        if !rules.is_empty() {
            found.insert(name, rules);
        }
    }
    let expected = BROKEN.iter().flat_map(|(_, captures)| *captures);
    let mut expected: BTreeMap<String, BTreeSet<Rule>> = expected
        .map(|(name, rules)| ((*name).to_owned(), rules.iter().copied().collect()))
        .collect();
    // Only what is different is worth a look.
    expected.retain(|name, rules| match found.get(name) {
        Some(same) if same == rules => found.remove(name).is_none(),
        _ => true,
    });
    assert_eq!(found, expected, "found, expected");
}

/// Returns the rules that a capture breaks.
fn judge(capture: &Value) -> BTreeSet<Rule> {
    let mut ledger = Ledger::default();
    for request in capture["requests"].as_array().unwrap() {
        let envelope = ledger.body(request["batch"].to_string().as_bytes(), LIMITS);
        let status = request["status"].as_u64().unwrap_or_default();
        let stored = (200..300).contains(&status);
        let confirmed = stored && request["mode"] != "truncate";
        let refused: Vec<_> = request["response"]["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|error| error["index"].as_u64())
            .collect();
        ledger.settle(&envelope, |index| {
            let refused = refused.contains(&(index as u64));
            Verdict {
                stored: stored && !refused,
                confirmed: confirmed && !refused,
            }
        });
    }
    let all = [ledger.violations(), ledger.missing()].concat();
    all.iter().map(|violation| violation.rule).collect()
}
