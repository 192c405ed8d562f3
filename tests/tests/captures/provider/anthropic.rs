//! What Anthropic answered.

use claude_api::messages::CreateMessageRequest;
use rollout_tests::ScriptedProvider;
use serde_json::{Value, json};

use super::stream::words;
use super::{CITY, ORDER, TEXT, THOUGHT};

pub(crate) const MODEL: &str = "claude-sonnet-4-5";

/// Returns a client of this provider that is recorded.
pub(crate) fn client(provider: &ScriptedProvider) -> rollout::anthropic::Client {
    rollout::wrap(unwrapped(&provider.url()))
}

pub(crate) fn unwrapped(url: &str) -> claude_api::Client {
    claude_api::Client::builder()
        .api_key("sk-ant-test")
        .base_url(url)
        .retry(claude_api::retry::RetryPolicy::none())
        .build()
        .unwrap()
}

/// Returns the request of most programs.
pub(crate) fn asked() -> CreateMessageRequest {
    CreateMessageRequest::builder()
        .model(MODEL)
        .max_tokens(64)
        .user("Where is my order?")
        .build()
        .unwrap()
}

/// Returns the body of the nth answer.
pub(crate) fn message(nth: u32) -> Value {
    message_of(
        nth,
        &[json!({"text": TEXT, "type": "text"})],
        "end_turn",
        11,
    )
}

/// Returns the body of one that was thought about.
pub(crate) fn thought(nth: u32) -> Value {
    let blocks = [
        json!({"signature": "sig_mock", "thinking": THOUGHT, "type": "thinking"}),
        json!({"text": TEXT, "type": "text"}),
    ];
    message_of(nth, &blocks, "end_turn", 75)
}

/// Returns the body of one that wants tools called.
pub(crate) fn calls(nth: u32) -> Value {
    let call = |id: &str, name: &str, input: &str| {
        let input: Value = serde_json::from_str(input).unwrap();
        json!({"id": id, "input": input, "name": name, "type": "tool_use"})
    };
    let blocks = [
        json!({"text": "Let me check.", "type": "text"}),
        call("toolu_call_mock_1", "lookup_order", ORDER),
        call("toolu_call_mock_2", "get_weather", CITY),
    ];
    message_of(nth, &blocks, "tool_use", 11)
}

fn message_of(nth: u32, blocks: &[Value], reason: &str, output: u32) -> Value {
    json!({
        "id": format!("msg_mock_{nth}"), "content": blocks, "model": MODEL, "role": "assistant",
        "stop_reason": reason, "type": "message",
        "usage": {
            "cache_creation_input_tokens": 3, "cache_read_input_tokens": 8, "input_tokens": 21,
            "output_tokens": output, "service_tier": "standard",
        },
    })
}

/// Returns the events of a stream that says this.
pub(crate) fn streamed(text: &str) -> Vec<String> {
    streamed_blocks(&[json!({"text": text, "type": "text"})], "end_turn", 11)
}

/// Returns the events of a stream of these blocks.
pub(crate) fn streamed_blocks(blocks: &[Value], reason: &str, output: u32) -> Vec<String> {
    let mut message = message_of(1, &[], reason, 1);
    message["stop_reason"] = Value::Null;
    let mut events = vec![json!({"type": "message_start", "message": message})];
    for (index, block) in blocks.iter().enumerate() {
        let (empty, deltas) = block_deltas(block);
        events.push(json!({"type": "content_block_start", "index": index, "content_block": empty}));
        events.extend(
            deltas.into_iter().map(
                |delta| json!({"type": "content_block_delta", "index": index, "delta": delta}),
            ),
        );
        events.push(json!({"type": "content_block_stop", "index": index}));
    }
    let delta = json!({"stop_reason": reason, "stop_sequence": null});
    // Counts are cumulative, and all of them are repeated.
    let usage = message_of(1, &[], reason, output)["usage"].take();
    events.push(json!({"type": "message_delta", "delta": delta, "usage": usage}));
    events.push(json!({"type": "message_stop"}));
    let frame = |event: Value| {
        format!(
            "event: {}\ndata: {event}\n\n",
            event["type"].as_str().unwrap()
        )
    };
    events.into_iter().map(frame).collect()
}

/// Returns how a block begins, and what comes to it.
fn block_deltas(block: &Value) -> (Value, Vec<Value>) {
    let mut empty = block.clone();
    let text = |key: &str| words(block[key].as_str().unwrap()).into_iter();
    let deltas = match block["type"].as_str() {
        Some("thinking") => {
            empty["thinking"] = json!("");
            empty["signature"] = json!("");
            let signature = json!({"type": "signature_delta", "signature": block["signature"]});
            text("thinking")
                .map(|text| json!({"type": "thinking_delta", "thinking": text}))
                .chain([signature])
                .collect()
        }
        Some("tool_use") => {
            empty["input"] = json!({});
            let input = block["input"].to_string();
            vec![json!({"type": "input_json_delta", "partial_json": input})]
        }
        _ => {
            empty["text"] = json!("");
            text("text")
                .map(|text| json!({"type": "text_delta", "text": text}))
                .collect()
        }
    };
    (empty, deltas)
}
