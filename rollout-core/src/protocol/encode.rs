//! Records become events. On the worker, where all the work is done.

mod call;
mod facts;
mod failure;

use serde_json::{Value, json};

use super::{Event, EventType, Json, Outcome as EventOutcome, shape};
use crate::capture::Payload;
use crate::client::Core;
use crate::clock::Tick;
use crate::pipeline::limits;
use crate::record::{End, Known, Outcome, Record, Update};
use crate::span::{SpanState, ToolState};
use crate::trace::TraceState;
use crate::user::overlay;

pub(crate) use call::advance;

/// Appends the events of a record.
pub(crate) fn expand(core: &Core, record: Record, events: &mut Vec<Event>) {
    let encoder = Encoder { core };
    match record {
        Record::TraceStarted { trace, input } => {
            let mut event = encoder.trace_started(&trace);
            event.raw.input = encoder.keep(input, &mut event, "input");
            events.push(event);
        }
        Record::TraceEnded { trace, end } => events.push(encoder.trace_ended(&trace, end)),
        Record::SpanStarted { span, input } => encoder.span_started(&span, input, events),
        Record::SpanUpdated { span, at, update } => {
            events.push(encoder.span_updated(&span, at, update));
        }
        Record::SpanEnded { span, end } => encoder.span_ended(&span, end, events),
        Record::Event { trace, span, event } => {
            events.push(encoder.by_hand(trace.as_deref(), span.as_deref(), *event));
        }
    }
}

struct Encoder<'a> {
    core: &'a Core,
}

