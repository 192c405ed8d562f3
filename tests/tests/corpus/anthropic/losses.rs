//! What a span of a wrapped claude-api can't say of the traffic.
//!
//! The client keeps nearly all that it does not know. What it does not is named here, and excused only
//! if the program's own, unrecorded value lacks it in the same way.

use rollout_tests::corpus::Field;
use serde_json::Value;

use crate::replay::Way;
use crate::served::Answer;

/// Facts that can get lost in the client's types.
const NO_ROOM: &[(&str, &str)] = &[
    (
        "finish_reasons",
        "a `message_delta` without `input_tokens` is a mistake to claude-api, and the reason in it lost",
    ),
    (
        "usage.output_tokens",
        "a `message_delta` without `input_tokens` is a mistake to claude-api, and the count in it lost",
    ),
    (
        "usage.raw",
        "in usage, `server_tool_use` has no room for what claude-api does not know, and what a \
         `message_delta` without `input_tokens` says is lost",
    ),
];

/// Returns why a fact can't be as it must be, if there is a reason.
///
/// `known` is the same fact as the program can know it.
pub(crate) fn reason(
    _way: Way,
    field: &Field,
    known: Option<&Value>,
    plain: &Answer,
) -> Option<&'static str> {
    match field.name {
        "tool_calls" if without_texts(&field.expected) == without_texts(&field.got) => {
            Some("a span has a tool's input as JSON, and not how that was written")
        }
        "error" if plain.failed() && field.expected.is_null() => {
            Some("the program got an error, as claude-api could not read the answer")
        }
        "error.status" if field.got.is_null() && plain.is_streamed() => {
            Some("an error in the middle of a stream has no status")
        }
        "error.type" if field.expected.is_null() && field.got == "api_error" => {
            Some("claude-api takes an error that it can't read for an `api_error`")
        }
        _ if known == Some(&field.got) => NO_ROOM
            .iter()
            .find(|(name, _)| *name == field.name)
            .map(|(_, reason)| *reason),
        _ => None,
    }
}

fn without_texts(calls: &Value) -> Value {
    let mut calls = calls.clone();
    for call in calls.as_array_mut().into_iter().flatten() {
        if let Some(call) = call.as_object_mut() {
            call.remove("arguments_text");
        }
    }
    calls
}
