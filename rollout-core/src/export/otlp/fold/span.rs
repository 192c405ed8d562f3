//! What is known of a span so far: its events, put together.

use serde_json::Value;

use super::ids::{SpanBytes, TraceBytes};
use crate::protocol::{Event, EventType, Json};

/// More events of its own than a span is sent with, as in OpenTelemetry's own limits.
const MOST_NOTES: usize = 128;

/// A span, put together.
#[derive(Debug)]
pub(crate) struct Folded {
    pub(crate) trace: TraceBytes,
    pub(crate) id: SpanBytes,
    pub(crate) parent: Option<SpanBytes>,
    /// Whether the parent is in another process.
    pub(crate) has_remote_parent: bool,
    pub(crate) role: Role,
    /// All that its events say, the later ones last.
    pub(crate) event: Event,
    /// What happened within it: messages, feedback …
    pub(crate) notes: Vec<Event>,
    pub(crate) lost_notes: u32,
    /// Where the trace was begun, inside another one.
    pub(crate) origin: Option<(TraceBytes, Option<SpanBytes>)>,
    /// Whether its end is known.
    pub(crate) finished: bool,
}

/// What a span is of its trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The run of an agent, or whatever else the trace is.
    Agent,
    /// A call to a model.
    Model,
    Tool,
    Embeddings,
    Retrieval,
    /// Something that happened when nothing was open that it could be told of.
    Note,
    Other,
}

impl Folded {
    pub(super) fn new(trace: TraceBytes, id: SpanBytes, mut event: Event) -> Self {
        event.started_at.get_or_insert(event.occurred_at);
        Self {
            trace,
            id,
            parent: None,
            has_remote_parent: false,
            role: Role::Other,
            event,
            notes: Vec::new(),
            lost_notes: 0,
            origin: None,
            finished: false,
        }
    }

    /// Adds what a later event says.
    pub(super) fn absorb(&mut self, mut event: Event) {
        // What a stream has brought so far is part of its output.
        event.raw.stream_preview = None;
        self.event.absorb(event);
    }

    /// Adds something that happened within it.
    pub(super) fn note(&mut self, event: Event) {
        if self.notes.len() < MOST_NOTES {
            self.notes.push(event);
        } else {
            self.lost_notes = self.lost_notes.saturating_add(1);
        }
    }

    /// Returns when it began, in nanoseconds since the beginning of 1970.
    pub(crate) fn started(&self) -> u64 {
        let started = self.event.started_at.unwrap_or(self.event.occurred_at);
        started.unix_nanos()
    }

    /// Returns when it ended; where nobody said so, when it was last heard of.
    pub(crate) fn ended(&self) -> u64 {
        let ended = self.event.ended_at.unwrap_or(self.event.occurred_at);
        ended.unix_nanos().max(self.started())
    }

    /// Returns a text among its attributes.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.event.attributes.get(name).and_then(Value::as_str)
    }
}

impl Role {
    /// Returns the role of a span of which these things are known.
    pub(super) fn of(event: &Event) -> Self {
        if matches!(
            event.event_type(),
            EventType::ToolCall | EventType::ToolResult
        ) {
            return Self::Tool;
        }
        let operation = event.attributes.get("gen_ai.operation.name");
        match operation.and_then(Value::as_str) {
            Some("chat" | "text_completion" | "generate_content") => return Self::Model,
            Some("embeddings") => return Self::Embeddings,
            Some("retrieval") => return Self::Retrieval,
            Some("execute_tool") => return Self::Tool,
            Some("invoke_agent" | "create_agent") => return Self::Agent,
            _ => {}
        }
        match event.span_type.as_deref() {
            Some("llm") => Self::Model,
            Some("tool") => Self::Tool,
            Some("agent") => Self::Agent,
            Some("embedding" | "embeddings") => Self::Embeddings,
            Some("retrieval" | "retriever") => Self::Retrieval,
            _ => Self::Other,
        }
    }

    /// Returns whether a trace that it is part of is the run of an agent.
    pub(super) fn is_work_of_an_agent(self) -> bool {
        matches!(self, Self::Model | Self::Tool | Self::Agent)
    }
}

/// Estimates how much memory an event takes.
pub(crate) fn weigh(event: &Event) -> usize {
    const EVENT: usize = 1024;
    let raw = &event.raw;
    let content = event.message.content.as_ref();
    let members = [
        &raw.input,
        &raw.output,
        &raw.arguments,
        &raw.result,
        &raw.chunk,
        &raw.data,
    ];
    let members = members
        .into_iter()
        .filter_map(Option::as_ref)
        .chain(content);
    let attributes = event.attributes.values().chain(raw.more.values());
    members.map(Json::weight).sum::<usize>()
        + attributes
            .map(|value| 64 + crate::protocol::weight(value))
            .sum::<usize>()
        + EVENT
}
