//! The chat completions API: reading a request, writing the answer.

use serde_json::{Value, json};

use super::Stamp;
use super::conversation::{Conversation, Message, Tool, ToolCall, Turn, items_of, text_of};
use super::tokens::deltas;
use super::usage::Usage;

/// Reads what a request tells the model.
pub(super) fn conversation(request: &Value) -> Conversation {
    let tools = match request["tool_choice"].as_str() {
        Some("none") => &[],
        _ => items_of(&request["tools"]),
    };
    let effort = request["reasoning_effort"].as_str();
    Conversation {
        messages: items_of(&request["messages"])
            .iter()
            .flat_map(read_message)
            .collect(),
        tools: tools
            .iter()
            .filter_map(|tool| read_tool(&tool["function"]))
            .collect(),
        parallel: request["parallel_tool_calls"] != false,
        reasoning: effort.is_some_and(|effort| effort != "none"),
    }
}

/// Reads a tool's `name` and `parameters`.
pub(super) fn read_tool(function: &Value) -> Option<Tool> {
    let name = function["name"].as_str()?.to_owned();
    Some(Tool {
        name,
        parameters: function["parameters"].clone(),
    })
}

fn read_message(message: &Value) -> Vec<Message> {
    let text = text_of(&message["content"]);
    match message["role"].as_str() {
        Some("user") => vec![Message::User(text)],
        Some("tool") => vec![Message::Result {
            call_id: text_of(&message["tool_call_id"]),
            output: text,
        }],
        Some("assistant") => {
            let said = (!text.is_empty()).then_some(Message::Assistant(text));
            let calls = items_of(&message["tool_calls"]).iter().map(read_call);
            said.into_iter().chain(calls).collect()
        }
        _ => vec![Message::System(text)],
    }
}

fn read_call(call: &Value) -> Message {
    Message::Call(ToolCall {
        id: text_of(&call["id"]),
        name: text_of(&call["function"]["name"]),
        arguments: text_of(&call["function"]["arguments"]),
    })
}

/// Returns the body of an answer that is not streamed.
pub fn body(request: &Value, turn: &Turn, stamp: &Stamp) -> Value {
    let calls: Vec<Value> = turn.tool_calls.iter().map(call).collect();
    let mut message = json!({
        "role": "assistant", "content": turn.text, "refusal": null, "annotations": [],
    });
    if !calls.is_empty() {
        message["tool_calls"] = json!(calls);
    }
    let choice = json!({
        "index": 0, "message": message, "logprobs": null, "finish_reason": finish_reason(turn),
    });
    let mut body = envelope(request, stamp, "chat.completion");
    body["choices"] = json!([choice]);
    body["usage"] = usage(&turn.usage);
    body
}

/// Returns the chunks of a streamed answer, the closing `[DONE]` not counted.
///
/// The last one has the usage, if the request asks for it in `stream_options`.
pub fn chunks(request: &Value, turn: &Turn, stamp: &Stamp) -> Vec<Value> {
    let with_usage = request["stream_options"]["include_usage"] == true;
    let chunk = |choices: Value| {
        let mut chunk = envelope(request, stamp, "chat.completion.chunk");
        chunk["choices"] = choices;
        if with_usage {
            chunk["usage"] = Value::Null;
        }
        chunk
    };
    let choice = |delta: Value, finish_reason: Option<&str>| {
        let logprobs = Value::Null;
        chunk(json!([{
            "index": 0, "delta": delta, "logprobs": logprobs, "finish_reason": finish_reason,
        }]))
    };

    let begun = turn.text.as_ref().map(|_| "");
    let role = json!({"role": "assistant", "content": begun, "refusal": null});
    let mut chunks = vec![choice(role, None)];
    for delta in deltas(turn.text.as_deref().unwrap_or_default()) {
        chunks.push(choice(json!({ "content": delta }), None));
    }
    for (index, wish) in turn.tool_calls.iter().enumerate() {
        let mut opening = call(wish);
        opening["index"] = json!(index);
        opening["function"]["arguments"] = json!("");
        chunks.push(choice(json!({ "tool_calls": [opening] }), None));
        for delta in deltas(&wish.arguments) {
            let part = json!({"index": index, "function": {"arguments": delta}});
            chunks.push(choice(json!({ "tool_calls": [part] }), None));
        }
    }
    chunks.push(choice(json!({}), Some(finish_reason(turn))));
    if with_usage {
        let mut last = chunk(json!([]));
        last["usage"] = usage(&turn.usage);
        chunks.push(last);
    }
    chunks
}

/// Returns chunks as they are sent: server-sent events, and the closing `[DONE]`.
pub fn frames(chunks: &[Value]) -> Vec<String> {
    let data = chunks.iter().map(Value::to_string);
    let data = data.chain(["[DONE]".to_owned()]);
    data.map(|data| format!("data: {data}\n\n")).collect()
}

fn envelope(request: &Value, stamp: &Stamp, object: &str) -> Value {
    json!({
        "id": format!("chatcmpl-{}", stamp.id),
        "object": object,
        "created": stamp.created,
        "model": request["model"],
        "service_tier": "default",
        "system_fingerprint": "fp_local",
    })
}

fn call(call: &ToolCall) -> Value {
    let function = json!({"name": call.name, "arguments": call.arguments});
    json!({"id": call.id, "type": "function", "function": function})
}

fn finish_reason(turn: &Turn) -> &'static str {
    if turn.tool_calls.is_empty() {
        "stop"
    } else {
        "tool_calls"
    }
}

fn usage(usage: &Usage) -> Value {
    json!({
        "prompt_tokens": usage.input,
        "completion_tokens": usage.output,
        "total_tokens": usage.input + usage.output,
        "prompt_tokens_details": {"cached_tokens": usage.cached, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning, "audio_tokens": 0,
            "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0,
        },
    })
}
