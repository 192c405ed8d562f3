//! Names as older versions of the conventions have them.

use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;

use super::{Attributes, genai};
use crate::export::otlp::OtlpProfile;

/// What version 1.41 does not know.
const NEWEST: [&str; 5] = [
    "gen_ai.conversation.compacted",
    "gen_ai.request.previous_response.id",
    "gen_ai.request.reasoning.level",
    "gen_ai.prompt.version",
    "gen_ai.retrieval.top_k",
];

/// What came after version 1.36, and where it goes instead.
const AFTER_136: [(&str, &str); 8] = [
    ("gen_ai.provider.name", "gen_ai.system"),
    (
        "gen_ai.usage.cache_read.input_tokens",
        "rollout.usage.cache_read",
    ),
    (
        "gen_ai.usage.cache_creation.input_tokens",
        "rollout.usage.cache_write",
    ),
    (
        "gen_ai.usage.reasoning.output_tokens",
        "rollout.usage.reasoning",
    ),
    ("gen_ai.tool.call.arguments", "rollout.input"),
    ("gen_ai.tool.call.result", "rollout.output"),
    ("gen_ai.tool.definitions", "rollout.request.tools"),
    (
        "gen_ai.response.time_to_first_chunk",
        "rollout.stream.first_chunk_s",
    ),
];

/// Translates what is written in the newest names.
pub(super) fn translate(attributes: &mut Attributes, profile: OtlpProfile) {
    if !profile.is_dated() {
        return;
    }
    attributes.rename(
        "gen_ai.usage.cache_write.input_tokens",
        "gen_ai.usage.cache_creation.input_tokens",
    );
    attributes.rename(
        "gen_ai.request.reasoning.level",
        "rollout.request.reasoning_level",
    );
    attributes.rename(
        "gen_ai.request.previous_response.id",
        "rollout.request.previous_response_id",
    );
    // Unknown parts of a total are added to it by who sums everything up.
    attributes.retain(|name| !NEWEST.contains(&name) && !is_split(name));
    attributes.make_double("gen_ai.request.top_k");
    if profile == OtlpProfile::Otel136 {
        for (from, to) in AFTER_136 {
            attributes.rename(from, to);
        }
        attributes.retain(|name| !genai::CONTENT.contains(&name));
    }
}

/// Returns whether a name is that of tokens of one modality.
fn is_split(name: &str) -> bool {
    name.strip_prefix("gen_ai.usage.").is_some_and(|rest| {
        ["text.", "image.", "audio."]
            .iter()
            .any(|of| rest.starts_with(of))
    })
}

impl Attributes {
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    fn make_double(&mut self, name: &'static str) {
        if let Some(Any::IntValue(number)) = self.remove(name) {
            self.set_any(name, Any::DoubleValue(number as f64));
        }
    }
}
