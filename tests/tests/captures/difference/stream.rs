//! Differences that are there in calls to a model whose answer is streamed.

use serde_json::{Value, json};

use super::model::{CHAT_NAME, MESSAGES_NAME, MORE, RESPONSES_NAME};
use super::{Difference, at, remove};

const STREAM: &str = "what is known of a stream and has no field is an attribute: when its first parts came, \
     how many there were, and what the protocol knows of any answer (defects 39, 41)";

/// Where a chat completion is streamed to its end.
pub(crate) const CHAT_STREAM: Difference = Difference::attributes(
    STREAM,
    CHAT_NAME,
    &[
        "gen_ai.operation.name",
        "gen_ai.request.stream",
        "gen_ai.response.finish_reasons",
        "gen_ai.response.id",
        "gen_ai.response.model",
        "gen_ai.response.time_to_first_chunk",
        "openai.api.type",
        "rollout.stream.chunks",
    ],
);

/// Where its usage is asked for.
pub(crate) const CHAT_USAGE: Difference = Difference::attributes(
    "what was read from a cache is told apart (defect 54)",
    CHAT_NAME,
    &["gen_ai.usage.cache_read.input_tokens"],
);

/// Where a response is streamed to its end.
pub(crate) const RESPONSES_STREAM: Difference = Difference::attributes(
    STREAM,
    RESPONSES_NAME,
    &[
        "gen_ai.operation.name",
        "gen_ai.request.stream",
        "gen_ai.response.finish_reasons",
        "gen_ai.response.id",
        "gen_ai.response.model",
        "gen_ai.response.time_to_first_chunk",
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_write.input_tokens",
        "openai.api.type",
        "rollout.stream.chunks",
    ],
);

/// Where a message is streamed to its end.
pub(crate) const MESSAGES_STREAM: Difference = Difference::attributes(
    STREAM,
    MESSAGES_NAME,
    &[
        "gen_ai.operation.name",
        "gen_ai.request.max_tokens",
        "gen_ai.request.stream",
        "gen_ai.response.finish_reasons",
        "gen_ai.response.id",
        "gen_ai.response.model",
        "gen_ai.response.time_to_first_chunk",
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_write.input_tokens",
        "rollout.response.service_tier",
        "rollout.stream.chunks",
    ],
);

/// Where an answer is streamed.
pub(crate) const STREAM_OUTPUT: Difference = Difference::rule(
    "of a stream all of the answer is recorded, as if it had not been streamed, and not the end of \
     its text (defects 38, 39, 40)",
    |both| {
        both.change_ours(|event| {
            let output = at(event, &["raw", "output"]).and_then(said);
            if event["event_type"] == "llm.stream_end"
                && let Some(text) = output
            {
                event["raw"]["output"] = json!(text);
            }
        })
    },
);

/// Returns the text of an answer.
fn said(output: &Value) -> Option<String> {
    let texts = |parts: &Value| -> Option<String> {
        let parts = parts.as_array()?.iter();
        Some(parts.filter_map(|part| part["text"].as_str()).collect())
    };
    if let Some(choices) = output["choices"].as_array() {
        let message = &choices.first()?["message"];
        return Some(message["content"].as_str().unwrap_or_default().to_owned());
    }
    if let Some(items) = output["output"].as_array() {
        return Some(
            items
                .iter()
                .filter_map(|item| texts(&item["content"]))
                .collect(),
        );
    }
    texts(&output["content"])
}

/// Where a stream brings text.
pub(crate) const FIRST_TEXT: Difference = Difference::attributes(
    "when the first of the text came is told (defect 41)",
    "",
    &["rollout.stream.first_text_s"],
);

/// Where tools are asked for in a stream.
pub(crate) const FIRST_TOOL_CALL: Difference = Difference::attributes(
    "when the first call of a tool came is told (defects 38, 41)",
    "",
    &["rollout.stream.first_tool_call_s"],
);

/// Where a stream brings no text.
pub(crate) const NO_EMPTY_TEXT: Difference =
    Difference::rule("texts that are empty are left out (defect 63)", |both| {
        let path = |member: &'static str| ["raw", member];
        // Of an answer without a text: its calls of tools, or its refusal, are recorded all the same.
        both.change_ours(|event| {
            if at(event, &path("output")) == Some(&json!("")) {
                remove(event, &path("output"));
            }
        });
        both.change(|event| {
            for path in ["stream_preview", "output"].map(path) {
                if at(event, &path) == Some(&json!("")) {
                    remove(event, &path);
                }
            }
        })
    });

/// Where a stream does not come to its end.
pub(crate) const STREAM_REQUEST: Difference = Difference::attributes(
    "a stream that is not whole says so, and how much there was of it (defects 39, 41)",
    "",
    &[
        "gen_ai.request.stream",
        "rollout.stream.chunks",
        "rollout.stream.complete",
    ],
);

/// Where a stream begins to say something, and does not come to its end.
pub(crate) const STREAM_BEGUN: Difference = Difference::attributes(
    STREAM,
    "",
    &[
        "gen_ai.response.id",
        "gen_ai.response.model",
        "gen_ai.response.time_to_first_chunk",
    ],
);

/// Where a message begins to stream, and does not come to its end.
pub(crate) const MESSAGE_BEGUN: Difference = Difference::attributes(
    MORE,
    MESSAGES_NAME,
    &[
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_write.input_tokens",
        "rollout.response.service_tier",
    ],
);

/// Where a stream is told by hand.
pub(crate) const TOLD_ONCE: Difference = Difference::rule(
    "what was streamed is recorded once, with the end of the stream (defect 63)",
    |both| {
        let of_stream = |event: &&Value| event["event_type"] == "llm.stream_end";
        let ends = both.reference.iter().filter(of_stream);
        let said: Vec<_> = ends
            .map(|end| (end["span_id"].clone(), end["raw"]["output"].clone()))
            .collect();
        both.change(|event| {
            let output = at(event, &["raw", "output"]).cloned().unwrap_or_default();
            let span = event.get("span_id").cloned().unwrap_or_default();
            if event["event_type"] == "span.end" && said.contains(&(span, output)) {
                event.remove("raw");
            }
        })
    },
);
