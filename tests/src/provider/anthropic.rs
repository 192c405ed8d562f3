//! What Anthropic answers, with every field that it sends.

use serde_json::{Value, json};

/// The model that answers.
pub const MODEL: &str = "claude-sonnet-4-5";

/// Returns what every message of this module costs: 21 tokens read that no cache had, 8 that one had,
/// 3 that were written to one, 11 tokens of output.
pub fn usage() -> Value {
    json!({
        "input_tokens": 21,
        "cache_creation_input_tokens": 3,
        "cache_read_input_tokens": 8,
        "cache_creation": {"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 0},
        "output_tokens": 11,
        "service_tier": "standard",
    })
}

/// Returns the usage in a `message_delta`, which has no breakdown.
fn delta_usage() -> Value {
    let mut usage = usage();
    let counts = usage.as_object_mut().unwrap();
    counts.retain(|key, _| key.ends_with("_tokens"));
    usage
}

/// A block of text.
pub fn text(text: &str) -> Value {
    json!({"type": "text", "text": text, "citations": null})
}

/// A block of thinking.
pub fn thinking(thinking: &str) -> Value {
    json!({"type": "thinking", "thinking": thinking, "signature": "c2lnbmF0dXJl"})
}

/// The model wants a tool called.
pub fn tool_use(id: &str, name: &str, input: Value) -> Value {
    json!({"type": "tool_use", "id": id, "name": name, "input": input})
}

/// Returns the body of a message that has these blocks.
pub fn message(blocks: &[Value]) -> Value {
    let wants_tools = blocks.iter().any(|block| block["type"] == "tool_use");
    json!({
        "id": "msg_scripted1",
        "type": "message",
        "role": "assistant",
        "model": MODEL,
        "content": blocks,
        "stop_reason": if wants_tools { "tool_use" } else { "end_turn" },
        "stop_sequence": null,
        "usage": usage(),
    })
}

/// Returns the events of a streamed message that has these blocks.
pub fn events(blocks: &[Value]) -> Vec<Value> {
    let mut message = message(blocks);
    let end = json!({"stop_reason": message["stop_reason"].take(), "stop_sequence": null});
    message["content"] = json!([]);
    // What the output costs is not known yet.
    message["usage"]["output_tokens"] = json!(1);
    let mut events = vec![
        json!({"type": "message_start", "message": message}),
        json!({"type": "ping"}),
    ];
    for (index, block) in blocks.iter().enumerate() {
        events.extend(block_events(index, block));
    }
    // Counts are cumulative, and all of them are repeated.
    events.push(json!({"type": "message_delta", "delta": end, "usage": delta_usage()}));
    events.push(json!({"type": "message_stop"}));
    events
}

fn block_events(index: usize, block: &Value) -> Vec<Value> {
    let mut empty = block.clone();
    let deltas: Vec<Value> = match block["type"].as_str() {
        Some("text") => {
            empty["text"] = json!("");
            let parts = parts(block["text"].as_str().unwrap()).into_iter();
            let delta = |text| json!({"type": "text_delta", "text": text});
            parts.map(delta).collect()
        }
        Some("thinking") => {
            empty["thinking"] = json!("");
            empty["signature"] = json!("");
            let parts = parts(block["thinking"].as_str().unwrap()).into_iter();
            let delta = |text| json!({"type": "thinking_delta", "thinking": text});
            let signature = json!({"type": "signature_delta", "signature": block["signature"]});
            parts.map(delta).chain([signature]).collect()
        }
        Some("tool_use") => {
            empty["input"] = json!({});
            let input = block["input"].to_string();
            // The first part is empty, as it is with Anthropic.
            let parts = [String::new()].into_iter().chain(parts(&input));
            let delta = |json| json!({"type": "input_json_delta", "partial_json": json});
            parts.map(delta).collect()
        }
        // Whatever else a test wants to send comes in one piece.
        _ => Vec::new(),
    };
    let delta = |delta| json!({"type": "content_block_delta", "index": index, "delta": delta});
    let mut events =
        vec![json!({"type": "content_block_start", "index": index, "content_block": empty})];
    events.extend(deltas.into_iter().map(delta));
    events.push(json!({"type": "content_block_stop", "index": index}));
    events
}

/// Cuts a text into parts of seven characters.
fn parts(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    characters
        .chunks(7)
        .map(|part| part.iter().collect())
        .collect()
}

/// Returns the body of an error, which is also the event of one in the middle of a stream.
pub fn error(kind: &str, message: &str) -> Value {
    let error = json!({"type": kind, "message": message});
    json!({"type": "error", "error": error, "request_id": "req_scripted1"})
}

/// Returns events as server-sent events, named after their type.
pub fn frames(events: &[Value]) -> Vec<String> {
    let frame = |event: &Value| {
        let kind = event["type"].as_str().unwrap_or("message");
        format!("event: {kind}\ndata: {event}\n\n")
    };
    events.iter().map(frame).collect()
}

#[cfg(test)]
mod tests;
