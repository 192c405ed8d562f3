//! Events become spans: what the protocol tells in a beginning, updates and an end, OTLP tells at once.
//!
//! A trace is a span here as well, the root of the others. One that exists for the sake of a single span
//! is that span.

pub(crate) mod ids;
mod span;
mod table;
#[cfg(test)]
mod tests;
mod trace;

use std::collections::HashMap;

use self::ids::{SpanBytes, TraceBytes};
pub(crate) use self::span::{Folded, Role, weigh};
use self::table::Table;
use self::trace::TraceInfo;
use crate::protocol::{Event, EventType};

type Key = (TraceBytes, SpanBytes);

/// How many spans may be open, and traces be remembered, before the oldest are given up.
const MOST: usize = 10_000;

/// How many bytes of what is open are kept, estimated.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// Spans that have begun and not ended. `T` is what the caller wants back with the span that an event
/// went into.
pub(crate) struct Folder<T> {
    open: Table<Key, Open<T>>,
    traces: Table<TraceBytes, TraceInfo>,
    /// The traces of the program's own ids.
    external: HashMap<String, TraceBytes>,
    bytes: usize,
    most: usize,
    most_bytes: usize,
    /// Open spans that events were added to since the last [`each_touched`](Self::each_touched).
    touched: Vec<Key>,
}

struct Open<T> {
    span: Folded,
    bytes: usize,
    tickets: Vec<T>,
    /// How many of them [`Folder::each_touched`] has told of.
    told: usize,
}

/// What an event amounts to.
pub(crate) enum Fold<T> {
    /// It went into spans that are not finished.
    Taken,
    /// It was no news.
    Skipped(T),
    /// Spans are complete.
    Done(Vec<(Folded, Vec<T>)>),
}

impl<T> Default for Folder<T> {
    fn default() -> Self {
        Self::with_limits(MOST, MOST_BYTES)
    }
}

impl<T> Folder<T> {
    pub(crate) fn with_limits(most: usize, most_bytes: usize) -> Self {
        Self {
            open: Table::default(),
            traces: Table::default(),
            external: HashMap::new(),
            bytes: 0,
            most,
            most_bytes,
            touched: Vec::new(),
        }
    }

    /// Takes an event.
    pub(crate) fn add(&mut self, event: Event, ticket: T) -> Fold<T> {
        let Some(trace) = self.trace_of(&event) else {
            return Fold::Skipped(ticket);
        };
        let mut done = Vec::new();
        let fold = match event.event_type() {
            EventType::TraceStart => self.trace_started(trace, event, ticket),
            EventType::TraceEnd => self.trace_ended(trace, event, ticket),
            EventType::SpanStart | EventType::ToolCall => self.span_started(trace, event, ticket),
            EventType::SpanEnd | EventType::ToolResult => self.span_ended(trace, event, ticket),
            EventType::SpanUpdate
            | EventType::LlmRequest
            | EventType::LlmResponse
            | EventType::LlmStreamStart
            | EventType::LlmStreamEnd => self.span_updated(trace, event, ticket),
            EventType::LlmStreamChunk
            | EventType::Message
            | EventType::Retrieval
            | EventType::EvalResult
            | EventType::Error
            | EventType::Metric
            | EventType::Feedback
            | EventType::UserSignal
            | EventType::IdentityUpdate => self.noted(trace, event, ticket),
        };
        while self.open.len() > self.most || self.bytes > self.most_bytes {
            let Some((key, _)) = self.open.oldest() else {
                break;
            };
            done.extend(self.close(key, None));
        }
        self.forget_traces();
        match fold {
            Fold::Done(mut spans) => {
                spans.extend(done);
                Fold::Done(spans)
            }
            Fold::Taken if !done.is_empty() => Fold::Done(done),
            other => other,
        }
    }

    /// Tells what came with events that went into spans which are still open, since it was last asked.
    pub(crate) fn each_touched(&mut self, mut tell: impl FnMut(&mut T)) {
        for key in std::mem::take(&mut self.touched) {
            if let Some(open) = self.open.get_mut(&key) {
                let told = std::mem::replace(&mut open.told, open.tickets.len());
                open.tickets.iter_mut().skip(told).for_each(&mut tell);
            }
        }
    }

    /// Gives up on everything that has not ended.
    pub(crate) fn finish(&mut self) -> Vec<(Folded, Vec<T>)> {
        let mut spans = Vec::new();
        while let Some((key, _)) = self.open.oldest() {
            spans.extend(self.close(key, None));
        }
        spans
    }

    fn trace_of(&self, event: &Event) -> Option<TraceBytes> {
        if let Some(id) = &event.trace_id {
            return Some(ids::trace(id));
        }
        let external = event.external_trace_id.as_deref()?;
        let known = self.external.get(external).copied();
        Some(known.unwrap_or_else(|| ids::trace(external)))
    }

    fn trace_started(&mut self, trace: TraceBytes, event: Event, ticket: T) -> Fold<T> {
        let root = self.know(trace, &event);
        self.begin((trace, root), event, ticket);
        Fold::Taken
    }

    fn trace_ended(&mut self, trace: TraceBytes, event: Event, ticket: T) -> Fold<T> {
        let root = self.know(trace, &event);
        if self.traces.get(&trace).is_some_and(|info| info.implicit) {
            return Fold::Skipped(ticket);
        }
        self.end((trace, root), event, ticket)
    }

