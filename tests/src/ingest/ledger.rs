//! What a server has been sent so far, and what is wrong with it.

use std::collections::HashMap;
use std::io::Read as _;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::meaning::moment;
use super::violation::{Findings, Rule, Violation};
use super::{json, meaning, order, schema, shape};
use crate::Request;

/// How much may travel together.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) events: usize,
    pub(super) bytes: usize,
}

#[derive(Debug, Default)]
pub(super) struct Ledger {
    findings: Findings,
    batches: HashMap<String, String>,
    events: HashMap<String, Known>,
    /// Events that were stored, each once, as they came.
    stored: Vec<Value>,
}

/// An event that was seen before.
#[derive(Debug)]
struct Known {
    text: String,
    stored: bool,
    /// Whether the client was told that it is stored.
    confirmed: bool,
}

/// The events of an envelope, as they were written.
pub(super) type Envelope = Vec<String>;

/// What a server makes of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Verdict {
    pub(super) stored: bool,
    pub(super) confirmed: bool,
}

impl Ledger {
    /// Takes a request, and returns its envelope.
    pub(super) fn request(&mut self, request: &Request, key: &str, limits: Limits) -> Envelope {
        self.findings.about(None);
        let target = format!("{} {}", request.method, request.path);
        if target != "POST /v1/events:batch" {
            self.findings.add(Rule::Target, "request", target);
        }
        let expected = [
            ("authorization", format!("Bearer {key}")),
            ("accept", "application/json".into()),
            ("content-type", "application/json".into()),
            ("content-encoding", "gzip".into()),
        ];
        for (name, expected) in expected {
            let found: Vec<_> = request.headers.get_all(name).iter().collect();
            if found != [expected.as_str()] {
                // Not what was found: it may be a real key.
                self.findings
                    .add(Rule::Header, name, format!("expected once, `{expected}`"));
            }
        }
        if request
            .header("user-agent")
            .is_none_or(|agent| !agent.contains('/'))
        {
            self.findings
                .add(Rule::Header, "user-agent", "does not say which SDK it is");
        }
        match unzip(&request.body) {
            Ok(body) => self.body(&body, limits),
            Err(problem) => {
                self.findings.add(Rule::Gzip, "body", problem);
                Vec::new()
            }
        }
    }

    /// Takes a body.
    pub(super) fn body(&mut self, body: &[u8], limits: Limits) -> Envelope {
        self.findings.about(None);
        let Ok(text) = std::str::from_utf8(body) else {
            self.findings.add(Rule::Json, "body", "no UTF-8");
            return Vec::new();
        };
        // Event by event, so that one that nobody can read is found.
        let parts: HashMap<String, &RawValue> = match serde_json::from_str(text) {
            Ok(parts) => parts,
            Err(error) => {
                self.findings.add(Rule::Json, "body", error.to_string());
                return Vec::new();
            }
        };
        let mut twice = Vec::new();
        let _ = json::read(text, &mut twice);
        for key in twice.iter().filter(|path| !path.contains(['.', '['])) {
            self.findings.add(Rule::DuplicateKey, key, "twice");
        }
        let events = parts.get("events").map_or("[]", |events| events.get());
        let mut head: Map<String, Value> = Map::new();
        for (key, part) in &parts {
            let value = if key == "events" {
                Value::Null
            } else {
                self.read(part.get(), key)
            };
            head.insert(key.clone(), value);
        }
        shape::check_object(&head, schema::ENVELOPE, "", &mut self.findings);
        let events: Vec<&RawValue> = match serde_json::from_str(events) {
            Ok(events) => events,
            Err(error) => {
                self.findings.add(Rule::Type, "events", error.to_string());
                return Vec::new();
            }
        };
        self.sizes(&events, limits);
        self.same_batch(&head, &events);
        let sent_at = head.get("sent_at").and_then(Value::as_str).and_then(moment);
        let mut last = HashMap::new();
        for (index, event) in events.iter().enumerate() {
            let (text, path) = (event.get(), format!("events[{index}]"));
            self.findings.about(Some(text));
            let value = self.read(text, &path);
            let Value::Object(event) = &value else {
                continue;
            };
            shape::check_object(event, schema::EVENT, &path, &mut self.findings);
            meaning::check(event, &path, &mut self.findings);
            self.in_order(event, &mut last, &path);
            let occurred = meaning::text(event, "occurred_at").and_then(moment);
            if let (Some(sent), Some(occurred)) = (sent_at, occurred)
                && sent < occurred
            {
                let path = format!("{path}.occurred_at");
                self.findings
                    .add(Rule::Backwards, path, "after the envelope was sent");
            }
            self.same_event(event, text, &path);
        }
        events.iter().map(|event| event.get().to_owned()).collect()
    }

