//! What a span can't or must not say of the traffic.
//!
//! A wrapped client knows what the program knows: async-openai's types have no member for what they do not know, so that it is gone before anybody
//! sees the value. Each such fact is named here with the reason. It is excused only if the program's
//! own, unrecorded value lacks it in the same way.

use rollout_tests::corpus::Field;
use serde_json::Value;

use crate::replay::Way;
use crate::served::Answer;

/// Facts that the types have no room for.
const NO_ROOM: &[(&str, &str)] = &[
    (
        "reasoning_text",
        "a message of a chat has no `reasoning_content` or `reasoning`",
    ),
    (
        "usage.raw",
        "usage keeps the counts that OpenAI has, and fills in nulls for those that are missing",
    ),
    (
        "usage.cached_tokens",
        "usage has no `cached_tokens`, `prompt_cache_hit_tokens` or `num_cached_tokens` of its own",
    ),
    (
        "usage.cache_write_tokens",
        "the details of the prompt's tokens have no `cache_write_tokens`",
    ),
    ("usage", "a chunk has no `x_groq`, where Groq has its usage"),
];

/// Returns why a fact can't be as it must be in this way of recording, if there is a reason.
///
/// `known` is the same fact as the program can know it.
pub(crate) fn reason(
    way: Way,
    field: &Field,
    known: Option<&Value>,
    plain: &Answer,
) -> Option<&'static str> {
    let unread = plain
        .errors()
        .any(|error| error.starts_with("JSONDeserialize"));
    match field.name {
        "error" if way.sees_the_program && unread && field.expected.is_null() => {
            return Some("the program got an error, as the types have no room for the answer");
        }
        "error.status" if !way.sees_the_wire && unread && field.got.is_null() => {
            return Some("async-openai's error about a body that it can't read has no status");
        }
        "error.status" if !way.sees_the_wire && !plain.failed() && field.got.is_null() => {
            return Some("an answer that says that it failed is none of async-openai's errors");
        }
        "error.message" if is_masked(&field.expected, &field.got) => {
            return Some("errors are recorded without what looks like a credential");
        }
        "error.message" if way.sees_the_program && field.expected.is_null() => {
            return Some("the provider said nothing, and async-openai's error at least the status");
        }
        _ => {}
    }
    let lost = !way.sees_the_wire && known == Some(&field.got);
    let (_, reason) = NO_ROOM
        .iter()
        .find(|(name, _)| lost && *name == field.name)?;
    Some(reason)
}

/// Returns whether a message is there but for a word or two that are masked.
fn is_masked(expected: &Value, got: &Value) -> bool {
    const MOST: usize = 2;
    let (Some(expected), Some(got)) = (expected.as_str(), got.as_str()) else {
        return false;
    };
    let missing = expected.split(' ').filter(|word| !got.contains(word));
    got.contains("[REDACTED ") && missing.count() <= MOST
}
