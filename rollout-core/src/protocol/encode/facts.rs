//! Decoded facts become fields of the protocol, and attributes where it has none.
//!
//! The names of attributes follow the OpenTelemetry GenAI conventions (development version of
//! October 2026); our own start with `rollout.`.

use std::borrow::Cow;

use serde_json::{Value, json};

use crate::clock::Tick;
use crate::llm::{CallState, Transport};
use crate::pipeline::Progress;
use crate::protocol::Event;
use crate::provider::{RequestFacts, ResponseFacts, Usage, WireFormat};

pub(super) fn set_request(event: &mut Event, call: &CallState, facts: &RequestFacts) {
    event.format = Some(call.format);
    let model = &mut event.model;
    model.provider = Some(call.provider.clone().into_owned());
    let named = || call.model.clone().map(Cow::into_owned);
    model.model = facts.model.clone().or_else(named);
    model.temperature = facts.temperature;
    model.reasoning_mode.clone_from(&facts.reasoning_mode);
    event
        .attributes
        .insert("gen_ai.operation.name".into(), json!("chat"));
    if let Some(api) = match call.format {
        WireFormat::OpenAiChat => Some("chat_completions"),
        WireFormat::OpenAiResponses => Some("responses"),
        WireFormat::AnthropicMessages => None,
    } {
        event
            .attributes
            .insert("openai.api.type".into(), json!(api));
    }
    event.attributes.extend(facts.attributes.clone());
}

pub(super) fn set_response(event: &mut Event, call: &CallState, facts: &ResponseFacts) {
    if let Some(model) = &facts.model {
        event.model.model_version = Some(model.clone());
        let _ = event.model.model.get_or_insert_with(|| model.clone());
        event
            .attributes
            .insert("gen_ai.response.model".into(), json!(model));
    }
    let attributes = &mut event.attributes;
    if let Some(id) = &facts.id {
        attributes.insert("gen_ai.response.id".into(), json!(id));
    }
    let reasons: Vec<_> = facts.finish_reasons.iter().flatten().collect();
    if !reasons.is_empty() {
        attributes.insert("gen_ai.response.finish_reasons".into(), json!(reasons));
    }
    if !facts.tool_calls.is_empty() {
        let calls: Vec<Value> = facts
            .tool_calls
            .iter()
            .map(|call| json!({"id": call.id, "name": call.name}))
            .collect();
        attributes.insert("rollout.tool_calls".into(), calls.into());
    }
    if !facts.server_tool_calls.is_empty() {
        let calls: Vec<Value> = facts
            .server_tool_calls
            .iter()
            .map(|call| json!({"id": call.id, "type": call.kind, "name": call.name}))
            .collect();
        attributes.insert("rollout.server_tool_calls".into(), calls.into());
    }
    attributes.extend(facts.attributes.clone());
    if let Some(usage) = &facts.usage {
        set_usage(event, usage, Some(call.format));
    }
}

pub(super) fn set_usage(event: &mut Event, usage: &Usage, format: Option<WireFormat>) {
    let target = &mut event.usage;
    target.input_tokens = usage.input_tokens;
    target.output_tokens = usage.output_tokens;
    target.total_tokens = usage.total_tokens;
    target.reasoning_tokens = usage.reasoning_tokens;
    target.cost_usd = usage.cost_usd;
    target.context_window_tokens = usage.context_window_tokens;
    target.context_used_tokens = usage.context_used_tokens;
    target.context_utilization = usage.context_utilization;
    target.cached_tokens = match format {
        // The protocol's field is the sum here; the parts, which are priced differently, are
        // attributes.
        Some(WireFormat::AnthropicMessages) => {
            let sum = usage.cached_tokens.unwrap_or(0) + usage.cache_write_tokens.unwrap_or(0);
            (sum > 0).then_some(sum)
        }
        _ => usage.cached_tokens,
    };
    for (key, tokens) in [
        ("gen_ai.usage.cache_read.input_tokens", usage.cached_tokens),
        (
            "gen_ai.usage.cache_write.input_tokens",
            usage.cache_write_tokens,
        ),
        ("rollout.usage.cache_write_5m", usage.cache_write_5m_tokens),
        ("rollout.usage.cache_write_1h", usage.cache_write_1h_tokens),
    ] {
        if let Some(tokens) = tokens {
            event.attributes.insert(key.into(), json!(tokens));
        }
    }
}

/// Notes when what came, and how much.
pub(super) fn set_stream(event: &mut Event, progress: &Progress, started: Tick) {
    let first = progress.first;
    for (key, at) in [
        ("gen_ai.response.time_to_first_chunk", first.content),
        ("rollout.stream.first_text_s", first.text),
        ("rollout.stream.first_reasoning_s", first.reasoning),
        ("rollout.stream.first_tool_call_s", first.tool_call),
    ] {
        if let Some(at) = at {
            event
                .attributes
                .insert(key.into(), json!(at.since(started).as_secs_f64()));
        }
    }
    event
        .attributes
        .insert("rollout.stream.chunks".into(), json!(progress.chunks));
    if progress.lost > 0 {
        event
            .attributes
            .insert("rollout.stream.lost_chunks".into(), json!(progress.lost));
    }
}

/// Notes what a layer saw of the HTTP exchange.
pub(super) fn set_transport(event: &mut Event, transport: &mut Transport) {
    let attributes = &mut event.attributes;
    if let Some(status) = transport.status() {
        attributes.insert("http.response.status_code".into(), json!(status));
    }
    let headers = transport.head.as_mut().and_then(|head| head.headers.take());
    for (name, value) in headers.map(|headers| headers()).unwrap_or_default() {
        let key = match name.as_str() {
            "x-request-id" | "request-id" | "apim-request-id" => "rollout.request_id".to_owned(),
            name => match name.split_once("ratelimit-") {
                Some((_, limit)) => format!("rollout.rate_limit.{}", limit.replace('-', "_")),
                None => format!("http.response.header.{name}"),
            },
        };
        attributes.insert(key, json!(value));
    }
    if transport.attempts.is_empty() {
        return;
    }
    attributes.insert(
        "rollout.attempt_count".into(),
        json!(transport.attempts.len()),
    );
    let known =
        |attempt: &&crate::llm::wire::Attempt| attempt.status.is_some() || attempt.error.is_some();
    let attempts: Vec<Value> = transport
        .attempts
        .iter()
        .filter(known)
        .map(|attempt| {
            let mut value = json!({"duration_ms": attempt.duration.as_secs_f64() * 1e3});
            for (key, known) in [
                ("status", attempt.status.map(|status| json!(status))),
                ("error", attempt.error.as_ref().map(|error| json!(error))),
                (
                    "request_id",
                    attempt.request_id.as_ref().map(|id| json!(id)),
                ),
                (
                    "retry_after",
                    attempt.retry_after.as_ref().map(|after| json!(after)),
                ),
            ] {
                if let (Some(known), Some(object)) = (known, value.as_object_mut()) {
                    object.insert(key.into(), known);
                }
            }
            value
        })
        .collect();
    if !attempts.is_empty() {
        attributes.insert("rollout.attempts".into(), attempts.into());
    }
}
