//! Calls to a model that the program tells of by hand.

use std::sync::PoisonError;

use serde_json::json;

use super::common::{set_known, set_outcome, set_span_attributes};
use super::{Encoder, facts};
use crate::clock::Tick;
use crate::protocol::{Event, EventType};
use crate::record::End;
use crate::span::{SpanState, ToldCall};

impl Encoder<'_> {
    /// Returns the event that says that its answer will be streamed.
    pub(super) fn told_stream_started(&self, span: &SpanState, call: &ToldCall) -> Event {
        let mut event = self.of_span(EventType::LlmStreamStart, span, span.started);
        event.started_at = Some(self.core.clock.wall(span.started));
        set_span_attributes(&mut event, span);
        event.model = call.model.clone();
        event
    }

    /// Takes a chunk, and appends what there is to tell of it.
    pub(super) fn told_chunk(
        &self,
        span: &SpanState,
        call: &ToldCall,
        chunk: (Tick, u64, &str),
        events: &mut Vec<Event>,
    ) {
        let mut told = call.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.add(chunk, &self.core.config, &mut |sign| {
            events.push(self.signed(span, sign));
        });
    }

    pub(super) fn told_call_ended(
        &self,
        span: &SpanState,
        call: &ToldCall,
        mut end: End,
        events: &mut Vec<Event>,
    ) {
        let known = end.known.take();
        let mut output = Event::new(EventType::SpanEnd, self.core.clock.wall(end.at));
        output.raw.output = self.keep_output(end.output, &mut output);
        let stream = call.streaming.then(|| {
            let mut told = call.told.lock().unwrap_or_else(PoisonError::into_inner);
            told.settle(&self.core.config, &mut |sign| {
                events.push(self.signed(span, sign));
            });
            if output.raw.output.is_none()
                && let Some((text, is_cut)) = told.take_text()
            {
                output.raw.output = Some(text.into());
                if is_cut {
                    output.note_truncated("output");
                }
            }
            let mut event = self.of_span(EventType::LlmStreamEnd, span, end.at);
            set_span_attributes(&mut event, span);
            let preview = told.preview(self.core.config.stream.preview_chars);
            let attributes = &mut event.attributes;
            attributes.insert("chunk_count".into(), json!(told.chunks));
            attributes.insert("preview_chars".into(), json!(preview.chars().count()));
            event.raw.stream_preview = (!preview.is_empty()).then(|| preview.into());
            event.raw.output = output.raw.output.take();
            if let Some(usage) = known.as_ref().and_then(|known| known.usage.as_ref()) {
                facts::set_usage(&mut event, usage, None);
            }
            (event, told.first)
        });
        let mut event = self.of_span_unnumbered(EventType::SpanEnd, span, end.at);
        self.set_times(&mut event, span.started, end.at);
        set_span_attributes(&mut event, span);
        event.model = call.model.clone();
        event.raw.output = output.raw.output.take();
        event.attributes.extend(output.attributes);
        set_outcome(&mut event, &end.outcome);
        if let Some((stream, first)) = stream {
            if let Some(first) = first {
                let seconds = first.since(span.started).as_secs_f64();
                let attributes = &mut event.attributes;
                attributes.insert("gen_ai.response.time_to_first_chunk".into(), json!(seconds));
            }
            events.push(stream);
        }
        if let Some(known) = known {
            set_known(&mut event, *known);
        }
        event.sequence = Some(span.trace.next_sequence());
        events.push(event);
    }
}
