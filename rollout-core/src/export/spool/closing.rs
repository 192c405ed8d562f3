//! The ends of what a process was at when it was killed.

use std::borrow::Cow;
use std::collections::HashMap;
use std::time::Duration;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::{TraceKey, open};
use crate::clock::Timestamp;
use crate::id::{uuid_v4_from, write_uuid};
use crate::show::Line;

/// What a process has begun, as its events tell it in the order in which they were written.
#[derive(Debug, Default)]
pub(super) struct Unfinished {
    traces: HashMap<String, Trace>,
    /// How many beginnings there were.
    begun: usize,
}

#[derive(Debug, Default)]
struct Trace {
    start: Option<Begun>,
    spans: HashMap<String, Begun>,
    /// The greatest number of its events.
    sequence: u64,
    /// The last that is known of it.
    last: Option<Timestamp>,
}

/// Something that has begun and not ended.
#[derive(Debug)]
struct Begun {
    /// The event that tells of it.
    event: Value,
    /// Its place among all beginnings.
    place: usize,
    streams: bool,
    /// The latest event that may have the text so far.
    preview: Option<Vec<u8>>,
}

/// What is looked at of each event. There may be many, and only a few are open.
#[derive(Deserialize)]
struct Glimpse<'a> {
    #[serde(rename = "event_id")]
    _event_id: IgnoredAny,
    #[serde(borrow)]
    event_type: Cow<'a, str>,
    #[serde(borrow, default)]
    trace_id: Cow<'a, str>,
    #[serde(borrow, default)]
    external_trace_id: Cow<'a, str>,
    #[serde(borrow, default)]
    span_id: Cow<'a, str>,
    #[serde(default)]
    sequence: u64,
    occurred_at: Option<Timestamp>,
}

impl Unfinished {
    /// Takes the next event, and returns of which trace it is; nothing if it is no event.
    pub(super) fn take(&mut self, line: &[u8]) -> Option<TraceKey> {
        let event: Glimpse<'_> = serde_json::from_slice(line).ok()?;
        if event.trace_id.is_empty() {
            return Some(TraceKey(open::hash(Some(&event.external_trace_id))));
        }
        let key = TraceKey(open::hash(Some(&event.trace_id)));
        let span = (!event.span_id.is_empty()).then_some(&*event.span_id);
        let trace = self.traces.entry(event.trace_id.into_owned()).or_default();
        trace.sequence = trace.sequence.max(event.sequence);
        trace.last = trace.last.max(event.occurred_at);
        let begun = || {
            Some(Begun {
                event: serde_json::from_slice(line).ok()?,
                place: self.begun,
                streams: false,
                preview: None,
            })
        };
        match (&*event.event_type, span) {
            ("trace.start", _) => trace.start = begun(),
            ("trace.end", _) => trace.start = None,
            ("span.start" | "tool.call", Some(span)) => {
                let begun = begun()?;
                trace.spans.insert(span.to_owned(), begun);
            }
            ("span.end" | "tool.result", Some(span)) => {
                trace.spans.remove(span);
            }
            (kind, Some(span)) => {
                if let Some(begun) = trace.spans.get_mut(span) {
                    begun.go_on(kind, line);
                }
            }
            (_, None) => {}
        }
        self.begun += 1;
        Some(key)
    }

    /// Returns the ends that are missing, the innermost first. The same ones, with the same ids,
    /// whoever makes them.
    pub(super) fn finish(self) -> Vec<Value> {
        let mut traces: Vec<Trace> = self.traces.into_values().collect();
        traces.retain(|trace| trace.start.is_some() || !trace.spans.is_empty());
        traces.sort_by_key(Trace::place);
        traces.into_iter().flat_map(Trace::finish).collect()
    }
}

impl Begun {
    fn go_on(&mut self, kind: &str, line: &[u8]) {
        match kind {
            "llm.stream_start" => self.streams = true,
            "llm.stream_end" => self.streams = false,
            "span.update" if self.streams => {
                let key = br#""stream_preview":"#;
                if line.windows(key.len()).any(|part| part == key) {
                    self.preview = Some(line.to_owned());
                }
            }
            _ => {}
        }
    }

    /// Returns the text so far, and of how many chunks it is.
    fn text(&self) -> (String, u64) {
        let event = self.preview.as_deref().unwrap_or_default();
        let event: Value = serde_json::from_slice(event).unwrap_or_default();
        let line = Line::new(&event);
        let text = line.object("raw").string("stream_preview");
        let chunks = line.object("attributes").count("chunk_count");
        (text.unwrap_or_default(), chunks.unwrap_or(0))
    }

    fn started(&self) -> Option<Timestamp> {
        Line::new(&self.event).time("started_at")
    }
}

impl Trace {
    fn place(&self) -> Option<usize> {
        let spans = self.spans.values().chain(&self.start);
        spans.map(|begun| begun.place).min()
    }

