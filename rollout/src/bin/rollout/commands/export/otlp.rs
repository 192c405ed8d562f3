//! A run as a request of OTLP/JSON, by the GenAI conventions of OpenTelemetry.

mod attributes;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::Duration;

use rollout_core::show::{RecordedError, Run, Status, Step, StepKind};
use rollout_core::{SpanId, Timestamp, TraceId};
use serde_json::{Map, Value, json};

use attributes::Attributes;

/// What the numbers of the protocol mean.
const INTERNAL: u8 = 1;
const CLIENT: u8 = 3;
const ERROR: u8 = 2;

/// Returns an `ExportTraceServiceRequest`: the run and those inside it are one trace.
pub(super) fn request(run: &Run, events: &[Value]) -> Value {
    let mut spans = Spans {
        trace: trace_id(&run.trace_id),
        conversation: run.conversation_id.clone(),
        made: Vec::new(),
    };
    spans.root(run);
    let service = find(events, &["attributes", "service_name"])
        .or_else(|| find(events, &["agent", "agent_name"]))
        .unwrap_or("unknown_service");
    let mut resource = Attributes::default();
    resource.text("service.name", Some(service));
    resource.text("service.version", find(events, &["attributes", "release"]));
    json!({"resourceSpans": [{
        "resource": {"attributes": resource.0},
        "scopeSpans": [{
            "scope": {"name": "rollout", "version": env!("CARGO_PKG_VERSION")},
            "spans": spans.made,
        }],
    }]})
}

/// Returns the first text that an event has there.
fn find<'a>(events: &'a [Value], path: &[&str]) -> Option<&'a str> {
    events.iter().find_map(|event| {
        let value = path.iter().try_fold(event, |value, key| value.get(key))?;
        value.as_str().filter(|text| !text.is_empty())
    })
}

struct Spans {
    trace: String,
    conversation: Option<String>,
    made: Vec<Value>,
}

impl Spans {
    fn root(&mut self, run: &Run) {
        let id = span_id(&run.trace_id);
        let mut attributes = Attributes::default();
        attributes.text("gen_ai.operation.name", Some("invoke_agent"));
        attributes.text("gen_ai.agent.name", Some(&run.name));
        attributes.text("gen_ai.conversation.id", run.conversation_id.as_deref());
        attributes.text("user.id", run.user_id.as_deref());
        attributes.text("session.id", run.session_id.as_deref());
        attributes.text("rollout.status", Some(&run.status.to_string()));
        attributes.failure(&run.status, run.error.as_ref());
        attributes.own(&run.attributes);
        let name = format!("invoke_agent {}", run.name);
        let events = self.steps(&run.steps, &id);
        let mut span = self.span(&id, None, &name, INTERNAL, run.started, run.duration);
        complete(
            &mut span,
            &attributes,
            &events,
            &run.status,
            run.error.as_ref(),
        );
        self.made.insert(0, Value::Object(span));
    }

    /// Adds the spans inside of one, and returns the events that it has.
    fn steps(&mut self, steps: &[Step], parent: &str) -> Vec<Value> {
        let mut events = Vec::new();
        for step in steps {
            if step.kind == StepKind::Event {
                events.push(event(step));
            } else {
                self.step(step, parent);
            }
        }
        events
    }