impl Encoder<'_> {
    fn trace_started(&self, trace: &TraceState) -> Event {
        let mut event = self.of_trace(EventType::TraceStart, trace, trace.started);
        event.started_at = Some(self.core.clock.wall(trace.started));
        event
    }

    fn trace_ended(&self, trace: &TraceState, end: End) -> Event {
        let mut event = self.of_trace(EventType::TraceEnd, trace, end.at);
        self.set_times(&mut event, trace.started, end.at);
        self.set_outcome(&mut event, &end.outcome);
        event.raw.output = self.keep(end.output, &mut event, "output");
        event
    }

    fn span_started(&self, span: &SpanState, input: Payload, events: &mut Vec<Event>) {
        if span.implicit_trace {
            events.push(self.trace_started(&span.trace));
        }
        if span.call().is_some() {
            return self.call_started(span, input, events);
        }
        if let Some(tool) = span.tool() {
            return events.push(self.tool_called(span, tool, input));
        }
        let mut event = self.of_span(EventType::SpanStart, span, span.started);
        event.started_at = Some(self.core.clock.wall(span.started));
        self.set_span_attributes(&mut event, span);
        events.push(event);
        if !input.is_none() {
            events.push(self.span_updated(span, span.started, Update::Input(input)));
        }
    }

    fn span_updated(&self, span: &SpanState, at: Tick, update: Update) -> Event {
        match update {
            Update::Input(payload) => {
                let mut event = self.of_span(EventType::SpanUpdate, span, at);
                event.raw.input = self.keep(payload, &mut event, "input");
                event
            }
            Update::Output(payload) => {
                let mut event = self.of_span(EventType::SpanUpdate, span, at);
                event.raw.output = self.keep(payload, &mut event, "output");
                event
            }
            Update::Chunk { index, text } => self.chunk(span, at, index, text),
        }
    }

    fn chunk(&self, span: &SpanState, at: Tick, index: u64, text: String) -> Event {
        let mut event = self.of_span(EventType::LlmStreamChunk, span, at);
        self.set_span_attributes(&mut event, span);
        event.attributes.insert("chunk_index".into(), json!(index));
        event.raw.chunk = Some(text.into());
        event
    }

    fn span_ended(&self, span: &SpanState, mut end: End, events: &mut Vec<Event>) {
        let (at, implicit) = (end.at, span.implicit_trace);
        if span.call().is_some() {
            self.call_ended(span, end, events);
        } else {
            let known = end.known.take();
            let mut event = if let Some(tool) = span.tool() {
                self.tool_returned(span, tool, end)
            } else {
                let mut event = self.of_span(EventType::SpanEnd, span, at);
                self.set_times(&mut event, span.started, at);
                self.set_span_attributes(&mut event, span);
                self.set_outcome(&mut event, &end.outcome);
                event.raw.output = self.keep(end.output, &mut event, "output");
                event
            };
            if let Some(known) = known {
                set_known(&mut event, *known);
            }
            events.push(event);
        }
        if implicit && let Some(last) = events.last() {
            let last = last.clone();
            let mut event = self.of_trace(EventType::TraceEnd, &span.trace, at);
            self.set_times(&mut event, span.trace.started, at);
            event.status = last.status;
            event.outcome = last.outcome;
            event.error = last.error;
            events.push(event);
        }
    }

    fn tool_called(&self, span: &SpanState, tool: &ToolState, input: Payload) -> Event {
        let mut event = self.of_span(EventType::ToolCall, span, span.started);
        event.started_at = Some(self.core.clock.wall(span.started));
        let arguments = self.keep(input, &mut event, "arguments");
        if let Some(arguments) = &arguments {
            let _ = tool.shape.set(shape::hash(&arguments.to_value()));
        }
        event.raw.arguments = arguments;
        self.set_tool(&mut event, span, tool, "started");
        event
    }

    fn tool_returned(&self, span: &SpanState, tool: &ToolState, end: End) -> Event {
        let mut event = self.of_span(EventType::ToolResult, span, end.at);
        self.set_times(&mut event, span.started, end.at);
        self.set_outcome(&mut event, &end.outcome);
        let result = self.keep(end.output, &mut event, "result");
        event.raw.result = result.filter(|result| !result.is_null());
        self.set_tool(&mut event, span, tool, status(&end.outcome));
        event
    }

    fn set_tool(&self, event: &mut Event, span: &SpanState, tool: &ToolState, status: &str) {
        for (key, value) in &span.attributes {
            event
                .attributes
                .insert(key.clone().into_owned(), value.clone());
        }
        event.tool.name = Some(span.name.clone().into_owned());
        // A tool has a span of its own, whose id serves where the model gave the call none.
        let own_id = || span.id.to_string().replacen("span_", "tool_", 1);
        event.tool.tool_call_id = Some(tool.call_id.clone().unwrap_or_else(own_id));
        event.tool.status = Some(status.to_owned());
        event.tool.retry_count = tool.retry_count;
        event.tool.args_shape_hash = tool.shape.get().cloned();
    }

    fn by_hand(
        &self,
        trace: Option<&TraceState>,
        span: Option<&SpanState>,
        mut event: Event,
    ) -> Event {
        if event.trace_id.is_none() && event.external_trace_id.is_none() {
            if let Some(trace) = trace {
                self.set_trace(&mut event, trace, span);
                event.sequence = Some(trace.next_sequence());
            }
            if let Some(span) = span
                && event.span_id.is_none()
            {
                event.span_id = Some(span.id.to_string());
                event.parent_span_id = span.parent.map(|id| id.to_string());
            }
        }
        self.set_identity(&mut event);
        event
    }

    // What many events have in common.

    fn of_trace(&self, kind: EventType, trace: &TraceState, at: Tick) -> Event {
        let mut event = Event::new(kind, self.core.clock.wall(at));
        self.set_trace(&mut event, trace, None);
        event.sequence = Some(trace.next_sequence());
        event.name = Some(trace.name.clone().into_owned());
        for (key, value) in &trace.attributes {
            event
                .attributes
                .insert(key.clone().into_owned(), value.clone());
        }
        if let Some(origin) = trace.origin {
            let attributes = &mut event.attributes;
            attributes.insert(
                "rollout.parent.trace_id".into(),
                json!(origin.trace.to_string()),
            );
            if let Some(span) = origin.span {
                attributes.insert("rollout.parent.span_id".into(), json!(span.to_string()));
            }
        }
        self.set_identity(&mut event);
        event
    }

    /// Returns an event of a span, next in line in its trace.
    fn of_span(&self, kind: EventType, span: &SpanState, at: Tick) -> Event {
        let mut event = self.of_span_unnumbered(kind, span, at);
        event.sequence = Some(span.trace.next_sequence());
        event
    }

    /// Returns an event of a span whose place in the trace is decided later.
    fn of_span_unnumbered(&self, kind: EventType, span: &SpanState, at: Tick) -> Event {
        let mut event = Event::new(kind, self.core.clock.wall(at));
        self.set_trace(&mut event, &span.trace, Some(span));
        event.span_id = Some(span.id.to_string());
        event.parent_span_id = span.parent.map(|id| id.to_string());
        event.span_type = Some(span.kind.clone().into_owned());
        event.name = Some(span.name.clone().into_owned());
        self.set_identity(&mut event);
        event
    }

    fn set_trace(&self, event: &mut Event, trace: &TraceState, span: Option<&SpanState>) {
        event.trace_id = Some(trace.id.to_string());
        event.external_trace_id.clone_from(&trace.external_id);
        let user = span
            .and_then(|span| span.user.as_ref())
            .or(trace.user.as_ref());
        let mut context = user.map(|user| user.context.clone()).unwrap_or_default();
        if let Some(own) = &trace.context {
            overlay(&mut context, own);
        }
        let by_hand = std::mem::take(&mut event.context);
        overlay(&mut context, &by_hand);
        event.context = context;
    }

    fn set_identity(&self, event: &mut Event) {
        let identity = &self.core.config.identity;
        let agent = &mut event.agent;
        for (known, configured) in [
            (&mut agent.id, &identity.agent_id),
            (&mut agent.name, &identity.agent_name),
            (&mut agent.version, &identity.agent_version),
            (&mut agent.deployment, &identity.deployment),
            (&mut agent.environment, &identity.environment),
        ] {
            if known.is_none() {
                known.clone_from(configured);
            }
        }
        let attributes = [
            ("service_name", &identity.service_name),
            ("release", &identity.release),
        ];
        for (key, value) in attributes {
            if let Some(value) = value
                && !event.attributes.contains_key(key)
            {
                event.attributes.insert(key.into(), json!(value));
            }
        }
    }

    fn set_span_attributes(&self, event: &mut Event, span: &SpanState) {
        let attributes = &mut event.attributes;
        attributes.insert("span_type".into(), json!(span.kind));
        let options = span.call().map(|call| call.options.attributes.as_slice());
        for (key, value) in options.unwrap_or_default().iter().chain(&span.attributes) {
            attributes.insert(key.clone().into_owned(), value.clone());
        }
    }

    fn set_times(&self, event: &mut Event, started: Tick, ended: Tick) {
        event.started_at = Some(self.core.clock.wall(started));
        event.ended_at = Some(self.core.clock.wall(ended));
        event.duration_ms = Some(ended.since(started).as_secs_f64() * 1e3);
    }

    fn set_outcome(&self, event: &mut Event, outcome: &Outcome) {
        set_status(event, status(outcome));
        if let Outcome::Failed(failure) = outcome {
            failure::set(event, failure);
        }
    }

    /// Does the work that a payload put off, and makes it fit. The event says what is missing.
    fn keep(&self, payload: Payload, event: &mut Event, what: &str) -> Option<Json> {
        let limit = self.core.config.max_value_bytes;
        let resolved = payload.resolve(limit)?;
        let (json, truncated) = limits::fit(resolved.json, limit);
        if truncated || resolved.truncated {
            note_truncated(event, what);
        }
        Some(json)
    }

    fn keep_value(&self, value: Value, event: &mut Event, what: &str) -> Json {
        let (json, truncated) = limits::fit(value.into(), self.core.config.max_value_bytes);
        if truncated {
            note_truncated(event, what);
        }
        json
    }
}

fn note_truncated(event: &mut Event, what: &str) {
    let list = event
        .attributes
        .entry("rollout.truncated")
        .or_insert_with(|| json!([]));
    match list {
        Value::Array(list) => list.push(json!(what)),
        other => *other = json!([what]),
    }
}

fn set_status(event: &mut Event, status: &str) {
    event.status = Some(status.to_owned());
    event.outcome = EventOutcome {
        success: Some(status == "ok"),
        status: Some(status.to_owned()),
        ..EventOutcome::default()
    };
}

fn status(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Ok => "ok",
        Outcome::Failed(_) => "error",
        Outcome::Cancelled => "cancelled",
    }
}

fn set_known(event: &mut Event, known: Known) {
    event.attributes.extend(known.attributes);
    event.model.provider = known.provider.or(event.model.provider.take());
    event.model.model = known.model.or(event.model.model.take());
    if let Some(usage) = &known.usage {
        facts::set_usage(event, usage, None);
    }
}

#[cfg(test)]
mod tests;
