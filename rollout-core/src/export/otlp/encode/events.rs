//! What happened within a span: messages, feedback, errors.

use opentelemetry_proto::tonic::trace::v1::span;
use serde_json::{Value, json};

use super::common::text;
use super::genai::{CONTENT, has_content};
use super::{Attributes, Outcome, Seen};
use crate::export::otlp::OtlpProfile;
use crate::export::otlp::content::{self, Message, Part};
use crate::export::otlp::fold::Role;
use crate::protocol::{Event, EventType};

/// Returns the events of a span, in the order in which they happened.
pub(super) fn of(seen: &Seen) -> Vec<span::Event> {
    let mut events = Vec::new();
    if seen.span.role == Role::Model {
        match seen.profile {
            OtlpProfile::Otel136 => messages(seen, &mut events),
            OtlpProfile::Datadog => events.extend(details(seen)),
            _ => {}
        }
    }
    for note in &seen.span.notes {
        let (name, attributes) = self::note(note, seen.profile);
        events.push(event(note.occurred_at.unix_nanos(), name, attributes));
    }
    if let Outcome::Failed { kind, message } = &seen.outcome {
        let mut attributes = Attributes::default();
        let own = seen.span.event.error.r#type.as_deref();
        attributes.set("exception.type", own.unwrap_or(kind));
        attributes.set("exception.message", message.as_str());
        let sources = seen.span.event.attributes.get("rollout.error.sources");
        let sources: Vec<_> = sources
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(text)
            .collect();
        if !sources.is_empty() {
            let causes = sources.join("\ncaused by: ");
            let trace = format!("{message}\ncaused by: {causes}");
            attributes.set("exception.stacktrace", trace);
        }
        events.push(event(seen.span.ended(), "exception".to_owned(), attributes));
    }
    events.sort_by_key(|event| event.time_unix_nano);
    events
}

