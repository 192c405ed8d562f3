//! Parts of an event, each read in one place.

use serde_json::Value;

use super::line::Line;
use super::model::{Attempt, RecordedError, Status, ToolRequest, Usage};
use super::preview;

/// Returns how something went that ended with this event.
pub(super) fn status(line: Line<'_>) -> Status {
    let named = line
        .text("status")
        .or_else(|| line.object("tool").text("status"));
    match (named, line.object("outcome").get("success")) {
        (Some(name), _) => Status::of(name),
        (None, Some(Value::Bool(false))) => Status::Failed,
        (None, None) if error(line).is_some() => Status::Failed,
        (None, _) => Status::Ok,
    }
}

/// Returns what went wrong, if anything did.
pub(super) fn error(line: Line<'_>) -> Option<RecordedError> {
    let (error, attributes) = (line.object("error"), line.object("attributes"));
    let (kind, message) = (error.string("type"), error.text("message_preview"));
    if kind.is_none() && message.is_none() {
        return None;
    }
    let code = ["rollout.error.code", "rollout.error.kind"];
    let code = code.iter().find_map(|key| attributes.string(key));
    Some(RecordedError {
        // Where the provider's error is all there is, its code is the type.
        code: code.filter(|code| Some(code) != kind.as_ref()),
        kind,
        status: attributes
            .count("http.response.status_code")
            .filter(|status| *status >= 400),
        message: message.map(preview::text).unwrap_or_default(),
        sources: attributes
            .texts("rollout.error.sources")
            .iter()
            .map(|source| preview::text(source))
            .collect(),
        provider_message: attributes.text("rollout.error.message").map(preview::text),
    })
}

/// Returns the tools that the model asked for, as the attributes list them: without arguments.
pub(super) fn tool_requests(attributes: Line<'_>) -> Vec<ToolRequest> {
    let calls = attributes.list("rollout.tool_calls").iter().map(Line::new);
    calls
        .filter_map(|call| {
            Some(ToolRequest {
                id: call.string("id"),
                name: call.string("name")?,
                arguments: None,
            })
        })
        .collect()
}

/// Returns the tools that the provider ran itself.
pub(super) fn server_tools(attributes: Line<'_>) -> Vec<String> {
    let calls = attributes.list("rollout.server_tool_calls").iter();
    calls
        .map(Line::new)
        .filter_map(|call| call.string("name").or_else(|| call.string("type")))
        .collect()
}

pub(super) fn usage(line: Line<'_>) -> Option<Usage> {
    let (usage, attributes) = (line.object("usage"), line.object("attributes"));
    let written = attributes.count("gen_ai.usage.cache_write.input_tokens");
    // Where no attribute tells them apart, `cached_tokens` are those written to Anthropic's cache, too.
    let read = || {
        Some(
            usage
                .count("cached_tokens")?
                .saturating_sub(written.unwrap_or(0)),
        )
    };
    let cached = attributes
        .count("gen_ai.usage.cache_read.input_tokens")
        .or_else(read);
    let apart = if counts_cached_apart(line) {
        [cached, written]
    } else {
        [None; 2]
    };
    let all = |input: u64| {
        apart
            .iter()
            .flatten()
            .fold(input, |sum, part| sum.saturating_add(*part))
    };
    let usage = Usage {
        input_tokens: usage.count("input_tokens").map(all),
        output_tokens: usage.count("output_tokens"),
        cached_tokens: cached,
        cache_write_tokens: written,
        reasoning_tokens: usage.count("reasoning_tokens"),
        total_tokens: usage.count("total_tokens"),
        cost_usd: usage.number("cost_usd"),
    };
    (usage != Usage::default()).then_some(usage)
}

/// Returns whether the tokens of the cache come on top of the input's.
fn counts_cached_apart(line: Line<'_>) -> bool {
    // The name tells the protocol, whoever serves it.
    match line.text("name") {
        Some(name) if name.starts_with("anthropic.") => true,
        Some(name) if name.starts_with("openai.") => false,
        _ => line.object("model").text("provider") == Some("anthropic"),
    }
}

/// Returns the attempts that a layer saw.
pub(super) fn attempts(attributes: Line<'_>) -> Vec<Attempt> {
    let attempts = attributes.list("rollout.attempts").iter().map(Line::new);
    attempts
        .map(|attempt| Attempt {
            status: attempt.count("status"),
            error: attempt.text("error").map(preview::text),
            duration: attempt.millis("duration_ms"),
        })
        .collect()
}

/// Returns whether an attribute is the program's: what the SDK notes is shown in its own place, or is
/// about the machinery.
pub(super) fn is_own_attribute(key: &str) -> bool {
    const PREFIXES: [&str; 6] = [
        "gen_ai.",
        "rollout.",
        "http.",
        "openai.",
        "anthropic.",
        "error.",
    ];
    const NAMES: [&str; 7] = [
        "span_type",
        "service_name",
        "release",
        "streaming",
        "chunk_count",
        "chunk_index",
        "preview_chars",
    ];
    !NAMES.contains(&key) && !PREFIXES.iter().any(|prefix| key.starts_with(prefix))
}

/// Returns a value, or the beginning of its text if it is long.
pub(super) fn shortened(value: &Value) -> Value {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        value => preview::of(value).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn all_tokens_read_are_input_however_the_provider_counts() {
        let read = |name: &str, attributes: Value| {
            let event = json!({
                "name": name,
                "usage": {"input_tokens": 3, "cached_tokens": 120},
                "attributes": attributes,
            });
            let usage = usage(Line::new(&event)).unwrap();
            [
                usage.input_tokens,
                usage.cached_tokens,
                usage.cache_write_tokens,
            ]
        };
        let written = json!({"gen_ai.usage.cache_write.input_tokens": 20});
        assert_eq!(
            read("anthropic.messages", written),
            [Some(123), Some(100), Some(20)]
        );
        assert_eq!(
            read("anthropic.messages", json!({})),
            [Some(123), Some(120), None]
        );
        assert_eq!(
            read("openai.responses", json!({})),
            [Some(3), Some(120), None]
        );
    }

    #[test]
    fn a_status_is_found_wherever_it_stands() {
        for (event, expected) in [
            (json!({"status": "error"}), Status::Failed),
            (json!({"tool": {"status": "ok"}}), Status::Ok),
            (json!({"outcome": {"success": false}}), Status::Failed),
            (json!({"error": {"type": "Timeout"}}), Status::Failed),
            (
                json!({"status": "skipped"}),
                Status::Other("skipped".into()),
            ),
            (json!({}), Status::Ok),
        ] {
            assert_eq!(status(Line::new(&event)), expected, "{event}");
        }
    }
}
