//! The ends of what a process was at when it was killed, as events.

use std::time::Duration;

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::unfinished::Begun;
use crate::clock::Timestamp;
use crate::id::{uuid_v4_from, write_uuid};
use crate::show::Line;

/// What an end says as well as the beginning.
const SHARED: [&str; 14] = [
    "schema_version",
    "trace_id",
    "external_trace_id",
    "span_id",
    "parent_span_id",
    "span_type",
    "name",
    "attributes",
    "agent",
    "model",
    "tool",
    "context",
    "integration",
    "links",
];

fn shared(begun: &Begun, kind: &str) -> Map<String, Value> {
    let known = SHARED.iter().filter_map(|key| {
        let value = begun.event.get(*key)?;
        Some(((*key).to_owned(), value.clone()))
    });
    let mut event: Map<String, Value> = known.collect();
    event.insert("event_type".into(), kind.into());
    event.insert("event_id".into(), event_id(&event).into());
    event
}

/// Returns the end of a stream, with the text so far.
pub(super) fn stream_end(begun: &Begun) -> Map<String, Value> {
    let mut event = shared(begun, "llm.stream_end");
    event.remove("model");
    let (text, chunks) = begun.text();
    let characters = text.chars().count();
    set_attributes(
        &mut event,
        [
            ("chunk_count", chunks.into()),
            ("preview_chars", characters.into()),
        ],
    );
    if !text.is_empty() {
        let raw = json!({"output": text, "stream_preview": text});
        event.insert("raw".into(), raw);
    }
    event
}

/// Returns the end of a trace, a span or a tool.
pub(super) fn end(begun: &Begun) -> Map<String, Value> {
    let kind = match Line::new(&begun.event).text("event_type") {
        Some("tool.call") => "tool.result",
        Some("trace.start") => "trace.end",
        _ => "span.end",
    };
    let mut event = shared(begun, kind);
    event.insert("status".into(), STATUS.into());
    let outcome = json!({"success": false, "status": STATUS});
    event.insert("outcome".into(), outcome);
    if let Some(Value::Object(tool)) = event.get_mut("tool") {
        tool.insert("status".into(), STATUS.into());
    }
    set_attributes(&mut event, [("rollout.process.gone", true.into())]);
    if begun.streams {
        set_attributes(&mut event, [("rollout.stream.complete", false.into())]);
    } else {
        // Of a step that is no stream of a model's its own end has the pieces that came.
        let (text, _) = begun.text();
        let output = if kind == "tool.result" {
            "result"
        } else {
            "output"
        };
        if !text.is_empty() {
            event.insert("raw".into(), json!({ output: text }));
        }
    }
    event
}

const STATUS: &str = "interrupted";

fn set_attributes<const N: usize>(event: &mut Map<String, Value>, more: [(&str, Value); N]) {
    let attributes = event.entry("attributes").or_insert_with(|| json!({}));
    if let Value::Object(attributes) = attributes {
        attributes.extend(more.map(|(key, value)| (key.to_owned(), value)));
    }
}

/// Sets when it happened: at the last that is known of the trace.
pub(super) fn timed(mut event: Map<String, Value>, sequence: u64, at: Option<Timestamp>) -> Value {
    event.insert("sequence".into(), sequence.into());
    if let Some(at) = at {
        event.insert("occurred_at".into(), at.to_string().into());
    }
    Value::Object(event)
}

pub(super) fn set_duration(event: &mut Map<String, Value>, started: Timestamp, ended: Timestamp) {
    event.insert("started_at".into(), started.to_string().into());
    event.insert("ended_at".into(), ended.to_string().into());
    let nanos = ended.unix_nanos().saturating_sub(started.unix_nanos());
    let millis = Duration::from_nanos(nanos).as_secs_f64() * 1e3;
    event.insert("duration_ms".into(), json!(millis));
}

/// Returns the id that this end has, whoever makes it.
fn event_id(event: &Map<String, Value>) -> String {
    let mut digest = Sha256::new();
    for key in ["trace_id", "span_id", "event_type"] {
        digest.update(event.get(key).and_then(Value::as_str).unwrap_or("-"));
        digest.update([0]);
    }
    let mut bytes = [0; 16];
    for (byte, digit) in bytes.iter_mut().zip(digest.finalize()) {
        *byte = digit;
    }
    let mut id = String::from("evt_");
    // There is always room in a text.
    let _ = write_uuid(&mut id, uuid_v4_from(u128::from_be_bytes(bytes)));
    id
}