    /// Says what became of an envelope's events, in their order.
    pub(super) fn settle(&mut self, envelope: &Envelope, verdict: impl Fn(usize) -> Verdict) {
        for (index, text) in envelope.iter().enumerate() {
            let event: Value = serde_json::from_str(text).unwrap_or_default();
            let Some(id) = event["event_id"].as_str() else {
                continue;
            };
            let Some(known) = self.events.get_mut(id) else {
                continue;
            };
            let verdict = verdict(index);
            known.confirmed |= verdict.confirmed;
            if verdict.stored && !known.stored {
                known.stored = true;
                self.stored.push(event);
            }
        }
    }

    pub(super) fn stored(&self) -> &[Value] {
        &self.stored
    }

    /// Returns what is wrong so far.
    pub(super) fn violations(&self) -> Vec<Violation> {
        let mut violations = self.findings.violations.clone();
        violations.extend(order::check(&self.stored).0);
        violations
    }

    /// Returns what would be wrong if nothing more came.
    pub(super) fn missing(&self) -> Vec<Violation> {
        order::check(&self.stored).1
    }

    fn read(&mut self, text: &str, path: &str) -> Value {
        let mut twice = Vec::new();
        let value = json::read(text, &mut twice);
        // What the program and the provider say is theirs: only the protocol's own objects count.
        let own = |key: &&String| !key.contains('[') && key.matches('.').count() <= 1;
        for key in twice.iter().filter(own) {
            self.findings
                .add(Rule::DuplicateKey, format!("{path}.{key}"), "twice");
        }
        value.unwrap_or_else(|error| {
            self.findings.add(Rule::Json, path, error.to_string());
            Value::Null
        })
    }

    fn sizes(&mut self, events: &[&RawValue], limits: Limits) {
        let bytes: usize = events.iter().map(|event| event.get().len()).sum();
        let problem = if events.is_empty() {
            Some("no events".to_owned())
        } else if events.len() > limits.events {
            Some(format!(
                "{} events, at most {}",
                events.len(),
                limits.events
            ))
        } else if events.len() > 1 && bytes > limits.bytes {
            Some(format!("{bytes} bytes of events, at most {}", limits.bytes))
        } else {
            None
        };
        if let Some(problem) = problem {
            self.findings.add(Rule::BatchSize, "events", problem);
        }
    }

    /// A batch that is sent again is the same, to the last byte.
    fn same_batch(&mut self, head: &Map<String, Value>, events: &[&RawValue]) {
        let Some(id) = head.get("batch_id").and_then(Value::as_str) else {
            return;
        };
        let mut text = Value::Object(head.clone()).to_string();
        for event in events {
            text.push_str(event.get());
        }
        match self.batches.get(id) {
            Some(before) if *before != text => {
                self.findings
                    .add(Rule::Changed, "batch_id", "another batch had it");
            }
            Some(_) => {}
            None => {
                self.batches.insert(id.to_owned(), text);
            }
        }
    }

    /// So is an event, and one that is known to be stored is not sent again.
    fn same_event(&mut self, event: &Map<String, Value>, text: &str, path: &str) {
        let Some(id) = meaning::text(event, "event_id") else {
            return;
        };
        let path = format!("{path}.event_id");
        match self.events.get(id) {
            Some(known) if known.text != text => {
                self.findings
                    .add(Rule::Changed, path, "another event had it");
            }
            Some(known) if known.confirmed => {
                self.findings
                    .add(Rule::Repeated, path, "it is stored, and the client knows");
            }
            Some(_) => {}
            None => {
                let text = text.to_owned();
                let known = Known {
                    text,
                    stored: false,
                    confirmed: false,
                };
                self.events.insert(id.to_owned(), known);
            }
        }
    }

    /// Within an envelope the events of a trace are in order; envelopes may overtake each other.
    fn in_order(
        &mut self,
        event: &Map<String, Value>,
        last: &mut HashMap<String, u64>,
        path: &str,
    ) {
        let trace = meaning::text(event, "trace_id");
        let sequence = event.get("sequence").and_then(Value::as_u64);
        let kind = meaning::text(event, "event_type").unwrap_or_default();
        let (Some(trace), Some(sequence)) = (trace, sequence) else {
            return;
        };
        if order::FROM_OUTSIDE.contains(&kind) {
            return;
        }
        let before = last.insert(trace.to_owned(), sequence);
        if before.is_some_and(|before| before >= sequence) {
            let detail = format!("{sequence} after {before:?}");
            self.findings
                .add(Rule::Sequence, format!("{path}.sequence"), detail);
        }
    }
}

/// Returns what was compressed.
pub(super) fn unzip(body: &[u8]) -> Result<Vec<u8>, String> {
    let mut decoder = flate2::bufread::GzDecoder::new(body);
    let mut plain = Vec::new();
    decoder
        .read_to_end(&mut plain)
        .map_err(|error| error.to_string())?;
    match decoder.into_inner() {
        [] => Ok(plain),
        rest => Err(format!("{} bytes after the first member", rest.len())),
    }
}
