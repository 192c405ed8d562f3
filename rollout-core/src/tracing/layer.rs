//! The layer: from what a subscriber is told to what is recorded.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context as Spans, Layer};
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use super::detached;
use super::entered;
use super::fields::{Failed, Fields};
use super::finding::Finding;
use super::slot::Slot;
use crate::client::{Core, nobody_records};
use crate::context::{Active, Context};
use crate::trace::{Trace, TraceBuilder};

/// Records spans of `tracing` that follow the GenAI conventions; see [`layer`](super::layer).
#[derive(Clone)]
pub struct GenAiLayer {
    _private: (),
}

/// The trace of an outermost span, which is there for the spans below it.
struct Outermost {
    context: Context,
    trace: Mutex<Trace>,
}

impl GenAiLayer {
    pub(super) fn new() -> Self {
        Self { _private: () }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for GenAiLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, spans: Spans<'_, S>) {
        if nobody_records() || !tells_of_a_model(attributes.metadata()) {
            return;
        }
        let Some(span) = spans.span(id) else { return };
        let around = around(&span, attributes.is_contextual());
        let Some(core) = Core::of(&around) else {
            return;
        };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let mut finding = Finding::new(core, around, fields);
        let waits = finding.waits_as_an_agent();
        finding.join_agent();
        let core = Arc::clone(finding.core());
        let slot = Slot::new(finding);
        if let Some(name) = waits {
            detached::note(name, &core, &slot);
        }
        span.extensions_mut().insert(slot);
    }

    fn on_follows_from(&self, id: &Id, follows: &Id, spans: Spans<'_, S>) {
        let around = with_finding(&spans, follows, |finding| finding.around().clone());
        if let Some(around) = around.or_else(|| detached::around_closed(follows)) {
            with_finding(&spans, id, |finding| finding.follow(around));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, spans: Spans<'_, S>) {
        let context = with_finding(&spans, id, |finding| {
            values.record(&mut finding.fields);
            finding.told()
        });
        if let Some(Some(context)) = context {
            entered::change(id, context);
        }
    }

    fn on_event(&self, event: &Event<'_>, spans: Spans<'_, S>) {
        let is_error = *event.metadata().level() == Level::ERROR;
        if !is_error && !tells_of_a_model(event.metadata()) {
            return;
        }
        let Some(span) = spans.event_span(event) else {
            return;
        };
        let context = with_finding(&spans, &span.id(), |finding| {
            if is_error {
                finding.failure = Some(Failed::of(event));
                return None;
            }
            event.record(&mut finding.fields);
            finding.told()
        });
        if let Some(Some(context)) = context {
            entered::change(&span.id(), context);
        }
    }

    fn on_enter(&self, id: &Id, spans: Spans<'_, S>) {
        if let Some(context) = with_finding(&spans, id, Finding::enter) {
            if let Some(slot) = spans.span(id).as_ref().and_then(slot_of) {
                detached::forget(&slot);
            }
            entered::enter(id, context);
        }
    }

    fn on_exit(&self, id: &Id, spans: Spans<'_, S>) {
        if with_finding(&spans, id, Finding::leave).is_some() {
            entered::leave(id);
        }
    }

    fn on_close(&self, id: Id, spans: Spans<'_, S>) {
        let Some(span) = spans.span(&id) else { return };
        work_on(&span, |finding| {
            finding.close();
            if finding.is_follower() {
                detached::note_closed(&id, finding.around().clone());
            }
        });
        let outermost = span.extensions_mut().remove::<Outermost>();
        if let Some(Outermost { trace, .. }) = outermost {
            trace
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner)
                .end();
        }
    }
}

/// Returns whether a span or event has fields of the GenAI conventions.
fn tells_of_a_model(metadata: &Metadata<'_>) -> bool {
    let mut fields = metadata.fields().iter();
    fields.any(|field| field.name().starts_with("gen_ai."))
}

/// Returns the context that a span was opened in.
fn around<'a, S: LookupSpan<'a>>(span: &SpanRef<'a, S>, is_contextual: bool) -> Context {
    let current = Context::current();
    if !is_contextual
        && let Some(parent) = span.scope().skip(1).find_map(|parent| context_of(&parent))
    {
        return parent;
    }
    match current.active {
        // The outermost span around it is a trace, for all that is told below it.
        Active::Nothing | Active::Client(_) => match span.scope().skip(1).last() {
            Some(outermost) => in_trace_of(&outermost, current),
            None => current,
        },
        _ => current,
    }
}

/// Returns the context inside a span that we record.
fn context_of<'a, S: LookupSpan<'a>>(span: &SpanRef<'a, S>) -> Option<Context> {
    work_on(span, Finding::context_of_children)
}

/// Returns the context inside the trace of an outermost span, which is opened for the first one below.
fn in_trace_of<'a, S: LookupSpan<'a>>(span: &SpanRef<'a, S>, current: Context) -> Context {
    if let Some(outermost) = span.extensions().get::<Outermost>() {
        return outermost.context.clone();
    }
    let Some(core) = Core::of(&current) else {
        return current;
    };
    let trace = TraceBuilder::new(Some(core), span.name().into()).foreign();
    let trace = current.in_scope(|| trace.start());
    let context = trace.context();
    span.extensions_mut().replace(Outermost {
        context: context.clone(),
        trace: Mutex::new(trace),
    });
    context
}

fn with_finding<S: Subscriber + for<'a> LookupSpan<'a>, R>(
    spans: &Spans<'_, S>,
    id: &Id,
    work: impl FnOnce(&mut Finding) -> R,
) -> Option<R> {
    if nobody_records() {
        return None;
    }
    work_on(&spans.span(id)?, work)
}

/// Calls `work` with what is known of a span; `None` where it is none of ours.
fn work_on<'a, S: LookupSpan<'a>, R>(
    span: &SpanRef<'a, S>,
    work: impl FnOnce(&mut Finding) -> R,
) -> Option<R> {
    slot_of(span)?.with(work)
}

fn slot_of<'a, S: LookupSpan<'a>>(span: &SpanRef<'a, S>) -> Option<Slot> {
    span.extensions().get::<Slot>().cloned()
}

impl fmt::Debug for GenAiLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GenAiLayer")
    }
}
