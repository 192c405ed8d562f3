//! Calls to a model: decoded here, for the first and only time.

use std::sync::PoisonError;

use serde_json::{Value, json};

use super::common::{set_known, set_span_attributes, set_status, status};
use super::{Encoder, facts, failure};
use crate::capture::Payload;
use crate::client::Core;
use crate::clock::Tick;
use crate::failure::Failure;
use crate::llm::{CallState, Transport};
use crate::pipeline::{Progress, Sign};
use crate::protocol::{Event, EventType, Json};
use crate::provider::{CallError, ResponseFacts};
use crate::record::{End, Known, Outcome};
use crate::span::SpanState;

/// Takes what a running call has brought since the last time, and appends what there is to tell.
pub(crate) fn advance(core: &Core, span: &SpanState, events: &mut Vec<Event>) {
    if let Some(call) = span.call() {
        let mut progress = call.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let progress = progress.get_or_insert_default();
        Encoder { core }.call_advanced(span, call, progress, events);
    }
}

/// What a call amounts to.
struct Answer {
    /// The response, rebuilt as if it had not been streamed where it was.
    output: Option<Json>,
    truncated: bool,
    facts: ResponseFacts,
    /// Whether the end of what was streamed is known from the wire.
    from_wire: bool,
}

impl Encoder<'_> {
    pub(super) fn call_started(&self, span: &SpanState, request: Payload, events: &mut Vec<Event>) {
        let Some(call) = span.call() else { return };
        let mut progress = call.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let progress = progress.get_or_insert_default();
        let mut update = self.of_span_unnumbered(EventType::SpanUpdate, span, span.started);
        let limit = self.core.config.max_value_bytes;
        let input = request.resolve(limit.max(FACTS_LIMIT)).map(|mut resolved| {
            if call.sets_stream_flag
                && let Value::Object(request) = resolved.json.as_value_mut()
            {
                request.insert("stream".into(), Value::Bool(true));
            }
            progress.request = call.format.request(&resolved.json.to_value());
            if resolved.truncated {
                update.note_truncated("input");
            }
            resolved.json
        });
        progress.request.stream |= call.streaming;

        let mut start = self.of_span(EventType::SpanStart, span, span.started);
        start.started_at = Some(self.core.clock.wall(span.started));
        set_span_attributes(&mut start, span);
        facts::set_request(&mut start, call, &progress.request);
        events.push(start);
        if progress.request.stream {
            let mut stream = self.of_span(EventType::LlmStreamStart, span, span.started);
            stream.started_at = Some(self.core.clock.wall(span.started));
            set_span_attributes(&mut stream, span);
            facts::set_request(&mut stream, call, &progress.request);
            events.push(stream);
        }
        if call.capture_input && input.is_some() {
            update.raw.input = input;
            update.sequence = Some(span.trace.next_sequence());
            events.push(update);
        }
    }

    fn call_advanced(
        &self,
        span: &SpanState,
        call: &CallState,
        progress: &mut Progress,
        events: &mut Vec<Event>,
    ) {
        let tells = call.capture_output && progress.request.stream;
        progress.advance(call, &self.core.config, &mut |sign| {
            if tells {
                events.push(self.signed(span, sign));
            }
        });
    }

    pub(super) fn signed(&self, span: &SpanState, sign: Sign) -> Event {
        match sign {
            Sign::Chunk { at, index, text } => self.chunk(span, at, index, text),
            Sign::Preview { at, chunks, text } => self.preview(span, at, chunks, text),
        }
    }

    pub(super) fn preview(&self, span: &SpanState, at: Tick, chunks: u64, text: String) -> Event {
        let mut event = self.of_span(EventType::SpanUpdate, span, at);
        set_span_attributes(&mut event, span);
        event.attributes.insert("streaming".into(), json!(true));
        event.attributes.insert("chunk_count".into(), json!(chunks));
        event.raw.stream_preview = Some(text.into());
        event
    }

    pub(super) fn call_ended(&self, span: &SpanState, end: End, events: &mut Vec<Event>) {
        let Some(call) = span.call() else { return };
        let mut progress = call.progress.lock().unwrap_or_else(PoisonError::into_inner);
        let progress = progress.get_or_insert_default();
        self.call_advanced(span, call, progress, events);
        let mut transport = call.with_transport(std::mem::take);
        let End {
            at,
            outcome,
            output,
            known,
        } = end;
        let known = known.map(|known| *known).unwrap_or_default();
        let has_failed = matches!(outcome, Outcome::Failed(_));
        let mut answer = self.answer(call, progress, &transport, output, has_failed);
        if answer.facts.error.is_none() {
            // An error without a body, or with one that looks like something else.
            answer.facts.error = CallError::of_status(transport.status());
        }
        if let Some(told) = &known.usage {
            let usage = answer.facts.usage.get_or_insert_default();
            usage.update(told.clone());
        }
        let streaming = progress.request.stream;
        let tells = call.capture_output && streaming;
        progress.settle(&self.core.config, &mut |sign| {
            if tells {
                events.push(self.signed(span, sign));
            }
        });
        let (status, failure) = judge(streaming, outcome, &answer);

        let output = answer.output.filter(|_| call.capture_output);
        let mut stream_end = streaming.then(|| {
            let mut event = self.of_span(EventType::LlmStreamEnd, span, at);
            set_span_attributes(&mut event, span);
            event
                .attributes
                .insert("chunk_count".into(), json!(progress.texts));
            if let Some(usage) = &answer.facts.usage {
                facts::set_usage(&mut event, usage, Some(call.format));
            }
            let preview = progress.preview(self.core.config.stream.preview_chars);
            if call.capture_output {
                event
                    .attributes
                    .insert("preview_chars".into(), json!(preview.chars().count()));
                event.raw.stream_preview = (!preview.is_empty()).then(|| preview.into());
            }
            event
        });
        let mut event = self.of_span_unnumbered(EventType::SpanEnd, span, at);
        self.set_times(&mut event, span.started, at);
        set_span_attributes(&mut event, span);
        facts::set_request(&mut event, call, &progress.request);
        facts::set_response(&mut event, call, &answer.facts);
        facts::set_transport(&mut event, &mut transport);
        if streaming {
            facts::set_stream(&mut event, progress, span.started);
        }
        if !answer.facts.complete && streaming {
            event
                .attributes
                .insert("rollout.stream.complete".into(), json!(false));
        }
        if answer.truncated {
            event.note_truncated("output");
        }
        set_status(&mut event, status);
        if let Some(failure) = &failure {
            failure::set(&mut event, failure);
        }
        // A stream's output goes out with the end of the stream, and not twice.
        match &mut stream_end {
            Some(stream_end) => stream_end.raw.output = output,
            None => event.raw.output = output,
        }
        events.extend(stream_end);
        // The usage is there already, as the format of the call has it.
        set_known(
            &mut event,
            Known {
                usage: None,
                ..known
            },
        );
        event.sequence = Some(span.trace.next_sequence());
        events.push(event);
    }

    /// Returns what the call brought: read off the wire, from the typed stream, or as a response.
    fn answer(
        &self,
        call: &CallState,
        progress: &mut Progress,
        transport: &Transport,
        output: Payload,
        has_failed: bool,
    ) -> Answer {
        let limit = self.core.config.max_value_bytes;
        let from_wire = call.is_tapped();
        if let Some((value, facts)) = progress.conclude(transport, &self.core.config) {
            let output = (!value.is_null()).then(|| value.into());
            return Answer {
                output,
                truncated: false,
                facts,
                from_wire,
            };
        }
        let Some(resolved) = output.resolve(limit.max(FACTS_LIMIT)) else {
            let facts = ResponseFacts::default();
            return Answer {
                output: None,
                truncated: false,
                facts,
                from_wire,
            };
        };
        let value = resolved.json.to_value();
        let status = transport.status();
        let facts = match &value {
            Value::String(text) => call.format.decode(status, None, text.as_bytes()).1,
            value if has_failed && status.is_none() => call.format.unreadable(value),
            value => call.format.response(status, value),
        };
        Answer {
            output: Some(resolved.json),
            truncated: resolved.truncated,
            facts,
            from_wire,
        }
    }
}

/// Requests and responses are decoded before they are cut to what is kept.
const FACTS_LIMIT: usize = 8 * 1024 * 1024;

/// Returns the status of a call, and what went wrong: what the program got decides, else what the
/// provider said.
fn judge(streaming: bool, outcome: Outcome, answer: &Answer) -> (&'static str, Option<Failure>) {
    let said = answer.facts.error.as_ref();
    match outcome {
        Outcome::Failed(mut failure) => {
            if failure.provider.is_none() {
                failure.provider = said.cloned();
            }
            ("error", Some(*failure))
        }
        Outcome::Ok | Outcome::Cancelled if said.is_some() => {
            ("error", said.map(failure::of_provider))
        }
        // Nobody reads on after the last event, so being dropped then is the ordinary end.
        Outcome::Cancelled if answer.facts.complete => ("ok", None),
        // The connection was closed in the middle, as if that were the end.
        Outcome::Ok if streaming && answer.from_wire && !answer.facts.complete => {
            ("interrupted", None)
        }
        outcome => (status(&outcome), None),
    }
}