    fn finish(self) -> Vec<Value> {
        let Self {
            start,
            spans,
            mut sequence,
            last,
        } = self;
        let mut spans: Vec<Begun> = spans.into_values().collect();
        // Those that began last are inside of the others.
        spans.sort_by_key(|begun| std::cmp::Reverse(begun.place));
        let mut ends = Vec::new();
        for begun in spans.into_iter().chain(start) {
            let started = begun.started();
            let at = last.max(started);
            if begun.streams {
                sequence += 1;
                ends.push(timed(stream_end(&begun), sequence, at));
            }
            let mut end = end(&begun);
            if let (Some(started), Some(ended)) = (started, at) {
                set_duration(&mut end, started, ended);
            }
            sequence += 1;
            ends.push(timed(end, sequence, at));
        }
        ends
    }
}

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

fn stream_end(begun: &Begun) -> Map<String, Value> {
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

fn end(begun: &Begun) -> Map<String, Value> {
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
fn timed(mut event: Map<String, Value>, sequence: u64, at: Option<Timestamp>) -> Value {
    event.insert("sequence".into(), sequence.into());
    if let Some(at) = at {
        event.insert("occurred_at".into(), at.to_string().into());
    }
    Value::Object(event)
}

fn set_duration(event: &mut Map<String, Value>, started: Timestamp, ended: Timestamp) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn events(lines: &[Value]) -> Vec<Value> {
        let mut unfinished = Unfinished::default();
        for (index, line) in lines.iter().enumerate() {
            let mut line = line.clone();
            line["sequence"] = json!(index + 1);
            line["trace_id"] = json!("trace_1");
            line["occurred_at"] = json!(format!("2026-01-01T00:00:0{index}Z"));
            line["event_id"] = json!("evt_1");
            unfinished.take(line.to_string().as_bytes()).unwrap();
        }
        unfinished.finish()
    }

    #[test]
    fn what_has_not_ended_is_interrupted_with_the_text_so_far() {
        let lines = [
            json!({"event_type": "trace.start", "name": "agent", "started_at": "2026-01-01T00:00:00Z"}),
            json!({"event_type": "span.start", "span_id": "a", "span_type": "llm", "name": "call",
                "started_at": "2026-01-01T00:00:01Z", "model": {"model": "m"},
                "attributes": {"span_type": "llm"}, "raw": {"input": "q"}}),
            json!({"event_type": "llm.stream_start", "span_id": "a"}),
            json!({"event_type": "span.update", "span_id": "a", "raw": {"stream_preview": "He"},
                "attributes": {"chunk_count": 1}}),
            json!({"event_type": "span.update", "span_id": "a", "raw": {"stream_preview": "Hello"},
                "attributes": {"chunk_count": 3}}),
            json!({"event_type": "tool.call", "span_id": "b", "tool": {"name": "t", "status": "started"}}),
        ];
        let ends = events(&lines);
        let told: Vec<_> = ends
            .iter()
            .map(|end| {
                (
                    end["event_type"].as_str().unwrap(),
                    end["sequence"].as_u64().unwrap(),
                )
            })
            .collect();
        assert_eq!(
            told,
            [
                ("tool.result", 7),
                ("llm.stream_end", 8),
                ("span.end", 9),
                ("trace.end", 10)
            ]
        );
        assert_eq!(
            ends[0]["tool"],
            json!({"name": "t", "status": "interrupted"})
        );
        assert_eq!(ends[1]["raw"]["output"], "Hello");
        assert_eq!(ends[1]["attributes"]["chunk_count"], 3);
        let end = &ends[2];
        assert_eq!(
            (&end["status"], &end["duration_ms"]),
            (&json!("interrupted"), &json!(4000.0))
        );
        assert_eq!(
            (&end["model"]["model"], &end["raw"]),
            (&json!("m"), &Value::Null)
        );
        assert_eq!(
            ends[3]["outcome"],
            json!({"success": false, "status": "interrupted"})
        );
        let ids: std::collections::HashSet<_> =
            ends.iter().map(|end| end["event_id"].to_string()).collect();
        assert_eq!(ids.len(), 4);
        assert_eq!(events(&lines), ends, "the same, whoever makes them");
    }

    #[test]
    fn what_has_ended_is_left_alone() {
        let lines = [
            json!({"event_type": "trace.start"}),
            json!({"event_type": "span.start", "span_id": "a"}),
            json!({"event_type": "span.end", "span_id": "a"}),
            json!({"event_type": "feedback", "name": "f"}),
            json!({"event_type": "trace.end"}),
            json!({"event_type": "feedback", "name": "g"}),
        ];
        assert_eq!(events(&lines), [Value::Null; 0]);
        assert_eq!(events(&lines[..4]).len(), 1);
    }
}
