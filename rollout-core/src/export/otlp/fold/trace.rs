//! What is remembered of traces: the spans in them hang below it.

use serde_json::Value;

use super::ids::{self, SpanBytes, TraceBytes};
use super::{Folded, Folder, Key, Role};
use crate::protocol::{Event, EventType};

/// What is remembered of a trace, also after its end: things are said of it later.
pub(super) struct TraceInfo {
    pub(super) root: SpanBytes,
    /// Whether it exists for the sake of one span, which is its root.
    pub(super) implicit: bool,
    remote_parent: Option<SpanBytes>,
    has_agent_work: bool,
    /// Who works in it: the root, by its name.
    agent: Option<String>,
    external: Option<String>,
}

impl<T> Folder<T> {
    /// Remembers a trace, and returns the id of the span that it is.
    pub(super) fn know(&mut self, trace: TraceBytes, event: &Event) -> SpanBytes {
        if let Some(info) = self.traces.get(&trace) {
            return info.root;
        }
        let started = event.started_at.unwrap_or(event.occurred_at).unix_nanos();
        let remote_parent = origin(event).and_then(|(of, span)| span.filter(|_| of == trace));
        let root = ids::root(trace, remote_parent, started);
        if let Some(external) = &event.external_trace_id {
            self.external.insert(external.clone(), trace);
        }
        // The root's own name, which may differ from that of the program, as in `invoke_agent NAME`.
        let is_of_trace = matches!(
            event.event_type(),
            EventType::TraceStart | EventType::TraceEnd
        );
        let own = event.name.clone().filter(|_| is_of_trace);
        let info = TraceInfo {
            root,
            implicit: false,
            remote_parent,
            has_agent_work: false,
            agent: own.or_else(|| event.agent.name.clone()),
            external: event.external_trace_id.clone(),
        };
        self.traces.insert(trace, info);
        root
    }

    /// Returns whether a trace began for the sake of this span: with it, and by its name.
    pub(super) fn began_with(&self, trace: TraceBytes, event: &Event) -> bool {
        let info = self.traces.get(&trace).filter(|info| !info.implicit);
        let root = info.and_then(|info| self.open.get(&(trace, info.root)));
        root.is_some_and(|root| {
            let began = &root.span.event;
            let name = event.tool.name.as_ref().or(event.name.as_ref());
            let is_empty = root.span.notes.is_empty() && began.raw.is_empty();
            is_empty && began.started_at == event.started_at && began.name.as_ref() == name
        })
    }

    /// Begins a span that is its trace, of which the beginning of the trace says something as well.
    pub(super) fn begin_with(&mut self, key: Key, trace: Event, event: Event, tickets: Vec<T>) {
        let mut whole = trace;
        let attributes = std::mem::take(&mut whole.attributes);
        let mut span = event;
        for (name, value) in attributes {
            span.attributes.entry(name).or_insert(value);
        }
        if span.external_trace_id.is_none() {
            span.external_trace_id = whole.external_trace_id.take();
        }
        self.insert(key, span, tickets);
    }

    /// Decides what is around a span.
    pub(super) fn place(&mut self, span: &mut Folded) {
        self.place_in_trace(span);
        // Who sets other agents to work is one as well, also if they do all of it.
        if let Some((of, _)) = span.origin
            && span.role == Role::Agent
            && let Some(info) = self.traces.get_mut(&of)
        {
            info.has_agent_work = true;
        }
    }

    fn place_in_trace(&mut self, span: &mut Folded) {
        let own = span.event.parent_span_id.as_deref().map(ids::span);
        let Some(info) = self.traces.get_mut(&span.trace) else {
            // The trace began elsewhere, and what is not open here is there.
            let is_here = |parent| self.open.get(&(span.trace, parent)).is_some();
            span.has_remote_parent = own.is_some_and(|parent| !is_here(parent));
            span.parent = own;
            return;
        };
        if info.root == span.id {
            span.parent = info.remote_parent;
            span.has_remote_parent = span.parent.is_some();
            span.origin = origin(&span.event).filter(|(of, _)| *of != span.trace);
            if !info.implicit && info.has_agent_work {
                span.role = Role::Agent;
            }
        } else {
            span.parent = own.or(Some(info.root));
            info.has_agent_work |= span.role.is_work_of_an_agent();
        }
        if !matches!(span.role, Role::Other | Role::Agent)
            && !info.implicit
            && let Some(agent) = &info.agent
        {
            span.event.agent.name = Some(agent.clone());
        }
    }

    /// Forgets the oldest traces where there are too many.
    pub(super) fn forget_traces(&mut self) {
        while self.traces.len() > self.most {
            let Some((_, info)) = self.traces.pop_oldest() else {
                break;
            };
            if let Some(external) = info.external {
                self.external.remove(&external);
            }
        }
    }
}

/// Returns where a trace was begun, as its events say.
fn origin(event: &Event) -> Option<(TraceBytes, Option<SpanBytes>)> {
    let text = |name| event.attributes.get(name).and_then(Value::as_str);
    let trace = ids::trace(text("rollout.parent.trace_id")?);
    Some((trace, text("rollout.parent.span_id").map(ids::span)))
}
