//! What a span says, looked at one by one.

use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use serde_json::{Value, json};

use super::{FIXTURES, attribute, spans};
use crate::export::otlp::OtlpProfile;

fn of(fixture: &str, profile: OtlpProfile) -> Vec<Span> {
    let (_, events) = FIXTURES.iter().find(|(name, _)| *name == fixture).unwrap();
    spans(&events(), profile)
}

fn one(fixture: &str, profile: OtlpProfile) -> Span {
    let mut spans = of(fixture, profile);
    assert_eq!(spans.len(), 1, "{fixture}");
    spans.remove(0)
}

fn named<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    let found = spans.iter().find(|span| span.name == name);
    found.unwrap_or_else(|| {
        panic!(
            "no `{name}` in {:?}",
            spans.iter().map(|s| &s.name).collect::<Vec<_>>()
        )
    })
}

#[test]
fn a_call_outside_of_a_run_is_one_span() {
    let span = one("chat", OtlpProfile::Otel);
    assert_eq!(span.name, "chat gpt-4.1-mini");
    assert_eq!(span.kind, SpanKind::Client as i32);
    assert_eq!(
        (
            span.trace_id.len(),
            span.span_id.len(),
            span.parent_span_id.len()
        ),
        (16, 8, 0)
    );
    assert!(span.end_time_unix_nano > span.start_time_unix_nano);
    for (name, value) in [
        ("gen_ai.operation.name", json!("chat")),
        ("gen_ai.provider.name", json!("openai")),
        ("gen_ai.request.model", json!("gpt-4.1-mini")),
        ("gen_ai.response.model", json!("gpt-4.1-mini-2025-04-14")),
        ("gen_ai.request.temperature", json!(0.0)),
        ("gen_ai.request.max_tokens", json!(50)),
        ("gen_ai.request.stop_sequences", json!(["END"])),
        ("gen_ai.response.finish_reasons", json!(["stop"])),
        ("gen_ai.usage.input_tokens", json!(60)),
        ("gen_ai.usage.output_tokens", json!(19)),
        ("gen_ai.usage.cache_read.input_tokens", json!(32)),
        ("gen_ai.usage.reasoning.output_tokens", json!(8)),
        ("rollout.status", json!("ok")),
    ] {
        assert_eq!(attribute(&span, name), Some(value), "{name}");
    }
    assert_eq!(span.status.unwrap().code, StatusCode::Unset as i32);
}

#[test]
fn the_ids_are_the_same_in_both_systems() {
    let (_, events) = FIXTURES[0];
    let events = events();
    let span = &spans(&events, OtlpProfile::Otel)[0];
    let end = events.iter().find(|event| event.span_id.is_some()).unwrap();
    let trace: crate::TraceId = end.trace_id.as_ref().unwrap().parse().unwrap();
    let id: crate::SpanId = end.span_id.as_ref().unwrap().parse().unwrap();
    assert_eq!(span.trace_id, trace.to_bytes());
    assert_eq!(span.span_id, id.to_bytes());
}

/// A program's `agent_name` may be another one than that of the function that is the agent.
#[test]
fn tools_are_of_the_agent_that_is_around_them() {
    let (_, events) = FIXTURES
        .iter()
        .find(|(name, _)| *name == "agent-with-tools")
        .unwrap();
    let mut events = events();
    for event in &mut events {
        event.agent.name = Some("the program".to_owned());
    }
    let spans = spans(&events, OtlpProfile::Otel);
    for name in ["invoke_agent support", "execute_tool lookup"] {
        let span = named(&spans, name);
        let agent = attribute(span, "gen_ai.agent.name");
        assert_eq!(agent, Some(json!("support")), "{name}");
    }
}

