//! Anthropic's messages API: reading a request, writing the answer.

use serde_json::{Value, json};

use super::Stamp;
use super::conversation::{Conversation, Message, Tool, ToolCall, Turn, items_of, text_of};
use super::tokens::deltas;
use super::usage::Usage;

/// Reads what a request tells the model.
pub(super) fn conversation(request: &Value) -> Conversation {
    let choice = &request["tool_choice"];
    let tools = match choice["type"].as_str() {
        Some("none") => &[],
        _ => items_of(&request["tools"]),
    };
    let thinking = request["thinking"]["type"].as_str();
    let system = match &request["system"] {
        Value::Null => None,
        system => Some(Message::System(text_of(system))),
    };
    let messages = items_of(&request["messages"]).iter().flat_map(read_message);
    Conversation {
        messages: system.into_iter().chain(messages).collect(),
        tools: tools.iter().filter_map(read_tool).collect(),
        parallel: choice["disable_parallel_tool_use"] != true,
        reasoning: thinking.is_some_and(|thinking| thinking != "disabled"),
    }
}

/// Reads a tool of the program's own; those of the provider have no schema.
fn read_tool(tool: &Value) -> Option<Tool> {
    let parameters = tool.get("input_schema")?.clone();
    let name = tool["name"].as_str()?.to_owned();
    Some(Tool { name, parameters })
}

fn read_message(message: &Value) -> Vec<Message> {
    let from_user = message["role"] == "user";
    let said = |text: String| {
        if from_user {
            Message::User(text)
        } else {
            Message::Assistant(text)
        }
    };
    let blocks = match &message["content"] {
        Value::String(text) => return vec![said(text.clone())],
        blocks => items_of(blocks),
    };
    let read = |block: &Value| match block["type"].as_str() {
        Some("text") => Some(said(text_of(&block["text"]))),
        Some("tool_use") => Some(Message::Call(ToolCall {
            id: text_of(&block["id"]),
            name: text_of(&block["name"]),
            arguments: block["input"].to_string(),
        })),
        Some("tool_result") => Some(Message::Result {
            call_id: text_of(&block["tool_use_id"]),
            output: text_of(&block["content"]),
        }),
        _ => None,
    };
    blocks.iter().filter_map(read).collect()
}

/// Returns the body of an answer that is not streamed.
pub fn body(request: &Value, turn: &Turn, stamp: &Stamp) -> Value {
    let thinking = turn
        .reasoning
        .as_ref()
        .map(|text| json!({"type": "thinking", "thinking": text, "signature": "bG9jYWw="}));
    let text = turn.text.as_ref();
    let text = text.map(|text| json!({"type": "text", "text": text, "citations": null}));
    let content: Vec<Value> = thinking
        .into_iter()
        .chain(text)
        .chain(turn.tool_calls.iter().map(call))
        .collect();
    let stop_reason = if turn.tool_calls.is_empty() {
        "end_turn"
    } else {
        "tool_use"
    };
    json!({
        "id": format!("msg_{}", stamp.id),
        "type": "message",
        "role": "assistant",
        "model": request["model"],
        "content": content,
        "stop_reason": stop_reason,
        "stop_sequence": null,
        "usage": usage(&turn.usage),
    })
}

fn call(call: &ToolCall) -> Value {
    let input: Value = serde_json::from_str(&call.arguments).unwrap_or_default();
    json!({"type": "tool_use", "id": call.id, "name": call.name, "input": input})
}

/// What came from the cache is counted apart.
fn usage(usage: &Usage) -> Value {
    json!({
        "input_tokens": usage.input - usage.cached,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": usage.cached,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": usage.output,
        "service_tier": "standard",
    })
}

/// Returns the events of an answer that is streamed.
pub fn events(request: &Value, turn: &Turn, stamp: &Stamp) -> Vec<Value> {
    let mut message = body(request, turn, stamp);
    let content = message["content"].take();
    message["content"] = json!([]);
    let end = json!({"stop_reason": message["stop_reason"].take(), "stop_sequence": null});
    let total = message["usage"].clone();
    // What the output costs is not known yet.
    message["usage"]["output_tokens"] = json!(1);

    let mut events = vec![
        json!({"type": "message_start", "message": message}),
        json!({"type": "ping"}),
    ];
    for (index, block) in items_of(&content).iter().enumerate() {
        let (begun, pieces) = cut(block);
        let start = json!({"type": "content_block_start", "index": index, "content_block": begun});
        events.push(start);
        for delta in pieces {
            let event = json!({"type": "content_block_delta", "index": index, "delta": delta});
            events.push(event);
        }
        events.push(json!({"type": "content_block_stop", "index": index}));
    }
    // Counts are cumulative; the breakdown and the tier are not repeated.
    let mut counts = total;
    if let Some(counts) = counts.as_object_mut() {
        counts.retain(|key, _| key.ends_with("_tokens"));
    }
    events.push(json!({"type": "message_delta", "delta": end, "usage": counts}));
    events.push(json!({"type": "message_stop"}));
    events
}

/// Returns a block as it begins, and the deltas that make the rest of it.
fn cut(block: &Value) -> (Value, Vec<Value>) {
    let mut begun = block.clone();
    let pieces = match block["type"].as_str() {
        Some("thinking") => {
            begun["thinking"] = json!("");
            begun["signature"] = json!("");
            let piece = |text| json!({"type": "thinking_delta", "thinking": text});
            let signature = json!({"type": "signature_delta", "signature": block["signature"]});
            let pieces = deltas(&text_of(&block["thinking"])).into_iter().map(piece);
            pieces.chain([signature]).collect()
        }
        Some("tool_use") => {
            begun["input"] = json!({});
            let piece = |json| json!({"type": "input_json_delta", "partial_json": json});
            let pieces = deltas(&block["input"].to_string()).into_iter();
            // The first one is empty.
            [String::new()]
                .into_iter()
                .chain(pieces)
                .map(piece)
                .collect()
        }
        _ => {
            begun["text"] = json!("");
            let piece = |text| json!({"type": "text_delta", "text": text});
            deltas(&text_of(&block["text"]))
                .into_iter()
                .map(piece)
                .collect()
        }
    };
    (begun, pieces)
}

/// Returns the body of an error.
pub(super) fn error(kind: &str, message: &str) -> Value {
    json!({"type": "error", "error": {"type": kind, "message": message}})
}
