//! Our traces and spans as spans of `tracing`, for the program's own subscriber.
//!
//! A twin is opened, entered, left and closed where its original is, so that what the program logs in between
//! is inside of it, for whoever listens. What was said and answered is not in it: that is known on the worker
//! only, and is the record's.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use tracing::field::Empty;
use tracing::span::EnteredSpan;
use tracing::{Level, Span};

use crate::context::{Active, Context};
use crate::record::Outcome;
use crate::span::SpanState;
use crate::trace::TraceState;

/// The twin of something that has not ended; `None` from then on.
pub(crate) struct Twin(Mutex<Option<Span>>);

/// Opens a span. Its name has to be known when the program is built, so that what ours is called is a field.
macro_rules! open {
    ($name:literal, $parent:expr, $($field:tt)*) => {
        match $parent {
            Some(parent) => tracing::span!(
                target: "rollout", parent: &parent, Level::INFO, $name, $($field)*
                otel.status_code = Empty, error.type = Empty,
            ),
            None => tracing::span!(
                target: "rollout", Level::INFO, $name, $($field)*
                otel.status_code = Empty, error.type = Empty,
            ),
        }
    };
}

impl Twin {
    /// Opens the twin of a trace that began in this context, if the program wants any.
    pub(crate) fn of_trace(trace: &TraceState, around: &Context) -> Option<Self> {
        if !trace.core.config.tracing_spans {
            return None;
        }
        let (parent, name, id) = (parent_in(around), &*trace.name, trace.id);
        Some(Self::new(open!(
            "trace", parent, otel.name = name, rollout.trace_id = %id,
        )))
    }

    /// Opens the twin of a span that began in this context, if the program wants any.
    pub(crate) fn of_span(span: &SpanState, around: &Context) -> Option<Self> {
        if !span.core().config.tracing_spans {
            return None;
        }
        let (parent, name, id, trace) = (parent_in(around), &*span.name, span.id, span.trace.id);
        Some(Self::new(match &*span.kind {
            "llm" => open!(
                "llm", parent, otel.name = name, otel.kind = "client",
                rollout.trace_id = %trace, rollout.span_id = %id,
            ),
            "tool" => open!(
                "tool", parent, otel.name = name, rollout.trace_id = %trace, rollout.span_id = %id,
            ),
            kind => open!(
                "span", parent, otel.name = name, rollout.span_type = kind,
                rollout.trace_id = %trace, rollout.span_id = %id,
            ),
        }))
    }

    fn new(span: Span) -> Self {
        Self(Mutex::new(Some(span)))
    }

    /// Closes it, as soon as it is left everywhere.
    pub(crate) fn close(&self, outcome: &Outcome) {
        let span = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (Some(span), Outcome::Failed(failure)) = (span, outcome) else {
            return;
        };
        span.record("otel.status_code", "ERROR");
        span.record("error.type", &*failure.kind);
    }

    fn span(&self) -> Option<Span> {
        let span = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        span.clone()
    }
}

impl fmt::Debug for Twin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Twin").finish_non_exhaustive()
    }
}

/// Enters the twin of what is active in a context.
pub(crate) fn enter(context: &Context) -> Option<EnteredSpan> {
    twin_of(&context.active)?.span().map(Span::entered)
}

/// Returns the twin of what a context is inside of, if that is not what the thread is inside of anyway: a span
/// of the program's own in between is to stay there.
fn parent_in(around: &Context) -> Option<Span> {
    let twin = twin_of(&around.active)?;
    let is_entered = Context::with(|current| {
        twin_of(&current.active).is_some_and(|current| std::ptr::eq(current, twin))
    });
    if is_entered == Some(true) {
        return None;
    }
    twin.span()
}

fn twin_of(active: &Active) -> Option<&Twin> {
    match active {
        Active::Trace(trace) => trace.twin.get(),
        Active::Span(span) => span.twin.get().or_else(|| span.trace.twin.get()),
        _ => None,
    }
}
