//! What single backends want to be told in words of their own.

use serde_json::{Map, Value, json};

use super::common::text;
use super::{Attributes, Outcome, Seen};
use crate::clock::Timestamp;
use crate::export::otlp::content;
use crate::export::otlp::fold::Role;

pub(super) fn langfuse(attributes: &mut Attributes, seen: &Seen) {
    let kind = match seen.span.role {
        Role::Model => "generation",
        Role::Tool => "tool",
        Role::Agent => "agent",
        Role::Embeddings => "embedding",
        Role::Retrieval => "retriever",
        Role::Note => "event",
        Role::Other => "span",
    };
    let event = &seen.span.event;
    attributes.set("langfuse.observation.type", kind);
    let (level, message) = match &seen.outcome {
        Outcome::Failed { message, .. } => ("ERROR", message.as_str()),
        Outcome::Cancelled => ("WARNING", "cancelled"),
        Outcome::Unfinished => ("WARNING", "its end is not known"),
        Outcome::Ok => ("DEFAULT", ""),
    };
    attributes.set("langfuse.observation.level", level);
    if !message.is_empty() {
        attributes.set("langfuse.observation.status_message", message);
    }
    attributes.set("langfuse.environment", event.agent.environment.as_deref());
    attributes.set("langfuse.release", seen.span.text("release"));
    if seen.span.parent.is_none() {
        attributes.set("langfuse.trace.name", event.name.as_deref());
    }
    if seen.span.role != Role::Model {
        attributes.set("langfuse.observation.input", seen.input.as_ref().map(text));
        attributes.set(
            "langfuse.observation.output",
            seen.output.as_ref().map(text),
        );
        return;
    }
    // Taken as they are, so that nothing has to be subtracted there.
    attributes.set("langfuse.observation.usage_details", seen.tokens.buckets());
    let cost = seen.tokens.cost.map(|cost| json!({"total": cost}));
    attributes.set("langfuse.observation.cost_details", cost);
    let first = seen
        .span
        .event
        .attributes
        .get("gen_ai.response.time_to_first_chunk");
    if let Some(first) = first.and_then(Value::as_f64) {
        let first = std::time::Duration::try_from_secs_f64(first).unwrap_or_default();
        let nanos = u64::try_from(first.as_nanos()).unwrap_or(u64::MAX);
        let at = Timestamp::from_unix_nanos(seen.span.started().saturating_add(nanos));
        attributes.set("langfuse.observation.completion_start_time", at.to_string());
    }
}

pub(super) fn braintrust(attributes: &mut Attributes, seen: &Seen) {
    let kind = match seen.span.role {
        Role::Model | Role::Embeddings => "llm",
        Role::Tool => "tool",
        Role::Note => "score",
        Role::Agent | Role::Retrieval | Role::Other => "task",
    };
    let name = seen.subject().or(seen.span.event.name.as_deref());
    attributes.set_json(
        "braintrust.span_attributes",
        json!({"type": kind, "name": name}),
    );
    let (mut input, mut output) = (seen.input.clone(), seen.output.clone());
    if seen.span.role == Role::Model {
        let said = |messages: &[content::Message]| {
            (!messages.is_empty()).then(|| content::messages(messages, true))
        };
        input = said(&seen.conversation.messages).or(input);
        output = said(&seen.answers).or(output);
    }
    attributes.set("braintrust.input_json", input);
    attributes.set("braintrust.output_json", output);
    let tokens = &seen.tokens;
    let mut metrics = Map::new();
    for (name, number) in [
        ("prompt_tokens", tokens.input),
        ("completion_tokens", tokens.output),
        ("tokens", tokens.total()),
        ("prompt_cached_tokens", tokens.cache_read),
        ("prompt_cache_creation_tokens", tokens.cache_write),
        ("completion_reasoning_tokens", tokens.reasoning),
    ] {
        if let Some(number) = number {
            metrics.insert(name.to_owned(), json!(number));
        }
    }
    let first = seen
        .span
        .event
        .attributes
        .get("gen_ai.response.time_to_first_chunk");
    if let Some(first) = first.filter(|first| first.is_number()) {
        metrics.insert("time_to_first_token".to_owned(), first.clone());
    }
    if seen.span.role == Role::Model && !metrics.is_empty() {
        attributes.set_json("braintrust.metrics", metrics.into());
    }
    if let Some(model) = seen.subject().filter(|_| seen.span.role == Role::Model) {
        let provider = seen.span.event.model.provider.as_deref();
        let mut metadata = json!({"model": model, "provider": provider});
        let tools = seen.input.as_ref().and_then(|request| request.get("tools"));
        if let (Some(map), Some(tools)) = (metadata.as_object_mut(), tools) {
            map.insert("tools".to_owned(), tools.clone());
        }
        attributes.set_json("braintrust.metadata", metadata);
    }
}

pub(super) fn mlflow(attributes: &mut Attributes, seen: &Seen) {
    // It knows the operations of calls, tools and agents by itself, and shows what is left as unknown.
    let kind = match seen.span.role {
        Role::Retrieval => Some("RETRIEVER"),
        Role::Other => Some("TASK"),
        Role::Note => Some("EVALUATOR"),
        Role::Model | Role::Tool | Role::Agent | Role::Embeddings => None,
    };
    attributes.set("mlflow.spanType", kind);
    attributes.set("mlflow.spanInputs", seen.input.clone());
    attributes.set("mlflow.spanOutputs", seen.output.clone());
}

pub(super) fn logfire(attributes: &mut Attributes, seen: &Seen) {
    if seen.span.role != Role::Model {
        return;
    }
    let provider = seen.span.event.model.provider.as_deref();
    attributes.set("gen_ai.system", provider.map(super::genai::provider));
    attributes.set("operation.cost", seen.tokens.cost);
    let usage = seen.output.as_ref().and_then(|output| output.get("usage"));
    attributes.set(
        "gen_ai.usage.raw",
        usage.filter(|usage| usage.is_object()).cloned(),
    );
}
