//! Records become events. On the worker, where all the work is done.

mod call;
mod common;
mod facts;
mod failure;
mod told;
mod tool;

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Event, EventType, Json, shape};
use crate::capture::Payload;
use crate::client::Core;
use crate::clock::Tick;
use crate::pipeline::{Sign, ToldStream};
use crate::record::{End, Outcome, Record, Update};
use crate::span::SpanState;
use crate::trace::TraceState;
use common::{set_known, set_outcome, set_span_attributes};

pub(crate) use call::advance;

/// Appends the events of a record.
pub(crate) fn expand(core: &Core, record: Record, events: &mut Vec<Event>) {
    let encoder = Encoder { core };
    match record {
        Record::TraceStarted { trace, input } => {
            let mut event = encoder.trace_started(&trace);
            let input = encoder.keep(input, &mut event, "input");
            if trace.entry.is_none() {
                event.raw.input = input;
                return events.push(event);
            }
            // As a span says what it starts from.
            events.push(event);
            if input.is_some() {
                let mut update = encoder.of_trace(EventType::SpanUpdate, &trace, trace.started);
                update.attributes.clear();
                update.raw.input = input;
                events.push(update);
            }
        }
        Record::TraceEnded { trace, end } => events.push(encoder.trace_ended(&trace, end)),
        Record::SpanStarted { span, input } => encoder.span_started(&span, input, events),
        Record::SpanUpdated { span, at, update } => match (span.told_call(), update) {
            (Some(call), Update::Chunk { index, text }) if call.streaming => {
                encoder.told_chunk(&span, call, (at, index, &text), events);
            }
            (_, Update::Chunk { index, text }) => {
                encoder.piece(&span, (at, index, &text), events);
            }
            (_, Update::Input(input)) => events.push(encoder.input(&span, at, input)),
        },
        Record::SpanEnded { span, end } => encoder.span_ended(&span, end, events),
        Record::Event {
            trace,
            span,
            user,
            event,
            content,
        } => {
            let mut event = *event;
            let content = encoder.keep(content, &mut event, "content");
            if let Some(content) = content.filter(|content| !content.is_null()) {
                event.message.content = Some(content);
            }
            encoder.complete(
                &mut event,
                trace.as_deref(),
                span.as_deref(),
                user.as_deref(),
            );
            events.push(event);
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
        set_outcome(&mut event, &end.outcome);
        event.raw.output = self.keep_output(end.output, &mut event);
        let open = trace.open_spans();
        if open > 0 {
            // A stream, say, that the program reads later: more is to come, and this trace's.
            event
                .attributes
                .insert("rollout.open_spans".into(), open.into());
        }
        if let Some(known) = end.known {
            set_known(&mut event, *known);
        }
        event
    }

    fn span_started(&self, span: &SpanState, input: Payload, events: &mut Vec<Event>) {
        if span.implicit_trace {
            events.push(self.trace_started(&span.trace));
        }
        span.trace.span_began();
        if span.call().is_some() {
            return self.call_started(span, input, events);
        }
        if let Some(tool) = span.tool() {
            return events.push(self.tool_called(span, tool, input));
        }
        let mut event = self.of_span(EventType::SpanStart, span, span.started);
        event.started_at = Some(self.core.clock.wall(span.started));
        set_span_attributes(&mut event, span);
        if let Some(call) = span.told_call() {
            event.model = call.model.clone();
        }
        events.push(event);
        if let Some(call) = span.told_call().filter(|call| call.streaming) {
            events.push(self.told_stream_started(span, call));
        }
        if !input.is_none() {
            events.push(self.input(span, span.started, input));
        }
    }

    fn input(&self, span: &SpanState, at: Tick, input: Payload) -> Event {
        let mut event = self.of_span(EventType::SpanUpdate, span, at);
        event.raw.input = self.keep(input, &mut event, "input");
        if let (Some(tool), Some(arguments)) = (span.tool(), &event.raw.input) {
            // Arguments that became known after the call had begun.
            let _ = tool.shape.set(shape::hash(&arguments.to_value()));
        }
        event
    }

    /// Takes a piece of the output of a step that is no stream of a model's. It is shown while it grows,
    /// and kept as a whole; chunks have their place inside such a stream only.
    fn piece(&self, span: &SpanState, piece: (Tick, u64, &str), events: &mut Vec<Event>) {
        let mut pieces = lock(span.pieces.get_or_init(Box::default));
        pieces.add(piece, &self.core.config, &mut |sign| {
            if matches!(sign, Sign::Preview { .. }) {
                events.push(self.signed(span, sign));
            }
        });
    }

    fn chunk(&self, span: &SpanState, at: Tick, index: u64, text: String) -> Event {
        let mut event = self.of_span(EventType::LlmStreamChunk, span, at);
        set_span_attributes(&mut event, span);
        event.attributes.insert("chunk_index".into(), index.into());
        event.raw.chunk = Some(text.into());
        event
    }

    fn span_ended(&self, span: &SpanState, mut end: End, events: &mut Vec<Event>) {
        let (at, implicit) = (end.at, span.implicit_trace);
        span.trace.span_ended();
        let mut is_cut = false;
        if end.output.is_none()
            && let Some((text, cut)) = span.pieces.get().and_then(|all| lock(all).take_text())
        {
            end.output = Payload::defer(text);
            is_cut = cut;
        }
        if span.call().is_some() {
            self.call_ended(span, end, events);
        } else if let Some(call) = span.told_call() {
            self.told_call_ended(span, call, end, events);
        } else {
            let known = end.known.take();
            let mut event = if let Some(tool) = span.tool() {
                self.tool_returned(span, tool, end)
            } else {
                let mut event = self.of_span(EventType::SpanEnd, span, at);
                self.set_times(&mut event, span.started, at);
                set_span_attributes(&mut event, span);
                set_outcome(&mut event, &end.outcome);
                event.raw.output = self.keep_output(end.output, &mut event);
                event
            };
            if let Some(known) = known {
                set_known(&mut event, *known);
            }
            events.push(event);
        }
        let Some(last) = events.last_mut() else {
            return;
        };
        if is_cut {
            last.note_truncated(if span.is_tool() { "result" } else { "output" });
        }
        if implicit {
            let mut event = self.of_trace(EventType::TraceEnd, &span.trace, at);
            self.set_times(&mut event, span.trace.started, at);
            event.status.clone_from(&last.status);
            event.outcome.clone_from(&last.outcome);
            event.error.clone_from(&last.error);
            // What the code inside told of the trace that it found itself in.
            let mut told = End::default();
            span.trace.noted.add_to(&mut told);
            event.raw.output = self.keep_output(told.output, &mut event);
            if let Outcome::Failed(_) = told.outcome {
                set_outcome(&mut event, &told.outcome);
            }
            if let Some(known) = told.known {
                set_known(&mut event, *known);
            }
            events.push(event);
        }
    }

    /// Keeps what came out, if anything did: what returns nothing has no output.
    fn keep_output(&self, output: Payload, event: &mut Event) -> Option<Json> {
        let output = self.keep(output, event, "output");
        output.filter(|output| !output.is_null())
    }

    /// Does the work that a payload put off. The event says what is missing.
    fn keep(&self, payload: Payload, event: &mut Event, what: &str) -> Option<Json> {
        let resolved = payload.resolve(self.core.config.max_value_bytes)?;
        if resolved.truncated {
            event.note_truncated(what);
        }
        Some(resolved.json)
    }
}

fn lock(pieces: &Mutex<ToldStream>) -> MutexGuard<'_, ToldStream> {
    pieces.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
