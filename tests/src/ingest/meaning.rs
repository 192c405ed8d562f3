//! What each type of event has to say, and that it does not contradict itself.

use std::time::{Duration, SystemTime};

use humantime::parse_rfc3339;
use serde_json::{Map, Value};

use super::violation::{Findings, Rule};

/// How far the wall clock may be from the monotonic one over a single span.
const CLOCK_SLACK: Duration = Duration::from_millis(20);

/// Keys that events of a type have to have.
fn required(kind: &str) -> &'static [&'static str] {
    match kind {
        "trace.start" => &["trace_id", "sequence", "name", "started_at"],
        "trace.end" => &[
            "trace_id",
            "sequence",
            "name",
            "started_at",
            "ended_at",
            "duration_ms",
            "status",
            "outcome.success",
            "outcome.status",
        ],
        "span.start" | "llm.stream_start" => &[
            "span_id",
            "sequence",
            "span_type",
            "name",
            "started_at",
            "attributes.span_type",
        ],
        "span.update" => &["span_id", "sequence", "span_type", "name"],
        "span.end" => &[
            "span_id",
            "sequence",
            "span_type",
            "name",
            "started_at",
            "ended_at",
            "duration_ms",
            "status",
            "outcome.success",
            "outcome.status",
            "attributes.span_type",
        ],
        "llm.stream_chunk" => &["span_id", "sequence", "attributes.chunk_index", "raw.chunk"],
        "llm.stream_end" => &[
            "span_id",
            "sequence",
            "span_type",
            "name",
            "attributes.chunk_count",
        ],
        "tool.call" => &[
            "sequence",
            "span_type",
            "name",
            "started_at",
            "tool.name",
            "tool.tool_call_id",
            "tool.status",
        ],
        "tool.result" => &[
            "sequence",
            "span_type",
            "name",
            "started_at",
            "ended_at",
            "duration_ms",
            "status",
            "outcome.success",
            "outcome.status",
            "tool.name",
            "tool.tool_call_id",
            "tool.status",
        ],
        "message" => &["message.role"],
        "feedback" | "user.signal" => &["name", "attributes.value"],
        "identity.update" => &["context.user_id"],
        _ => &[],
    }
}

/// Keys that do not belong in events of a type, where they say something.
fn misplaced(kind: &str) -> &'static [&'static str] {
    match kind {
        // A trace is in no span, wherever it began.
        "trace.start" | "trace.end" => &["span_id", "parent_span_id", "span_type", "model", "tool"],
        "span.start" | "llm.stream_start" => &[
            "ended_at",
            "duration_ms",
            "status",
            "outcome",
            "error",
            "usage",
            "tool",
            "raw.output",
        ],
        "span.update" => &[
            "model",
            "started_at",
            "ended_at",
            "duration_ms",
            "status",
            "outcome",
            "error",
            "tool",
        ],
        "span.end" => &["tool", "raw.input", "raw.chunk"],
        "llm.stream_chunk" => &["model", "status", "outcome", "error", "raw.output"],
        "llm.stream_end" => &["model", "tool", "raw.input", "raw.chunk"],
        "tool.call" => &[
            "ended_at",
            "duration_ms",
            "status",
            "outcome",
            "error",
            "raw.result",
            "raw.output",
        ],
        "tool.result" => &["raw.input", "raw.output"],
        _ => &[],
    }
}

