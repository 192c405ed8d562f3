//! What the GenAI conventions say of calls to models, tools and agents.

use serde_json::Value;

use super::{Attributes, Seen, retrieval};
use crate::export::otlp::OtlpProfile;
use crate::export::otlp::content;
use crate::export::otlp::fold::Role;

pub(super) fn set(attributes: &mut Attributes, seen: &Seen) {
    attributes.set("gen_ai.operation.name", seen.operation());
    match seen.span.role {
        Role::Model | Role::Embeddings => set_model(attributes, seen),
        Role::Tool => set_tool(attributes, seen),
        Role::Agent => set_agent(attributes, seen),
        Role::Retrieval => set_retrieval(attributes, seen),
        Role::Note | Role::Other => {}
    }
}

fn set_model(attributes: &mut Attributes, seen: &Seen) {
    let model = &seen.span.event.model;
    attributes.set(
        "gen_ai.provider.name",
        model.provider.as_deref().map(provider),
    );
    attributes.set("gen_ai.request.model", seen.subject());
    if !attributes.has("gen_ai.response.model") {
        attributes.set("gen_ai.response.model", model.model_version.as_deref());
    }
    attributes.set("gen_ai.request.temperature", model.temperature);
    if !attributes.has("gen_ai.request.reasoning.level") {
        attributes.set(
            "rollout.request.reasoning_mode",
            model.reasoning_mode.as_deref(),
        );
    }
    set_usage(attributes, seen);
    set_messages(attributes, seen);
}

fn set_usage(attributes: &mut Attributes, seen: &Seen) {
    let tokens = &seen.tokens;
    let usage = &seen.span.event.usage;
    for (name, number) in [
        ("gen_ai.usage.input_tokens", tokens.input),
        ("gen_ai.usage.output_tokens", tokens.output),
        ("gen_ai.usage.cache_read.input_tokens", tokens.cache_read),
        ("gen_ai.usage.cache_write.input_tokens", tokens.cache_write),
        ("gen_ai.usage.reasoning.output_tokens", tokens.reasoning),
        ("rollout.usage.total_tokens", usage.total_tokens),
        (
            "rollout.usage.context_window_tokens",
            usage.context_window_tokens,
        ),
        (
            "rollout.usage.context_used_tokens",
            usage.context_used_tokens,
        ),
    ] {
        attributes.set(name, number);
    }
    if let Some(cost) = tokens.cost {
        attributes.set("rollout.cost.amount", cost);
        attributes.set("rollout.cost.currency", "USD");
        attributes.set("rollout.cost.source", "provider");
    }
}

fn set_messages(attributes: &mut Attributes, seen: &Seen) {
    // Phoenix takes any address for that of an image.
    let as_text = seen.profile.is_openinference();
    let conversation = &seen.conversation;
    let mut set = |name: &'static str, is_there: bool, value: Value| {
        if is_there {
            attributes.set_json(name, value);
        }
    };
    let system = content::parts(&conversation.system, as_text);
    set(
        "gen_ai.system_instructions",
        !conversation.system.is_empty(),
        system,
    );
    let messages = content::messages(&conversation.messages, as_text);
    set(
        "gen_ai.input.messages",
        !conversation.messages.is_empty(),
        messages,
    );
    let answers = content::messages(&seen.answers, as_text);
    set("gen_ai.output.messages", !seen.answers.is_empty(), answers);
}

fn set_tool(attributes: &mut Attributes, seen: &Seen) {
    let event = &seen.span.event;
    attributes.set("gen_ai.tool.name", seen.subject());
    attributes.set("gen_ai.tool.type", "function");
    attributes.set("gen_ai.tool.call.id", event.tool.tool_call_id.as_deref());
    attributes.set("gen_ai.agent.name", event.agent.name.as_deref());
    attributes.set("gen_ai.tool.call.arguments", seen.input.clone());
    if seen.outcome.is_ok() {
        attributes.set("gen_ai.tool.call.result", seen.output.clone());
    }
    attributes.set("rollout.tool.retry_count", event.tool.retry_count);
    attributes.set(
        "rollout.tool.args_shape_hash",
        event.tool.args_shape_hash.as_deref(),
    );
}

fn set_agent(attributes: &mut Attributes, seen: &Seen) {
    let agent = &seen.span.event.agent;
    attributes.set(
        "gen_ai.agent.name",
        seen.subject().or(agent.name.as_deref()),
    );
    attributes.set("gen_ai.agent.id", agent.id.as_deref());
    attributes.set("gen_ai.agent.version", agent.version.as_deref());
    attributes.set(
        "rollout.agent.prompt_version",
        agent.prompt_version.as_deref(),
    );
    set_messages(attributes, seen);
}

fn set_retrieval(attributes: &mut Attributes, seen: &Seen) {
    if !attributes.has("gen_ai.retrieval.query.text") {
        let query = seen.input.as_ref().and_then(Value::as_str);
        attributes.set("gen_ai.retrieval.query.text", query);
    }
    if !attributes.has("gen_ai.retrieval.documents") {
        let documents = seen.output.as_ref().and_then(retrieval::documents);
        attributes.set("gen_ai.retrieval.documents", documents);
    }
}

/// Returns the conventions' name of a provider.
pub(crate) fn provider(name: &str) -> &str {
    match name {
        "azure" | "azure_openai" | "azure-openai" => "azure.ai.openai",
        "bedrock" | "aws_bedrock" | "aws-bedrock" => "aws.bedrock",
        "gemini" | "google" => "gcp.gemini",
        "vertex" | "vertexai" | "vertex_ai" => "gcp.vertex_ai",
        "mistral" => "mistral_ai",
        "xai" => "x_ai",
        "moonshot" => "moonshot_ai",
        other => other,
    }
}

/// The attributes that hold what was said.
pub(super) const CONTENT: [&str; 3] = [
    "gen_ai.system_instructions",
    "gen_ai.input.messages",
    "gen_ai.output.messages",
];

/// Returns whether the profile has the content as attributes of the span.
pub(super) fn has_content(profile: OtlpProfile) -> bool {
    profile != OtlpProfile::Otel136
}
