//! What the providers of the captures streamed.

use rollout_tests::{Reply, ScriptedProvider};
use serde_json::{Value, json};

use super::{MODEL, TEXT, chat_usage, response_of};

/// Cuts a text before each blank, as the providers of the captures did.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in text.split(' ') {
        let blank = if words.is_empty() { "" } else { " " };
        words.push(format!("{blank}{word}"));
    }
    words
}

/// Returns the chunks of a chat completion that says this.
pub(crate) fn chat<S: AsRef<str>>(pieces: &[S], with_usage: bool) -> Vec<String> {
    let deltas = pieces
        .iter()
        .map(|piece| json!({"content": piece.as_ref()}));
    chat_of(deltas, "stop", with_usage)
}

/// Returns the chunks of a chat completion of these deltas.
pub(crate) fn chat_of(
    deltas: impl Iterator<Item = Value>,
    reason: &str,
    with_usage: bool,
) -> Vec<String> {
    let chunk = |choices: Value, usage: Value| {
        let chunk = json!({
            "id": "chatcmpl-mock-1", "object": "chat.completion.chunk", "created": 1_750_000_000,
            "model": MODEL, "choices": choices, "usage": usage,
        });
        format!("data: {chunk}\n\n")
    };
    let of = |delta: Value, reason: Value| {
        let choice = json!([{"index": 0, "delta": delta, "finish_reason": reason}]);
        chunk(choice, Value::Null)
    };
    let mut frames = vec![of(json!({"role": "assistant", "content": ""}), Value::Null)];
    frames.extend(deltas.map(|delta| of(delta, Value::Null)));
    frames.push(of(json!({}), json!(reason)));
    if with_usage {
        frames.push(chunk(json!([]), chat_usage()));
    }
    frames.push("data: [DONE]\n\n".into());
    frames
}

/// Returns the events of a response that says this.
pub(crate) fn response(text: &str) -> Vec<String> {
    let mut events = begun();
    let (said, item) = said(text, 0);
    events.extend(said);
    events.push(completed(&[item], 0));
    numbered(events)
}

/// Returns the events of an item of a response that says this, and the item.
pub(crate) fn said(text: &str, index: usize) -> (Vec<Value>, Value) {
    let part = |text: &str| json!({"type": "output_text", "text": text, "annotations": [], "logprobs": []});
    let item = |status: &str, content: Value| {
        json!({"id": "msg_mock_1", "type": "message", "status": status, "role": "assistant",
            "content": content})
    };
    let place = json!({"item_id": "msg_mock_1", "output_index": index, "content_index": 0});
    let at = |kind: &str, more: Value| {
        let mut event = place.clone();
        let object = event.as_object_mut().unwrap();
        object.insert("type".into(), json!(kind));
        object.extend(more.as_object().unwrap().clone());
        event
    };
    let done = item("completed", json!([part(text)]));
    let mut events = vec![
        json!({"type": "response.output_item.added", "output_index": index,
            "item": item("in_progress", json!([]))}),
        at("response.content_part.added", json!({"part": part("")})),
    ];
    let deltas = words(text).into_iter();
    events.extend(deltas.map(|word| {
        at(
            "response.output_text.delta",
            json!({"delta": word, "logprobs": []}),
        )
    }));
    events.push(at(
        "response.output_text.done",
        json!({"text": text, "logprobs": []}),
    ));
    events.push(at(
        "response.content_part.done",
        json!({"part": part(text)}),
    ));
    events.push(json!({"type": "response.output_item.done", "output_index": index, "item": done}));
    (events, done)
}

/// Returns how a response begins.
pub(crate) fn begun() -> Vec<Value> {
    let mut response = response_of(1, &[], 0);
    response["status"] = json!("in_progress");
    response["usage"] = Value::Null;
    vec![
        json!({"type": "response.created", "response": response}),
        json!({"type": "response.in_progress", "response": response}),
    ]
}

/// Returns how it ends.
pub(crate) fn completed(items: &[Value], reasoning: u32) -> Value {
    json!({"type": "response.completed", "response": response_of(1, items, reasoning)})
}

/// Returns events as they are sent, with their numbers.
pub(crate) fn numbered(events: Vec<Value>) -> Vec<String> {
    let frames = events.into_iter().enumerate().map(|(number, mut event)| {
        event["sequence_number"] = json!(number);
        let kind = event["type"].as_str().unwrap();
        format!("event: {kind}\ndata: {event}\n\n")
    });
    frames.collect()
}

/// Returns a provider that streams these.
pub(crate) fn streaming(streams: impl IntoIterator<Item = Vec<String>>) -> ScriptedProvider {
    ScriptedProvider::start(streams.into_iter().map(Reply::sse))
}

/// Returns the chunks of most programs.
pub(crate) fn chat_text(with_usage: bool) -> Vec<String> {
    chat(&words(TEXT), with_usage)
}
