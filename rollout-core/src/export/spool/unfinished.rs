//! What a process was at when it was killed: begun, and not ended.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::closing::{end, set_duration, stream_end, timed};
use super::{TraceKey, open};
use crate::clock::Timestamp;
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
pub(super) struct Begun {
    /// The event that tells of it.
    pub(super) event: Value,
    /// Its place among all beginnings.
    place: usize,
    pub(super) streams: bool,
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
    /// Takes the next event, and whether what it begins is known to have ended. Returns of which trace
    /// it is; nothing if it is no event.
    pub(super) fn take(&mut self, line: &[u8], has_ended: bool) -> Option<TraceKey> {
        // As a text, as bytes that are none would spoil all that they travel with, and what is skipped in
        // here is not looked at.
        let line_text = std::str::from_utf8(line).ok()?;
        let event: Glimpse<'_> = serde_json::from_str(line_text).ok()?;
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
            ("trace.start" | "span.start" | "tool.call", _) if has_ended => {}
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
            "llm.stream_end" => (self.streams, self.preview) = (false, None),
            "span.update" => {
                let key = br#""stream_preview":"#;
                if line.windows(key.len()).any(|part| part == key) {
                    self.preview = Some(line.to_owned());
                }
            }
            _ => {}
        }
    }

    /// Returns the text so far, and of how many chunks it is.
    pub(super) fn text(&self) -> (String, u64) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn bytes_that_are_no_text_are_no_event_wherever_they_are() {
        let mut unfinished = Unfinished::default();
        let line = br#"{"event_id":"evt_?","event_type":"metric","trace_id":"t","other":"?"}"#;
        assert!(unfinished.take(line, false).is_some());
        for (at, _) in line.iter().enumerate().filter(|(_, byte)| **byte == b'?') {
            let mut damaged = line.to_vec();
            damaged[at] = 0x80;
            assert_eq!(unfinished.take(&damaged, false), None);
        }
    }

    fn events(lines: &[Value]) -> Vec<Value> {
        let mut unfinished = Unfinished::default();
        for (index, line) in lines.iter().enumerate() {
            let mut line = line.clone();
            line["sequence"] = json!(index + 1);
            line["trace_id"] = json!("trace_1");
            line["occurred_at"] = json!(format!("2026-01-01T00:00:0{index}Z"));
            line["event_id"] = json!("evt_1");
            unfinished.take(line.to_string().as_bytes(), false).unwrap();
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
    fn pieces_of_a_step_that_is_no_stream_are_its_output() {
        let piece = |span: &str, text: &str| json!({"event_type": "span.update", "span_id": span, "raw": {"stream_preview": text}});
        let ends = events(&[
            json!({"event_type": "trace.start"}),
            json!({"event_type": "span.start", "span_id": "a"}),
            piece("a", "half a"),
            json!({"event_type": "tool.call", "span_id": "b"}),
            piece("b", "half b"),
            json!({"event_type": "span.start", "span_id": "c"}),
            json!({"event_type": "llm.stream_start", "span_id": "c"}),
            piece("c", "all of c"),
            json!({"event_type": "llm.stream_end", "span_id": "c"}),
        ]);
        let raw: Vec<_> = ends.iter().map(|end| end["raw"].clone()).collect();
        let [of_stream, of_tool, of_span, of_trace] = raw.try_into().unwrap();
        assert_eq!(of_tool, json!({"result": "half b"}));
        assert_eq!(of_span, json!({"output": "half a"}));
        // The end of the stream has it already.
        assert_eq!((of_stream, of_trace), (Value::Null, Value::Null));
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
