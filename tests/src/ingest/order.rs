//! What the events of a trace say together, in the order of their numbers.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Map, Value};

use super::meaning::{find, text};
use super::violation::{Findings, Rule, Violation};

/// Anybody may say something about a trace at any time, also from another process: such events have
/// no place in its order.
pub(super) const FROM_OUTSIDE: [&str; 3] = ["feedback", "user.signal", "identity.update"];

/// What begins and ends.
#[derive(Debug, Default)]
struct Life<'a> {
    start: Option<&'a Map<String, Value>>,
    ended: bool,
}

/// What is known of a trace while its events pass.
#[derive(Debug, Default)]
struct Trace<'a> {
    own: Life<'a>,
    /// Whether its end said that there are spans that outlive it.
    goes_on: bool,
    spans: HashMap<&'a str, Life<'a>>,
    streams: HashMap<&'a str, Life<'a>>,
    tools: HashMap<(Option<&'a str>, &'a str), Life<'a>>,
}

/// Returns what is wrong with the order of events, and what has not come yet: ends, and numbers that
/// were left out.
pub(super) fn check(events: &[Value]) -> (Vec<Violation>, Vec<Violation>) {
    let mut traces: BTreeMap<&str, Vec<(u64, &Value)>> = BTreeMap::new();
    let mut outside = HashSet::new();
    for event in events {
        let key = event["trace_id"]
            .as_str()
            .or(event["external_trace_id"].as_str());
        let kind = event["event_type"].as_str().unwrap_or_default();
        let (Some(key), Some(sequence)) = (key, event["sequence"].as_u64()) else {
            continue;
        };
        if FROM_OUTSIDE.contains(&kind) {
            outside.insert((key, sequence));
        } else {
            traces.entry(key).or_default().push((sequence, event));
        }
    }
    let (mut wrong, mut missing) = (Findings::default(), Findings::default());
    for (id, mut events) in traces {
        events.sort_by_key(|(sequence, _)| *sequence);
        let mut trace = Trace::default();
        let mut expected = 1;
        for (sequence, event) in events {
            wrong.about(Some(&event.to_string()));
            if sequence < expected {
                wrong.add(
                    Rule::Sequence,
                    path(id, sequence),
                    "there are two of this number",
                );
            } else {
                let gone = (expected..sequence).filter(|number| !outside.contains(&(id, *number)));
                match gone.count() {
                    0 => {}
                    gone => missing.add(
                        Rule::Gap,
                        path(id, sequence),
                        format!("{gone} events are missing before this one"),
                    ),
                }
            }
            expected = sequence + 1;
            if let Some(event) = event.as_object() {
                trace.follow(event, &path(id, sequence), &mut wrong);
            }
        }
        trace.left_open(id, &mut missing);
    }
    (wrong.violations, missing.violations)
}

fn path(trace: &str, sequence: u64) -> String {
    format!("{trace}#{sequence}")
}

impl<'a> Trace<'a> {
    fn follow(&mut self, event: &'a Map<String, Value>, path: &str, findings: &mut Findings) {
        let kind = text(event, "event_type").unwrap_or_default();
        let span = text(event, "span_id");
        let is_open = |span| {
            let life: Option<&Life<'_>> = self.spans.get(span);
            life.is_some_and(|life| life.start.is_some() && !life.ended)
        };
        if self.own.ended && !(self.goes_on && span.is_some_and(is_open)) {
            findings.add(
                Rule::AfterEnd,
                path,
                format!("a {kind} after the end of the trace"),
            );
        }
        // A program may say something by hand about a trace that began elsewhere.
        let by_hand = !["trace.", "span.", "llm.stream_", "tool."]
            .iter()
            .any(|own| kind.starts_with(own));
        if self.own.start.is_none() && kind != "trace.start" && !by_hand {
            findings.add(
                Rule::NotStarted,
                path,
                format!("a {kind} before the start of the trace"),
            );
        }
        if let Some(parent) = text(event, "parent_span_id")
            && !self.spans.contains_key(parent)
        {
            findings.add(
                Rule::Parent,
                format!("{path}.parent_span_id"),
                format!("no span {parent} in the trace"),
            );
        }
        match (kind, span) {
            ("trace.start", _) => self.own.start(event, path, findings),
            ("trace.end", _) => {
                let left = find(event, "attributes.rollout.open_spans");
                self.goes_on = left.is_some_and(|left| left.as_u64() > Some(0));
                self.own.end(event, path, findings);
            }
            ("span.start", Some(span)) => self
                .spans
                .entry(span)
                .or_default()
                .start(event, path, findings),
            ("span.end", Some(span)) => {
                self.spans
                    .entry(span)
                    .or_default()
                    .end(event, path, findings);
                if let Some(stream) = self.streams.get(span)
                    && !stream.ended
                {
                    findings.add(Rule::LeftOpen, path, "the span ended before its stream");
                }
            }
            ("llm.stream_start", Some(span)) => {
                self.spans
                    .entry(span)
                    .or_default()
                    .goes_on(event, path, findings);
                self.streams
                    .entry(span)
                    .or_default()
                    .start(event, path, findings);
            }
            ("llm.stream_chunk", Some(span)) => {
                self.streams
                    .entry(span)
                    .or_default()
                    .goes_on(event, path, findings);
            }
            ("llm.stream_end", Some(span)) => {
                self.streams
                    .entry(span)
                    .or_default()
                    .end(event, path, findings);
            }
            ("tool.call" | "tool.result", span) => self.tool(event, kind, span, path, findings),
            (_, Some(span)) => self
                .spans
                .entry(span)
                .or_default()
                .goes_on(event, path, findings),
            (_, None) => {}
        }
    }

