//! Traces that are part of those that the program makes with OpenTelemetry.

use opentelemetry::trace::{TraceContextExt as _, Tracer as _, TracerProvider as _};
use opentelemetry_sdk::trace::{InMemorySpanExporter, Sampler, SdkTracerProvider, SpanData};
use rollout::opentelemetry::active_span;
use rollout::protocol::{Event, EventType};
use rollout::testing::{Recording, record_with};
use rollout::{Builder, Context};
use tracing_subscriber::layer::SubscriberExt as _;

/// What the program traces by itself.
struct Traced {
    provider: SdkTracerProvider,
    exporter: InMemorySpanExporter,
}

impl Traced {
    fn new(sampler: Sampler) -> Self {
        let exporter = InMemorySpanExporter::default();
        let provider = SdkTracerProvider::builder()
            .with_simple_exporter(exporter.clone())
            .with_sampler(sampler)
            .build();
        Self { provider, exporter }
    }

    fn span(&self, name: &str) -> SpanData {
        let spans = self.exporter.get_finished_spans().unwrap();
        spans.into_iter().find(|span| span.name == name).unwrap()
    }
}

fn joining(builder: Builder) -> Builder {
    builder.parent(active_span)
}

fn begun(recording: &Recording, name: &str) -> Event {
    let events = recording.events();
    let is_start = |event: &Event| {
        matches!(
            event.event_type(),
            EventType::SpanStart | EventType::TraceStart
        )
    };
    let mut starts = events.into_iter().filter(is_start);
    let found = starts.find(|event| event.name.as_deref() == Some(name));
    found.unwrap_or_else(|| panic!("no {name}"))
}

#[track_caller]
fn assert_below(event: &Event, span: &SpanData) {
    let trace = rollout::TraceId::from_bytes(span.span_context.trace_id().to_bytes());
    assert_eq!(event.trace_id, Some(trace.to_string()));
    let parent = format!("span_{}", span.span_context.span_id());
    assert_eq!(event.parent_span_id, Some(parent));
}

#[rollout::agent]
fn support() {
    rollout::span("retrieval").start().end();
}

#[test]
fn an_agent_hangs_below_the_span_that_is_active() {
    let traced = Traced::new(Sampler::AlwaysOn);
    let recording = record_with(joining);
    recording.in_scope(|| {
        traced.provider.tracer("shop").in_span("GET /orders", |_| {
            support();
            // What begins outside of any agent is part of it as well.
            rollout::span("cache").start().end();
        });
    });
    let request = traced.span("GET /orders");
    let agent = begun(&recording, "support");
    assert_eq!(agent.span_type.as_deref(), Some("agent"));
    assert_below(&agent, &request);
    assert_below(&begun(&recording, "cache"), &request);
    let inner = begun(&recording, "retrieval");
    assert_eq!(
        (inner.trace_id, inner.parent_span_id),
        (agent.trace_id, agent.span_id)
    );
}

#[test]
fn spans_of_tracing_count_where_they_are_opentelemetrys() {
    let traced = Traced::new(Sampler::AlwaysOn);
    let layer = tracing_opentelemetry::layer().with_tracer(traced.provider.tracer("shop"));
    let recording = record_with(joining);
    tracing::subscriber::with_default(tracing_subscriber::registry().with(layer), || {
        let request = tracing::info_span!("GET /orders");
        recording.in_scope(|| request.in_scope(support));
    });
    assert_below(&begun(&recording, "support"), &traced.span("GET /orders"));
}

#[test]
fn without_a_span_and_below_one_that_is_not_sampled_a_trace_is_its_own() {
    let traced = Traced::new(Sampler::AlwaysOff);
    let recording = record_with(joining);
    recording.in_scope(|| {
        support();
        let tracer = traced.provider.tracer("shop");
        tracer.in_span("GET /orders", |active| {
            assert!(active.span().span_context().is_valid());
            support();
        });
    });
    let starts = recording.events().into_iter();
    let starts: Vec<_> = starts
        .filter(|event| event.event_type() == EventType::TraceStart)
        .collect();
    assert_eq!(starts.len(), 2);
    assert_ne!(starts[0].trace_id, starts[1].trace_id);
}

#[test]
fn what_a_context_says_wins_and_a_trace_within_a_trace_is_its_own() {
    let traced = Traced::new(Sampler::AlwaysOn);
    let recording = record_with(joining);
    let remote = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    recording.in_scope(|| {
        traced.provider.tracer("shop").in_span("GET /orders", |_| {
            Context::from_traceparent(remote).in_scope(support);
            let outer = rollout::trace("outer").start();
            outer.in_scope(|| rollout::trace("inner").start().end());
        });
    });
    let support = begun(&recording, "support").trace_id.unwrap();
    assert_eq!(
        support.replace(['-', '_'], ""),
        "trace4bf92f3577b34da6a3ce929d0e0e4736"
    );
    assert_below(&begun(&recording, "outer"), &traced.span("GET /orders"));
    assert_eq!(
        begun(&recording, "inner").event_type(),
        EventType::TraceStart
    );
}

#[test]
fn a_hook_that_panics_or_records_does_no_harm() {
    let panics = record_with(|builder| builder.parent(|| panic!("hook")).on_diagnostic(|_| ()));
    panics.in_scope(support);
    assert_eq!(
        begun(&panics, "support").event_type(),
        EventType::TraceStart
    );
    let records = record_with(|builder| {
        builder.parent(|| {
            rollout::trace("of the hook").start().end();
            None
        })
    });
    records.in_scope(support);
    let mut names: Vec<_> = records
        .runs()
        .into_iter()
        .map(|run| run.name.clone())
        .collect();
    names.sort();
    assert_eq!(names, ["of the hook", "support"]);
}
