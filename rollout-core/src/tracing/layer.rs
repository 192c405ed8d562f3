//! The layer: from what a subscriber is told to what is recorded.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context as Spans, Layer};
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use super::detached;
use super::entered;
use super::fields::{Failed, Fields};
use super::finding::Finding;
use super::messages::{self, Said};
use super::slot::Slot;
use crate::client::{Core, nobody_records};
use crate::context::{Active, Context};
use crate::trace::{Trace, TraceBuilder};

/// Records spans of `tracing` that follow the GenAI conventions; see [`layer`](super::layer).
pub struct GenAiLayer {
    /// Tells it from others that may be in the same subscriber, by mistake or with other filters.
    id: u64,
}

/// What is known of a span, and which layer it was that found it: no other one records it.
struct Found {
    by: u64,
    slot: Slot,
}

/// The trace of ours that a span of somebody else was opened in, for what is told below it by tasks that
/// know the span and not the trace.
struct OpenedIn(Context);

/// The trace of an outermost span, which is there for the spans below it.
struct Outermost {
    context: Context,
    trace: Mutex<Trace>,
}

impl GenAiLayer {
    pub(super) fn new() -> Self {
        static LAYERS: AtomicU64 = AtomicU64::new(0);
        Self {
            id: LAYERS.fetch_add(1, Ordering::Relaxed),
        }
    }

    /// Returns what is known of a span that this layer found.
    fn slot_of<'a, S: LookupSpan<'a>>(&self, span: &SpanRef<'a, S>) -> Option<Slot> {
        let extensions = span.extensions();
        let found = extensions.get::<Found>()?;
        (found.by == self.id).then(|| found.slot.clone())
    }

    /// Calls `work` with what is known of a span that this layer found.
    fn with_finding<S: Subscriber + for<'a> LookupSpan<'a>, R>(
        &self,
        spans: &Spans<'_, S>,
        id: &Id,
        work: impl FnOnce(&mut Finding) -> R,
    ) -> Option<R> {
        if nobody_records() {
            return None;
        }
        self.slot_of(&spans.span(id)?)?.with(work)
    }
}

impl Clone for GenAiLayer {
    /// Returns another layer.
    fn clone(&self) -> Self {
        Self::new()
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for GenAiLayer {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, spans: Spans<'_, S>) {
        if nobody_records() {
            return;
        }
        if !tells_of_a_model(attributes.metadata()) {
            return note_trace(attributes, id, &spans);
        }
        let Some(span) = spans.span(id) else { return };
        if span.extensions().get::<Found>().is_some() {
            return;
        }
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
        span.extensions_mut().replace(Found { by: self.id, slot });
    }

    fn on_follows_from(&self, id: &Id, follows: &Id, spans: Spans<'_, S>) {
        let around = spans
            .span(follows)
            .and_then(|follows| work_on(&follows, |finding| finding.around().clone()));
        if let Some(around) = around.or_else(|| detached::around_closed(follows)) {
            self.with_finding(&spans, id, |finding| finding.follow(around));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, spans: Spans<'_, S>) {
        let context = self.with_finding(&spans, id, |finding| {
            values.record(&mut finding.fields);
            finding.told()
        });
        if let Some(Some(context)) = context {
            entered::change(id, context);
        }
    }

    fn on_event(&self, event: &Event<'_>, spans: Spans<'_, S>) {
        let is_error = *event.metadata().level() == Level::ERROR;
        let may_be_message = messages::may_be_one(event.metadata());
        if !is_error && !may_be_message && !tells_of_a_model(event.metadata()) {
            return;
        }
        let Some(span) = spans.event_span(event) else {
            return;
        };
        let context = self.with_finding(&spans, &span.id(), |finding| {
            if let Some(said) = Said::of(event) {
                finding.messages.push(said);
                return None;
            }
            if is_error {
                finding.failure = Some(Failed::of(event));
                return None;
            }
            // Others have fields of their own, and are no more of the span's than any line of a log.
            if !tells_of_a_model(event.metadata()) {
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
        if let Some(context) = self.with_finding(&spans, id, Finding::enter) {
            if let Some(slot) = spans.span(id).and_then(|span| self.slot_of(&span)) {
                detached::forget(&slot);
            }
            entered::enter(id, context);
        }
    }

    fn on_exit(&self, id: &Id, spans: Spans<'_, S>) {
        if self.with_finding(&spans, id, Finding::leave).is_some() {
            entered::leave(id);
        }
    }

    fn on_close(&self, id: Id, spans: Spans<'_, S>) {
        let Some(span) = spans.span(&id) else { return };
        if let Some(slot) = self.slot_of(&span) {
            slot.with(|finding| {
                finding.close();
                if finding.is_follower() {
                    detached::note_closed(&id, finding.around().clone());
                }
            });
        }
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

/// Notes the trace of ours that somebody else's span is opened in, if there is one.
fn note_trace<S: Subscriber + for<'a> LookupSpan<'a>>(
    attributes: &Attributes<'_>,
    id: &Id,
    spans: &Spans<'_, S>,
) {
    if attributes.is_root() {
        return;
    }
    let context = Context::with(|current| current.trace().is_some().then(|| current.clone()));
    if let Some(context) = context.flatten()
        && let Some(span) = spans.span(id)
    {
        span.extensions_mut().replace(OpenedIn(context));
    }
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
        Active::Nothing | Active::Client(_) => {
            let mut parents = span.scope().skip(1);
            if let Some(context) = parents.find_map(|parent| opened_in(&parent)) {
                return context;
            }
            // The outermost span around it is a trace, for all that is told below it.
            match span.scope().skip(1).last() {
                Some(outermost) => in_trace_of(&outermost, current),
                None => current,
            }
        }
        _ => current,
    }
}

/// Returns the context inside a span that we record, or that was opened in a trace of ours.
fn context_of<'a, S: LookupSpan<'a>>(span: &SpanRef<'a, S>) -> Option<Context> {
    work_on(span, Finding::context_of_children).or_else(|| opened_in(span))
}

fn opened_in<'a, S: LookupSpan<'a>>(span: &SpanRef<'a, S>) -> Option<Context> {
    let extensions = span.extensions();
    extensions.get::<OpenedIn>().map(|around| around.0.clone())
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

/// Calls `work` with what is known of a span, whichever layer found it; `None` where it is none of ours.
fn work_on<'a, S: LookupSpan<'a>, R>(
    span: &SpanRef<'a, S>,
    work: impl FnOnce(&mut Finding) -> R,
) -> Option<R> {
    let slot = span.extensions().get::<Found>()?.slot.clone();
    slot.with(work)
}

impl fmt::Debug for GenAiLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GenAiLayer")
    }
}
