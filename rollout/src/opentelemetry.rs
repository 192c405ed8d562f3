//! Traces that are part of those that a program already makes with OpenTelemetry.
//!
//! Give [`active_span`] to [`Builder::parent`](crate::Builder::parent), and an agent that runs inside of a span of
//! OpenTelemetry, or of `tracing` with `tracing-opentelemetry`, has that span's trace id and hangs below it: in
//! rollout's own folder, in the hosted viewer, and, exported to the same backend, in one tree with the rest.
//!
//! ```
//! let builder = rollout::builder().parent(rollout::opentelemetry::active_span);
//! # drop(builder);
//! ```
//!
//! This is for `opentelemetry` 0.33. For another version the same takes a few lines of one's own:
//!
//! ```
//! use opentelemetry::trace::TraceContextExt as _;
//!
//! let builder = rollout::builder().parent(|| {
//!     let active = opentelemetry::Context::current();
//!     let span = active.span().span_context().clone();
//!     let traceparent = format!("00-{}-{}-01", span.trace_id(), span.span_id());
//!     span.is_sampled().then(|| rollout::Context::from_traceparent(&traceparent))
//! });
//! # drop(builder);
//! ```

use ::opentelemetry as upstream;
use rollout_core::Context;
use upstream::trace::TraceContextExt as _;

/// Returns the context of the span of OpenTelemetry that is active on this thread, to begin a trace in.
///
/// `None` where there is none, and where OpenTelemetry does not sample it: a trace that nobody else keeps is
/// one of its own.
///
/// ```
/// use opentelemetry::trace::{Tracer as _, TracerProvider as _};
///
/// let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder().build();
/// provider.tracer("shop").in_span("GET /orders", |_| {
///     let context = rollout::opentelemetry::active_span().expect("inside of one");
///     context.in_scope(|| { /* what runs here is below `GET /orders` */ });
/// });
/// assert!(rollout::opentelemetry::active_span().is_none());
/// ```
#[must_use]
pub fn active_span() -> Option<Context> {
    upstream::Context::map_current(|active| {
        let span = active.span();
        let span = span.span_context();
        if !span.is_valid() || !span.is_sampled() {
            return None;
        }
        let parent = format!("00-{}-{}-01", span.trace_id(), span.span_id());
        let headers = [
            ("traceparent", parent),
            ("tracestate", span.trace_state().header()),
        ];
        Some(Context::from_headers(headers))
    })
}
