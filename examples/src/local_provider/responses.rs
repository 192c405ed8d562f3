//! The responses API: reading a request, writing the answer.

use serde_json::{Value, json};

use super::Stamp;
use super::chat::read_tool;
use super::conversation::{Conversation, Message, ToolCall, Turn, items_of, text_of};
use super::usage::Usage;

/// Reads what a request tells the model. The items are its own, after those it refers to.
pub(super) fn conversation(request: &Value, items: &[Value]) -> Conversation {
    let tools = match request["tool_choice"].as_str() {
        Some("none") => &[],
        _ => items_of(&request["tools"]),
    };
    let instructions = request["instructions"].as_str();
    let instructions = instructions.map(|text| Message::System(text.to_owned()));
    let said = items.iter().filter_map(read_item);
    let reasoning = &request["reasoning"];
    Conversation {
        messages: instructions.into_iter().chain(said).collect(),
        tools: tools.iter().filter_map(read_tool).collect(),
        parallel: request["parallel_tool_calls"] != false,
        reasoning: reasoning.is_object() && reasoning["effort"] != "none",
    }
}

/// Returns the items of a request's `input`, which may also be a single text.
pub(super) fn input(request: &Value) -> &[Value] {
    match &request["input"] {
        Value::Array(items) => items,
        text => std::slice::from_ref(text),
    }
}

fn read_item(item: &Value) -> Option<Message> {
    let text = |key: &str| text_of(&item[key]);
    Some(match (item["type"].as_str(), item["role"].as_str()) {
        (Some("function_call"), _) => Message::Call(ToolCall {
            id: text("call_id"),
            name: text("name"),
            arguments: text("arguments"),
        }),
        (Some("function_call_output"), _) => Message::Result {
            call_id: text("call_id"),
            output: text("output"),
        },
        (Some("message") | None, Some("assistant")) => Message::Assistant(text("content")),
        (Some("message") | None, Some("user")) => Message::User(text("content")),
        (Some("message") | None, Some(_)) => Message::System(text("content")),
        _ => Message::User(item.as_str()?.to_owned()),
    })
}

/// Returns the body of an answer that is not streamed.
pub fn body(request: &Value, turn: &Turn, stamp: &Stamp) -> Value {
    let mut body = in_progress(request, stamp);
    body["status"] = json!("completed");
    body["completed_at"] = json!(stamp.created);
    body["output"] = json!(items(turn, stamp));
    body["usage"] = usage(&turn.usage);
    body
}

/// Returns the response as it is before the model has said anything: mostly what was asked for.
pub(super) fn in_progress(request: &Value, stamp: &Stamp) -> Value {
    let asked = |key: &str, default: Value| match &request[key] {
        Value::Null => default,
        given => given.clone(),
    };
    json!({
        "id": format!("resp_{}", stamp.id),
        "object": "response",
        "created_at": stamp.created,
        "completed_at": null,
        "status": "in_progress",
        "background": false,
        "error": null,
        "incomplete_details": null,
        "instructions": request["instructions"],
        "max_output_tokens": request["max_output_tokens"],
        "metadata": asked("metadata", json!({})),
        "model": request["model"],
        "output": [],
        "parallel_tool_calls": asked("parallel_tool_calls", json!(true)),
        "previous_response_id": request["previous_response_id"],
        "reasoning": asked("reasoning", json!({"effort": null, "summary": null})),
        "service_tier": "default",
        "store": asked("store", json!(true)),
        "temperature": asked("temperature", json!(1.0)),
        "text": asked("text", json!({"format": {"type": "text"}})),
        "tool_choice": asked("tool_choice", json!("auto")),
        "tools": asked("tools", json!([])),
        "top_logprobs": 0,
        "top_p": asked("top_p", json!(1.0)),
        "truncation": asked("truncation", json!("disabled")),
        "usage": null,
        "user": null,
    })
}

/// Returns what the model says as items: its reasoning, its answer, its wishes.
pub(super) fn items(turn: &Turn, stamp: &Stamp) -> Vec<Value> {
    let id = &stamp.id;
    let reasoning = turn.reasoning.as_ref().map(|text| {
        let summary = json!([{"type": "summary_text", "text": text}]);
        json!({"id": format!("rs_{id}"), "type": "reasoning", "summary": summary})
    });
    let message = turn.text.as_ref().map(|text| {
        let part = json!({"type": "output_text", "annotations": [], "logprobs": [], "text": text});
        json!({
            "id": format!("msg_{id}"), "type": "message", "status": "completed",
            "role": "assistant", "content": [part],
        })
    });
    let calls = turn.tool_calls.iter().enumerate().map(|(index, call)| {
        json!({
            "id": format!("fc_{id}_{index}"), "type": "function_call", "status": "completed",
            "call_id": call.id, "name": call.name, "arguments": call.arguments,
        })
    });
    reasoning.into_iter().chain(message).chain(calls).collect()
}

fn usage(usage: &Usage) -> Value {
    json!({
        "input_tokens": usage.input,
        "input_tokens_details": {"cached_tokens": usage.cached},
        "output_tokens": usage.output,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning},
        "total_tokens": usage.input + usage.output,
    })
}
