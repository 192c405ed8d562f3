//! `OpenInference`, as Arize and Phoenix read it.

use serde_json::{Value, json};

use super::common::text;
use super::{Attributes, Seen, retrieval};
use crate::export::otlp::content;
use crate::export::otlp::fold::Role;

pub(super) fn set(attributes: &mut Attributes, seen: &Seen) {
    let kind = match seen.span.role {
        Role::Model => "LLM",
        Role::Tool => "TOOL",
        Role::Agent => "AGENT",
        Role::Embeddings => "EMBEDDING",
        Role::Retrieval => "RETRIEVER",
        Role::Note => "EVALUATOR",
        Role::Other => "CHAIN",
    };
    attributes.set("openinference.span.kind", kind);
    for (value, name, mime) in [
        (&seen.input, "input.value", "input.mime_type"),
        (&seen.output, "output.value", "output.mime_type"),
    ] {
        let Some(value) = value else { continue };
        let is_text = value.is_string();
        attributes.set(name, text(value));
        attributes.set(
            mime,
            if is_text {
                "text/plain"
            } else {
                "application/json"
            },
        );
    }
    match seen.span.role {
        Role::Model => set_model(attributes, seen),
        Role::Tool => {
            let event = &seen.span.event;
            attributes.set("tool.name", seen.subject());
            attributes.set("tool.id", event.tool.tool_call_id.as_deref());
            attributes.set("tool.parameters", seen.input.clone());
        }
        Role::Agent => attributes.set("agent.name", seen.subject()),
        Role::Embeddings => set_embeddings(attributes, seen),
        Role::Retrieval => {
            if let Some(found) = &seen.output {
                retrieval::flatten(found, |name, value| attributes.set_json(name, value));
            }
        }
        _ => {}
    }
}

/// How many of the texts of one call are told one by one.
const MOST_TEXTS: usize = 100;

fn set_embeddings(attributes: &mut Attributes, seen: &Seen) {
    attributes.set("embedding.model_name", seen.subject());
    let input = seen.input.as_ref();
    // The request's, or what the program says went in.
    let input = input.map(|input| input.get("input").unwrap_or(input));
    let texts = match input {
        Some(Value::Array(texts)) => texts.as_slice(),
        Some(text) => std::slice::from_ref(text),
        None => &[],
    };
    let texts = texts.iter().filter_map(Value::as_str);
    for (index, text) in texts.take(MOST_TEXTS).enumerate() {
        let name = format!("embedding.embeddings.{index}.embedding.text");
        attributes.set(name, text);
    }
}

fn set_model(attributes: &mut Attributes, seen: &Seen) {
    let event = &seen.span.event;
    let answered = seen.span.text("gen_ai.response.model");
    attributes.set("llm.model_name", answered.or(seen.subject()));
    attributes.set("llm.provider", event.model.provider.as_deref());
    attributes.set("llm.system", event.model.provider.as_deref());
    let tokens = &seen.tokens;
    for (name, number) in [
        ("llm.token_count.prompt", tokens.input),
        ("llm.token_count.completion", tokens.output),
        ("llm.token_count.total", tokens.total()),
        (
            "llm.token_count.prompt_details.cache_read",
            tokens.cache_read,
        ),
        (
            "llm.token_count.prompt_details.cache_write",
            tokens.cache_write,
        ),
        ("llm.token_count.prompt_details.audio", tokens.audio_input),
        (
            "llm.token_count.completion_details.reasoning",
            tokens.reasoning,
        ),
        (
            "llm.token_count.completion_details.audio",
            tokens.audio_output,
        ),
    ] {
        attributes.set(name, number);
    }
    attributes.set("llm.cost.total", tokens.cost);
    if let Some(request) = &seen.input {
        let options = content::invocation_parameters(request);
        // JSON already, and not to be quoted once more.
        let options = options.and_then(|text| serde_json::from_str::<Value>(&text).ok());
        attributes.set("llm.invocation_parameters", options);
        let tools = request.get("tools").and_then(Value::as_array);
        for (index, tool) in tools.into_iter().flatten().enumerate() {
            attributes.set_json(format!("llm.tools.{index}.tool.json_schema"), tool.clone());
        }
    }
    let mut said = Vec::new();
    if !seen.conversation.system.is_empty() {
        said.push(content::Message::new(
            "system",
            seen.conversation.system.clone(),
        ));
    }
    said.extend(seen.conversation.messages.iter().cloned());
    content::flatten("llm.input_messages", &said, |name, text| {
        attributes.set_json(name, json!(text));
    });
    content::flatten("llm.output_messages", &seen.answers, |name, text| {
        attributes.set_json(name, json!(text));
    });
    let reason = seen
        .answers
        .first()
        .and_then(|answer| answer.finish_reason.as_deref());
    attributes.set("llm.finish_reason", reason);
}