/// Returns the name and the attributes of something that happened.
pub(super) fn note(event: &Event, profile: OtlpProfile) -> (String, Attributes) {
    let mut attributes = Attributes::default();
    let has_value = matches!(
        event.event_type(),
        EventType::Feedback | EventType::EvalResult | EventType::UserSignal
    );
    for (name, value) in &event.attributes {
        match name.as_str() {
            "service_name" | "release" | "chunk_index" => {}
            // The protocol's own word, and no attribute of the program's.
            "value" if has_value => attributes.set_json("rollout.value", value.clone()),
            _ => attributes.set_json(name.clone(), value.clone()),
        }
    }
    let own = event.name.as_deref();
    let name = match event.event_type() {
        EventType::Message => {
            let message = &event.message;
            attributes.set("rollout.message.id", message.id.as_deref());
            attributes.set("rollout.message.role", message.role.as_deref());
            let content = message
                .content
                .as_ref()
                .map(|content| text(&content.to_value()));
            attributes.set("rollout.message.content", content);
            attributes.set(
                "rollout.message.content_type",
                message.content_type.as_deref(),
            );
            attributes.set("rollout.message.index", message.index);
            attributes.set("rollout.message.is_internal", message.is_internal);
            attributes.set("gen_ai.tool.call.id", message.tool_call_id.as_deref());
            match (profile, message.role.as_deref()) {
                (OtlpProfile::Otel136, Some(role)) => format!("gen_ai.{role}.message"),
                _ => "rollout.message".to_owned(),
            }
        }
        EventType::Feedback | EventType::EvalResult => {
            attributes.set("gen_ai.evaluation.name", own);
            attributes.set("rollout.event.type", event.event_type().as_str());
            let value = event.attributes.get("value");
            let score = event.outcome.eval_score.or_else(|| match value? {
                Value::Bool(good) => Some(if *good { 1.0 } else { 0.0 }),
                value => value.as_f64(),
            });
            attributes.set("gen_ai.evaluation.score.value", score);
            attributes.set(
                "gen_ai.evaluation.score.label",
                value.and_then(Value::as_str),
            );
            let why = ["comment", "explanation"]
                .iter()
                .find_map(|key| event.attributes.get(*key));
            attributes.set("gen_ai.evaluation.explanation", why.and_then(Value::as_str));
            "gen_ai.evaluation.result".to_owned()
        }
        EventType::Error => {
            attributes.set("exception.type", event.error.r#type.as_deref());
            attributes.set("exception.message", event.error.message_preview.as_deref());
            "exception".to_owned()
        }
        EventType::LlmStreamChunk => {
            attributes.set(
                "rollout.stream.chunk.index",
                event.attributes.get("chunk_index").cloned(),
            );
            let chunk = event
                .raw
                .chunk
                .as_ref()
                .map(|chunk| text(&chunk.to_value()));
            attributes.set("rollout.stream.chunk.text", chunk);
            "rollout.stream.chunk".to_owned()
        }
        kind => {
            attributes.set("rollout.event.name", own);
            format!("rollout.{kind}")
        }
    };
    let raw = &event.raw;
    for (name, value) in [
        ("rollout.input", raw.input.as_ref()),
        ("rollout.output", raw.output.as_ref()),
        ("rollout.data", raw.data.as_ref()),
    ] {
        attributes.set(name, value.map(|value| text(&value.to_value())));
    }
    for (name, value) in &raw.more {
        attributes.set_json(format!("rollout.data.{name}"), value.clone());
    }
    (name, attributes)
}

/// Adds an event for each message: how version 1.36 tells what was said.
fn messages(seen: &Seen, events: &mut Vec<span::Event>) {
    let began = seen.span.started();
    let provider = seen.span.event.model.provider.as_deref();
    let mut add = |at: u64, name: String, body: Value| {
        let mut attributes = Attributes::default();
        attributes.set("gen_ai.system", provider.map(super::genai::provider));
        for (key, value) in body.as_object().into_iter().flatten() {
            attributes.set_json(key.clone(), value.clone());
        }
        events.push(event(at, name, attributes));
    };
    let system = Message::new("system", seen.conversation.system.clone());
    let system = (!system.parts.is_empty()).then_some(&system);
    for message in system.into_iter().chain(&seen.conversation.messages) {
        add(
            began,
            format!("gen_ai.{}.message", message.role),
            body(message),
        );
    }
    for (index, answer) in seen.answers.iter().enumerate() {
        let reason = answer.finish_reason.as_deref();
        let choice = json!({"index": index, "finish_reason": reason, "message": body(answer)});
        add(seen.span.ended(), "gen_ai.choice".to_owned(), choice);
    }
}

fn body(message: &Message) -> Value {
    let mut body = json!({"role": message.role, "content": message.text()});
    let Some(map) = body.as_object_mut() else {
        return body;
    };
    let calls: Vec<Value> = message
        .parts
        .iter()
        .filter_map(|part| match part {
            Part::ToolCall {
                id,
                name,
                arguments,
            } => Some(json!({
                "id": id, "type": "function",
                "function": {"name": name, "arguments": arguments},
            })),
            _ => None,
        })
        .collect();
    if !calls.is_empty() {
        map.insert("tool_calls".to_owned(), calls.into());
    }
    for part in &message.parts {
        if let Part::ToolResponse { id, response } = part {
            map.insert("id".to_owned(), json!(id));
            map.insert("content".to_owned(), text(response).into());
        }
    }
    body
}

/// Returns the one event with everything that was said, which Datadog looks for on the span.
fn details(seen: &Seen) -> Option<span::Event> {
    let mut attributes = Attributes::default();
    if !has_content(seen.profile) {
        return None;
    }
    let conversation = &seen.conversation;
    let said = [
        content::parts(&conversation.system, false),
        content::messages(&conversation.messages, false),
        content::messages(&seen.answers, false),
    ];
    for (name, value) in CONTENT.into_iter().zip(said) {
        if value.as_array().is_some_and(|list| !list.is_empty()) {
            attributes.set_json(name, value);
        }
    }
    let name = "gen_ai.client.inference.operation.details".to_owned();
    Some(event(seen.span.ended(), name, attributes))
}

fn event(at: u64, name: String, attributes: Attributes) -> span::Event {
    span::Event {
        time_unix_nano: at,
        name,
        attributes: attributes.into_list(),
        dropped_attributes_count: 0,
    }
}