/// Checks one event by itself.
pub(super) fn check(event: &Map<String, Value>, path: &str, findings: &mut Findings) {
    let kind = text(event, "event_type").unwrap_or_default();
    if ["trace_id", "external_trace_id"]
        .iter()
        .all(|key| text(event, key).unwrap_or_default().is_empty())
    {
        findings.add(
            Rule::NoTrace,
            path,
            "neither trace_id nor external_trace_id",
        );
    }
    for key in required(kind) {
        if find(event, key).is_none() {
            let detail = format!("a {kind} has it");
            findings.add(Rule::Missing, format!("{path}.{key}"), detail);
        }
    }
    for key in misplaced(kind) {
        if find(event, key).is_some_and(|value| !is_empty(value)) {
            let detail = format!("a {kind} does not have it");
            findings.add(Rule::Misplaced, format!("{path}.{key}"), detail);
        }
    }
    outcome(event, path, findings);
    times(event, path, findings);
    if kind == "span.update"
        && ["raw", "usage"]
            .iter()
            .all(|key| find(event, key).is_none_or(is_empty))
    {
        findings.add(
            Rule::Missing,
            format!("{path}.raw"),
            "an update brings something",
        );
    }
    let spoken = find(event, "attributes.span_type").and_then(Value::as_str);
    // As an attribute it is as long as it is.
    let spoken = spoken.map(|spoken| spoken.chars().take(80).collect::<String>());
    if spoken.is_some_and(|spoken| text(event, "span_type") != Some(&spoken)) {
        findings.add(
            Rule::Contradiction,
            format!("{path}.attributes.span_type"),
            "not the span's",
        );
    }
    let parent = text(event, "parent_span_id");
    if parent.is_some() && parent == text(event, "span_id") {
        findings.add(
            Rule::Parent,
            format!("{path}.parent_span_id"),
            "the span itself",
        );
    }
}

fn outcome(event: &Map<String, Value>, path: &str, findings: &mut Findings) {
    let status = text(event, "status");
    let says = |key| find(event, key);
    let mut contradicts = |key: &str, detail: String| {
        findings.add(Rule::Contradiction, format!("{path}.{key}"), detail);
    };
    if let (Some(status), Some(outcome)) = (status, says("outcome.status"))
        && outcome != status
    {
        contradicts(
            "outcome.status",
            format!("{outcome}, but the status is {status}"),
        );
    }
    if let (Some(status), Some(success)) = (status, says("outcome.success"))
        && *success != (status == "ok")
    {
        contradicts(
            "outcome.success",
            format!("{success}, but the status is {status}"),
        );
    }
    let failed = says("error").is_some_and(|error| !is_empty(error));
    match status {
        Some("error") if !failed => contradicts("error", "an error, but not which".into()),
        Some("error") | None => {}
        Some(status) if failed => contradicts("error", format!("the status is {status}")),
        Some(_) => {}
    }
    let kind = text(event, "event_type");
    let expected = match kind {
        Some("tool.call") => Some("started"),
        Some("tool.result") => status,
        _ => None,
    };
    let tool = says("tool.status").and_then(Value::as_str);
    if let (Some(expected), Some(tool)) = (expected, tool)
        && expected != tool
    {
        contradicts("tool.status", format!("{tool}, expected {expected}"));
    }
}

fn times(event: &Map<String, Value>, path: &str, findings: &mut Findings) {
    let [started, ended, occurred] =
        ["started_at", "ended_at", "occurred_at"].map(|key| text(event, key).and_then(moment));
    if let (Some(started), Some(occurred)) = (started, occurred)
        && occurred + CLOCK_SLACK < started
    {
        findings.add(
            Rule::Backwards,
            format!("{path}.occurred_at"),
            "before it started",
        );
    }
    let (Some(started), Some(ended)) = (started, ended) else {
        return;
    };
    let Ok(took) = ended.duration_since(started) else {
        return findings.add(
            Rule::Backwards,
            format!("{path}.ended_at"),
            "before it started",
        );
    };
    let said = find(event, "duration_ms").and_then(Value::as_f64);
    if said.is_some_and(|said| (said / 1e3 - took.as_secs_f64()).abs() > CLOCK_SLACK.as_secs_f64())
    {
        let detail = format!("but from start to end it is {took:?}");
        findings.add(Rule::Contradiction, format!("{path}.duration_ms"), detail);
    }
}

pub(super) fn moment(text: &str) -> Option<SystemTime> {
    parse_rfc3339(text).ok()
}

pub(super) fn text<'a>(event: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    event.get(key)?.as_str()
}

/// Returns what is at `key`, or inside an object at `key.key`.
pub(super) fn find<'a>(event: &'a Map<String, Value>, key: &str) -> Option<&'a Value> {
    match key.split_once('.') {
        Some((outer, inner)) => event.get(outer)?.get(inner),
        None => event.get(key),
    }
}

fn is_empty(value: &Value) -> bool {
    value.as_object().is_some_and(Map::is_empty)
}