#[test]
fn an_agents_run_is_the_root_of_its_calls_and_tools() {
    let spans = of("agent-with-tools", OtlpProfile::Otel);
    assert_eq!(spans.len(), 5);
    let root = named(&spans, "invoke_agent support");
    assert_eq!(root.parent_span_id, [0; 0]);
    assert_eq!(root.kind, SpanKind::Internal as i32);
    for span in spans.iter().filter(|span| span.span_id != root.span_id) {
        assert_eq!(span.parent_span_id, root.span_id, "{}", span.name);
    }
    for (name, value) in [
        ("gen_ai.agent.name", "support"),
        ("user.id", "u1"),
        ("session.id", "s1"),
        ("gen_ai.conversation.id", "c1"),
        ("channel", "mail"),
    ] {
        assert_eq!(attribute(root, name), Some(json!(value)), "{name}");
    }
    let tool = named(&spans, "execute_tool lookup");
    assert_eq!(
        attribute(tool, "gen_ai.tool.call.id"),
        Some(json!("call_1"))
    );
    assert_eq!(
        attribute(tool, "gen_ai.tool.call.arguments"),
        Some(json!(r#"{"number":1042}"#))
    );
    assert_eq!(attribute(tool, "gen_ai.agent.name"), Some(json!("support")));
    let failed = named(&spans, "execute_tool refund");
    let status = failed.status.as_ref().unwrap();
    assert_eq!(
        (status.code, status.message.as_str()),
        (StatusCode::Error as i32, "there is no order 1")
    );
    assert_eq!(failed.events[0].name, "exception");
    assert_eq!(attribute(failed, "gen_ai.tool.call.result"), None);
    named(&spans, "retrieval manual");
}

#[test]
fn anthropics_tokens_are_counted_as_everybodys() {
    for profile in OtlpProfile::ALL {
        let span = one("anthropic-cache", profile);
        assert_eq!(
            attribute(&span, "gen_ai.usage.input_tokens"),
            Some(json!(240)),
            "{profile}"
        );
    }
    let span = one("anthropic-cache", OtlpProfile::Langfuse);
    let buckets = attribute(&span, "langfuse.observation.usage_details").unwrap();
    let buckets: Value = serde_json::from_str(buckets.as_str().unwrap()).unwrap();
    assert_eq!(
        buckets,
        json!({
            "input": 10, "input_cached_tokens": 200, "input_cache_creation": 0,
            "input_cache_creation_5m": 20, "input_cache_creation_1h": 10, "output": 12,
        })
    );
}

#[test]
fn a_failed_call_says_why_and_a_cancelled_one_is_no_error() {
    let span = one("chat-error", OtlpProfile::Otel);
    assert_eq!(span.status.as_ref().unwrap().code, StatusCode::Error as i32);
    assert_eq!(
        attribute(&span, "error.type"),
        Some(json!("model_not_found"))
    );
    assert_eq!(span.events.len(), 1);
    let span = one("chat-cancelled", OtlpProfile::Otel);
    assert_eq!(span.status.as_ref().unwrap().code, StatusCode::Unset as i32);
    assert_eq!(attribute(&span, "rollout.status"), Some(json!("cancelled")));
    assert_eq!(attribute(&span, "error.type"), None);
}

#[test]
fn a_run_that_was_begun_in_another_one_is_linked_to_it() {
    let spans = of("agent-in-agent", OtlpProfile::Otel);
    let (tool, worker) = (
        named(&spans, "execute_tool ask"),
        named(&spans, "invoke_agent worker"),
    );
    assert_ne!(worker.trace_id, tool.trace_id);
    assert_eq!(worker.links.len(), 1);
    assert_eq!(worker.links[0].trace_id, tool.trace_id);
    assert_eq!(worker.links[0].span_id, tool.span_id);
}

#[test]
fn who_only_sets_agents_to_work_is_one() {
    for profile in OtlpProfile::ALL {
        let spans = of("supervisor", profile);
        named(&spans, "invoke_agent worker");
        named(&spans, "invoke_agent supervisor");
    }
}

#[test]
fn an_answer_that_was_cut_short_did_not_stop_by_itself() {
    let reason = |fixture| {
        let span = one(fixture, OtlpProfile::Otel);
        let said = attribute(&span, "gen_ai.output.messages").unwrap();
        let said: Value = serde_json::from_str(said.as_str().unwrap()).unwrap();
        assert_eq!(attribute(&span, "error.type"), None);
        said[0]["finish_reason"].clone()
    };
    assert_eq!(reason("chat-stream"), json!("stop"));
    assert_eq!(reason("chat-cut"), json!("error"));
}

#[test]
fn what_was_looked_for_and_found_is_shown() {
    let spans = of("search", OtlpProfile::Otel);
    let found = attribute(
        named(&spans, "retrieval manual"),
        "gen_ai.retrieval.documents",
    );
    let found: Value = serde_json::from_str(found.unwrap().as_str().unwrap()).unwrap();
    assert_eq!(found[1]["id"], json!("p9"));
    let spans = of("search", OtlpProfile::OpenInference);
    let found = named(&spans, "retrieval manual");
    for (name, value) in [
        ("id", json!("p7")),
        ("content", json!("page 7")),
        ("score", json!(0.75)),
        ("metadata", json!(r#"{"page":7}"#)),
    ] {
        let name = format!("retrieval.documents.0.document.{name}");
        assert_eq!(attribute(found, &name), Some(value), "{name}");
    }
    let embedded = named(&spans, "embeddings text-embedding-3-small");
    for (name, value) in [
        ("embedding.model_name", "text-embedding-3-small"),
        ("embedding.embeddings.1.embedding.text", "refunds"),
    ] {
        assert_eq!(attribute(embedded, name), Some(json!(value)), "{name}");
    }
}

#[test]
fn what_is_said_of_a_run_is_with_it_also_after_its_end() {
    let spans = of("notes", OtlpProfile::Otel);
    let root = named(&spans, "support");
    let names: Vec<_> = root
        .events
        .iter()
        .map(|event| event.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "rollout.message",
            "gen_ai.evaluation.result",
            "rollout.user.signal"
        ]
    );
    for name in ["feedback thumbs_up", "feedback late"] {
        let late = named(&spans, name);
        assert_eq!(
            (&late.trace_id, &late.parent_span_id),
            (&root.trace_id, &root.span_id)
        );
    }
    let score = attribute(
        named(&spans, "feedback thumbs_up"),
        "gen_ai.evaluation.score.value",
    );
    assert_eq!(score, Some(json!(1.0)));
}

#[test]
fn what_has_not_ended_is_sent_as_that() {
    let spans = of("unfinished", OtlpProfile::Otel);
    assert_eq!(spans.len(), 2);
    for span in &spans {
        assert_eq!(
            attribute(span, "rollout.status"),
            Some(json!("unfinished")),
            "{}",
            span.name
        );
    }
}

#[test]
fn the_oldest_profile_tells_messages_as_events() {
    let span = one("chat", OtlpProfile::Otel136);
    let names: Vec<_> = span
        .events
        .iter()
        .map(|event| event.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "gen_ai.system.message",
            "gen_ai.user.message",
            "gen_ai.choice"
        ]
    );
    assert_eq!(attribute(&span, "gen_ai.system"), Some(json!("openai")));
    assert_eq!(attribute(&span, "gen_ai.input.messages"), None);
}
