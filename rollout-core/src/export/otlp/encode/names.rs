//! The names of attributes, and the types of their values.
//!
//! The GenAI names follow `open-telemetry/semantic-conventions-genai`, development version of October
//! 2026; what was called otherwise in 1.41 and 1.36 is translated where the profile asks for it.
//! `OpenInference`'s names are those of August 2026.

/// What type the value of an attribute has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Text,
    Int,
    Double,
    Bool,
    /// A list of texts.
    Texts,
    /// Anything, as JSON in a text: what the backends that were looked at read.
    Json,
    /// Whatever the value is.
    Any,
}

use Type::{Any, Bool, Double, Int, Json, Text, Texts};

/// The attributes of the conventions that are written.
pub(crate) const CONVENTIONS: &[(&str, Type)] = &[
    ("error.type", Text),
    ("exception.message", Text),
    ("exception.stacktrace", Text),
    ("exception.type", Text),
    ("gen_ai.agent.description", Text),
    ("gen_ai.agent.id", Text),
    ("gen_ai.agent.name", Text),
    ("gen_ai.agent.version", Text),
    ("gen_ai.conversation.compacted", Bool),
    ("gen_ai.conversation.id", Text),
    ("gen_ai.data_source.id", Text),
    ("gen_ai.embeddings.dimension.count", Int),
    ("gen_ai.evaluation.explanation", Text),
    ("gen_ai.evaluation.name", Text),
    ("gen_ai.evaluation.score.label", Text),
    ("gen_ai.evaluation.score.value", Double),
    ("gen_ai.input.messages", Json),
    ("gen_ai.operation.name", Text),
    ("gen_ai.output.messages", Json),
    ("gen_ai.output.type", Text),
    ("gen_ai.prompt.name", Text),
    ("gen_ai.prompt.version", Text),
    ("gen_ai.provider.name", Text),
    ("gen_ai.request.choice.count", Int),
    ("gen_ai.request.encoding_formats", Texts),
    ("gen_ai.request.frequency_penalty", Double),
    ("gen_ai.request.max_tokens", Int),
    ("gen_ai.request.model", Text),
    ("gen_ai.request.presence_penalty", Double),
    ("gen_ai.request.previous_response.id", Text),
    ("gen_ai.request.reasoning.level", Text),
    ("gen_ai.request.seed", Int),
    ("gen_ai.request.stop_sequences", Texts),
    ("gen_ai.request.stream", Bool),
    ("gen_ai.request.temperature", Double),
    ("gen_ai.request.top_k", Int),
    ("gen_ai.request.top_p", Double),
    ("gen_ai.response.finish_reasons", Texts),
    ("gen_ai.response.id", Text),
    ("gen_ai.response.model", Text),
    ("gen_ai.response.time_to_first_chunk", Double),
    ("gen_ai.retrieval.documents", Json),
    ("gen_ai.retrieval.query.text", Text),
    ("gen_ai.retrieval.top_k", Int),
    ("gen_ai.system", Text),
    ("gen_ai.system_instructions", Json),
    ("gen_ai.tool.call.arguments", Json),
    ("gen_ai.tool.call.id", Text),
    ("gen_ai.tool.call.result", Json),
    ("gen_ai.tool.definitions", Json),
    ("gen_ai.tool.description", Text),
    ("gen_ai.tool.name", Text),
    ("gen_ai.tool.type", Text),
    ("gen_ai.usage.audio.cache_read.input_tokens", Int),
    ("gen_ai.usage.audio.input_tokens", Int),
    ("gen_ai.usage.audio.output_tokens", Int),
    ("gen_ai.usage.cache_creation.input_tokens", Int),
    ("gen_ai.usage.cache_read.input_tokens", Int),
    ("gen_ai.usage.cache_write.input_tokens", Int),
    ("gen_ai.usage.image.cache_read.input_tokens", Int),
    ("gen_ai.usage.image.input_tokens", Int),
    ("gen_ai.usage.image.output_tokens", Int),
    ("gen_ai.usage.input_tokens", Int),
    ("gen_ai.usage.output_tokens", Int),
    ("gen_ai.usage.reasoning.output_tokens", Int),
    ("gen_ai.usage.text.cache_read.input_tokens", Int),
    ("gen_ai.usage.text.input_tokens", Int),
    ("gen_ai.usage.text.output_tokens", Int),
    ("http.response.status_code", Int),
    ("openai.api.type", Text),
    ("openai.request.service_tier", Text),
    ("openai.response.service_tier", Text),
    ("openai.response.system_fingerprint", Text),
    ("server.address", Text),
    ("server.port", Int),
    ("session.id", Text),
    ("user.id", Text),
];