    fn step(&mut self, step: &Step, parent: &str) {
        // What has no id is told from others by where it stands.
        let place = format!("{parent}/{}", self.made.len());
        let id = span_id(step.id.as_deref().unwrap_or(&place));
        let (operation, of) = match step.kind {
            StepKind::Model => ("chat", step.model.as_deref().unwrap_or_default()),
            StepKind::Tool => ("execute_tool", step.name.as_str()),
            StepKind::Run => ("invoke_agent", step.name.as_str()),
            _ => ("", step.name.as_str()),
        };
        let kind = match step.kind {
            StepKind::Model => CLIENT,
            _ => INTERNAL,
        };
        let mut attributes = Attributes::default();
        attributes.text("gen_ai.operation.name", Some(operation));
        attributes.text("gen_ai.conversation.id", self.conversation.as_deref());
        match step.kind {
            StepKind::Model => attributes.call(step),
            StepKind::Tool => attributes.tool(step),
            StepKind::Run => attributes.text("gen_ai.agent.name", Some(&step.name)),
            _ => attributes.text("rollout.span.type", Some(&step.label)),
        }
        attributes.text("rollout.status", Some(&step.status.to_string()));
        attributes.failure(&step.status, step.error.as_ref());
        attributes.own(&step.attributes);
        let name = format!("{operation} {of}");
        let place = self.made.len();
        let events = self.steps(&step.steps, &id);
        let mut span = self.span(
            &id,
            Some(parent),
            name.trim(),
            kind,
            step.started,
            step.duration,
        );
        complete(
            &mut span,
            &attributes,
            &events,
            &step.status,
            step.error.as_ref(),
        );
        // Before what is inside it.
        self.made.insert(place, Value::Object(span));
    }

    fn span(
        &self,
        id: &str,
        parent: Option<&str>,
        name: &str,
        kind: u8,
        started: Option<Timestamp>,
        duration: Option<Duration>,
    ) -> Map<String, Value> {
        let start = started.map_or(0, Timestamp::unix_nanos);
        let nanos = u64::try_from(duration.unwrap_or_default().as_nanos()).unwrap_or(0);
        let mut span = Map::new();
        for (key, value) in [
            ("traceId", json!(self.trace)),
            ("spanId", json!(id)),
            ("name", json!(name)),
            ("kind", json!(kind)),
            // Numbers of 64 bits are texts in this JSON.
            ("startTimeUnixNano", json!(start.to_string())),
            (
                "endTimeUnixNano",
                json!(start.saturating_add(nanos).to_string()),
            ),
        ] {
            span.insert(key.to_owned(), value);
        }
        if let Some(parent) = parent {
            span.insert("parentSpanId".to_owned(), json!(parent));
        }
        span
    }
}

fn complete(
    span: &mut Map<String, Value>,
    attributes: &Attributes,
    events: &[Value],
    status: &Status,
    error: Option<&RecordedError>,
) {
    span.insert("attributes".to_owned(), json!(attributes.0));
    if !events.is_empty() {
        span.insert("events".to_owned(), json!(events));
    }
    if *status == Status::Failed {
        let message = error.map_or("", |error| error.message.as_str());
        span.insert(
            "status".to_owned(),
            json!({"code": ERROR, "message": message}),
        );
    }
}

fn event(step: &Step) -> Value {
    let mut attributes = Attributes::default();
    attributes.text("rollout.event.name", Some(&step.name));
    let said = step.output.as_ref().map(|said| said.text.as_str());
    attributes.text("rollout.event.content", said);
    attributes.own(&step.attributes);
    json!({
        "timeUnixNano": step.started.map_or(0, Timestamp::unix_nanos).to_string(),
        "name": format!("rollout.{}", step.label),
        "attributes": attributes.0,
    })
}

/// Returns a trace's id in 32 hexadecimal digits: the same bits where it is one of ours.
fn trace_id(id: &str) -> String {
    match id.parse::<TraceId>() {
        Ok(id) => id.to_hex(),
        Err(_) => format!("{:016x}{:016x}", hash(id, 0), hash(id, 1)),
    }
}

/// Returns a span's id in 16 hexadecimal digits: the same bits where it is one of ours, and for a trace
/// those of the span that stands for it.
fn span_id(id: &str) -> String {
    match (id.parse::<SpanId>(), id.parse::<TraceId>()) {
        (Ok(id), _) => id.to_hex(),
        (_, Ok(trace)) => trace.root_span().to_hex(),
        _ => format!("{:016x}", hash(id, 2)),
    }
}

/// Returns what stands for an id of others, each time alike and never zero.
fn hash(id: &str, salt: u8) -> u64 {
    let mut hasher = DefaultHasher::new();
    (salt, id).hash(&mut hasher);
    hasher.finish().max(1)
}

#[cfg(test)]
mod tests;