    /// A tool's own span, if it has one, lives from its call to its result.
    fn tool(
        &mut self,
        event: &'a Map<String, Value>,
        kind: &str,
        span: Option<&'a str>,
        path: &str,
        findings: &mut Findings,
    ) {
        let Some(id) = find(event, "tool.tool_call_id").and_then(Value::as_str) else {
            return;
        };
        let around = span.is_some_and(|span| {
            self.spans.get(span).is_some_and(|life| {
                life.start
                    .is_some_and(|start| text(start, "event_type") == Some("span.start"))
            })
        });
        let tool = self.tools.entry((span, id)).or_default();
        if kind == "tool.call" {
            tool.start(event, path, findings);
        } else {
            tool.end(event, path, findings);
        }
        if let (Some(span), false) = (span, around) {
            let own = self.spans.entry(span).or_default();
            own.start = own.start.or(Some(event));
            own.ended = kind == "tool.result";
        }
    }

    fn left_open(&self, id: &str, findings: &mut Findings) {
        let mut open = |what: String, life: &Life<'_>| {
            if let (Some(start), false) = (life.start, life.ended) {
                findings.about(Some(&Value::Object(start.clone()).to_string()));
                findings.add(Rule::LeftOpen, id, what);
            }
        };
        open("the trace".into(), &self.own);
        for (span, life) in &self.spans {
            open(format!("the span {span}"), life);
        }
        for (span, life) in &self.streams {
            open(format!("the stream of the span {span}"), life);
        }
        for ((_, tool), life) in &self.tools {
            open(format!("the tool call {tool}"), life);
        }
    }
}

impl<'a> Life<'a> {
    fn start(&mut self, event: &'a Map<String, Value>, path: &str, findings: &mut Findings) {
        if self.start.is_some() {
            findings.add(Rule::StartedTwice, path, "it began before");
        }
        self.start.get_or_insert(event);
    }

    fn goes_on(&self, event: &Map<String, Value>, path: &str, findings: &mut Findings) {
        if self.start.is_none() {
            findings.add(Rule::NotStarted, path, "what it tells of never began");
        }
        if self.ended {
            findings.add(Rule::AfterEnd, path, "what it tells of has ended");
        }
        self.agrees(
            event,
            &["span_type", "name", "parent_span_id"],
            path,
            findings,
        );
    }

    fn end(&mut self, event: &Map<String, Value>, path: &str, findings: &mut Findings) {
        if self.start.is_none() {
            findings.add(Rule::NotStarted, path, "what ends never began");
        }
        if self.ended {
            findings.add(Rule::EndedTwice, path, "it ended before");
        }
        self.ended = true;
        let keys = ["span_type", "name", "parent_span_id", "external_trace_id"];
        self.agrees(event, &keys, path, findings);
        // The end of a stream does not say when it began.
        if event.contains_key("started_at") {
            self.agrees(event, &["started_at"], path, findings);
        }
    }

    fn agrees(
        &self,
        event: &Map<String, Value>,
        keys: &[&str],
        path: &str,
        findings: &mut Findings,
    ) {
        let Some(start) = self.start else { return };
        // Messages and the like are in a span, and have a name of their own.
        let own_name = !matches!(
            text(event, "event_type"),
            Some(
                "span.update"
                    | "span.end"
                    | "trace.end"
                    | "llm.stream_start"
                    | "llm.stream_end"
                    | "tool.result"
            )
        );
        for key in keys {
            if own_name && *key != "parent_span_id" {
                continue;
            }
            let (now, then) = (event.get(*key), start.get(*key));
            if now != then {
                let detail = format!("{now:?}, but it began with {then:?}");
                findings.add(Rule::Contradiction, format!("{path}.{key}"), detail);
            }
        }
    }
}