/// The attributes of single backends.
pub(crate) const BACKENDS: &[(&str, Type)] = &[
    ("agent.name", Text),
    ("braintrust.input_json", Json),
    ("braintrust.metadata", Json),
    ("braintrust.metrics", Json),
    ("braintrust.output_json", Json),
    ("braintrust.span_attributes", Json),
    ("embedding.model_name", Text),
    ("gen_ai.usage.raw", Json),
    ("input.mime_type", Text),
    ("input.value", Text),
    ("langfuse.environment", Text),
    ("langfuse.observation.completion_start_time", Text),
    ("langfuse.observation.cost_details", Json),
    ("langfuse.observation.input", Text),
    ("langfuse.observation.level", Text),
    ("langfuse.observation.output", Text),
    ("langfuse.observation.status_message", Text),
    ("langfuse.observation.type", Text),
    ("langfuse.observation.usage_details", Json),
    ("langfuse.release", Text),
    ("langfuse.trace.name", Text),
    ("llm.cost.total", Double),
    ("llm.finish_reason", Text),
    ("llm.invocation_parameters", Json),
    ("llm.model_name", Text),
    ("llm.provider", Text),
    ("llm.system", Text),
    ("llm.token_count.completion", Int),
    ("llm.token_count.completion_details.audio", Int),
    ("llm.token_count.completion_details.reasoning", Int),
    ("llm.token_count.prompt", Int),
    ("llm.token_count.prompt_details.audio", Int),
    ("llm.token_count.prompt_details.cache_read", Int),
    ("llm.token_count.prompt_details.cache_write", Int),
    ("llm.token_count.total", Int),
    ("metadata", Json),
    ("mlflow.spanInputs", Json),
    ("mlflow.spanOutputs", Json),
    ("mlflow.spanType", Text),
    ("openinference.span.kind", Text),
    ("operation.cost", Double),
    ("output.mime_type", Text),
    ("output.value", Text),
    ("tool.id", Text),
    ("tool.name", Text),
    ("tool.parameters", Json),
];

/// Names with a place or a name of somebody else's in them.
pub(crate) const PREFIXES: &[(&str, Type)] = &[
    ("embedding.embeddings.", Text),
    ("gen_ai.prompt.variable.", Text),
    ("http.response.header.", Texts),
    ("llm.input_messages.", Text),
    ("llm.output_messages.", Text),
    ("llm.tools.", Json),
    ("retrieval.documents.", Any),
];

/// Returns the type of the attribute of this name; `None` for one that is the program's own.
pub(crate) fn type_of(name: &str) -> Option<Type> {
    let known = |table: &[(&str, Type)]| {
        let place = table.binary_search_by_key(&name, |(name, _)| name).ok()?;
        table.get(place).map(|(_, of)| *of)
    };
    known(CONVENTIONS).or_else(|| known(BACKENDS)).or_else(|| {
        let mut prefixes = PREFIXES.iter();
        prefixes
            .find(|(prefix, _)| name.starts_with(prefix))
            .map(|(_, of)| *of)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order_and_there_once() {
        for table in [CONVENTIONS, BACKENDS] {
            assert!(table.is_sorted_by(|a, b| a.0 < b.0));
        }
        assert!(
            BACKENDS
                .iter()
                .all(|(name, _)| !CONVENTIONS.iter().any(|(other, _)| other == name))
        );
    }

    #[test]
    fn types_are_found() {
        assert_eq!(type_of("gen_ai.request.top_p"), Some(Double));
        assert_eq!(type_of("llm.token_count.total"), Some(Int));
        assert_eq!(type_of("http.response.header.retry-after"), Some(Texts));
        assert_eq!(type_of("order"), None);
    }
}