    fn span_started(&mut self, trace: TraceBytes, event: Event, ticket: T) -> Fold<T> {
        let key = (trace, self.id_of(trace, &event));
        let mut tickets = Vec::new();
        let is_own_trace = event.parent_span_id.is_none() && self.began_with(trace, &event);
        if let Some(info) = self.traces.get_mut(&trace).filter(|_| is_own_trace) {
            let root = std::mem::replace(&mut info.root, key.1);
            info.implicit = true;
            if let Some(open) = self.open.remove(&(trace, root)) {
                self.bytes = self.bytes.saturating_sub(open.bytes);
                tickets = open.tickets;
                self.begin_with(key, open.span.event, event, tickets);
                self.touch(key, ticket);
                return Fold::Taken;
            }
        }
        self.begin(key, event, ticket);
        if let Some(open) = self.open.get_mut(&key) {
            open.tickets.append(&mut tickets);
        }
        Fold::Taken
    }

    fn span_updated(&mut self, trace: TraceBytes, event: Event, ticket: T) -> Fold<T> {
        let key = (trace, self.id_of(trace, &event));
        if event.span_id.is_some() && self.open.get(&key).is_some() {
            return self.add_to(key, event, ticket);
        }
        match event.event_type() {
            EventType::LlmRequest | EventType::LlmResponse => self.noted(trace, event, ticket),
            // Of a span whose beginning was lost, and whose end says what matters.
            _ => Fold::Skipped(ticket),
        }
    }

    fn add_to(&mut self, key: Key, event: Event, ticket: T) -> Fold<T> {
        let bytes = weigh(&event);
        self.bytes = self.bytes.saturating_add(bytes);
        if let Some(open) = self.open.get_mut(&key) {
            open.bytes = open.bytes.saturating_add(bytes);
            open.span.absorb(event);
        }
        self.touch(key, ticket);
        Fold::Taken
    }

    fn span_ended(&mut self, trace: TraceBytes, event: Event, ticket: T) -> Fold<T> {
        let key = (trace, self.id_of(trace, &event));
        self.end(key, event, ticket)
    }

    fn noted(&mut self, trace: TraceBytes, event: Event, ticket: T) -> Fold<T> {
        let root = self.traces.get(&trace).map(|info| info.root);
        let own = event.span_id.as_deref().map(ids::span);
        let key = own
            .filter(|own| self.open.get(&(trace, *own)).is_some())
            .or(root.filter(|root| self.open.get(&(trace, *root)).is_some()));
        if let Some(key) = key.map(|id| (trace, id)) {
            let bytes = weigh(&event);
            self.bytes = self.bytes.saturating_add(bytes);
            if let Some(open) = self.open.get_mut(&key) {
                open.bytes = open.bytes.saturating_add(bytes);
                open.span.note(event);
            }
            self.touch(key, ticket);
            return Fold::Taken;
        }
        let mut span = Folded::new(trace, ids::within(trace, event.event_id()), event);
        span.parent = own.or(root);
        span.role = Role::Note;
        span.finished = true;
        Fold::Done(vec![(span, vec![ticket])])
    }

    fn begin(&mut self, key: Key, event: Event, ticket: T) {
        self.insert(key, event, Vec::new());
        self.touch(key, ticket);
    }

    fn insert(&mut self, key: Key, event: Event, tickets: Vec<T>) {
        let bytes = weigh(&event);
        self.bytes = self.bytes.saturating_add(bytes);
        let span = Folded::new(key.0, key.1, event);
        let open = Open {
            span,
            bytes,
            tickets,
            told: 0,
        };
        // Told of twice, as after a crash.
        if let Some(before) = self.open.insert(key, open) {
            self.bytes = self.bytes.saturating_sub(before.bytes);
            if let Some(open) = self.open.get_mut(&key) {
                open.tickets.extend(before.tickets);
            }
        }
    }

    fn touch(&mut self, key: Key, ticket: T) {
        if let Some(open) = self.open.get_mut(&key) {
            if open.told == open.tickets.len() {
                self.touched.push(key);
            }
            open.tickets.push(ticket);
        }
    }

    fn end(&mut self, key: Key, event: Event, ticket: T) -> Fold<T> {
        if self.open.get(&key).is_none() {
            // Its beginning is lost; the end says all that is needed.
            self.insert(key, event, Vec::new());
            self.touch(key, ticket);
            let started = self.open.get_mut(&key);
            if let Some(open) = started {
                open.span.finished = true;
            }
            return Fold::Done(self.close(key, None).into_iter().collect());
        }
        Fold::Done(self.close(key, Some((event, ticket))).into_iter().collect())
    }

    /// Closes a span with its end, or as it is.
    fn close(&mut self, key: Key, end: Option<(Event, T)>) -> Option<(Folded, Vec<T>)> {
        let Open {
            mut span,
            bytes,
            mut tickets,
            ..
        } = self.open.remove(&key)?;
        self.bytes = self.bytes.saturating_sub(bytes);
        if let Some((event, ticket)) = end {
            span.role = Role::of(&event);
            span.absorb(event);
            span.finished = true;
            tickets.push(ticket);
        }
        if span.role == Role::Other {
            span.role = Role::of(&span.event);
        }
        self.place(&mut span);
        Some((span, tickets))
    }

    /// Returns the id of the span that an event tells of. A tool that has none of its own is told of by
    /// the span around it and the id of the call.
    fn id_of(&self, trace: TraceBytes, event: &Event) -> SpanBytes {
        let own = event.span_id.as_deref().map(ids::span);
        let call = || event.tool.tool_call_id.as_deref().unwrap_or_default();
        let is_tool = matches!(
            event.event_type(),
            EventType::ToolCall | EventType::ToolResult
        );
        match own {
            Some(own) if is_tool => {
                let around = self.open.get(&(trace, own));
                let is_its_own =
                    around.is_none_or(|open| open.span.event.event_type() == EventType::ToolCall);
                if is_its_own {
                    own
                } else {
                    ids::within(trace, call())
                }
            }
            Some(own) => own,
            None => ids::within(trace, call()),
        }
    }
}
