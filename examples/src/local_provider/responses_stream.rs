//! The responses API's stream: each item is announced, grows, and is finished.

use serde_json::{Value, json};

use super::Stamp;
use super::conversation::Turn;
use super::responses;
use super::tokens::deltas;

/// Returns the events of a streamed answer.
pub fn events(request: &Value, turn: &Turn, stamp: &Stamp) -> Vec<Value> {
    let begun = responses::in_progress(request, stamp);
    let mut events = vec![
        json!({"type": "response.created", "response": begun}),
        json!({"type": "response.in_progress", "response": begun}),
    ];
    for (index, item) in responses::items(turn, stamp).into_iter().enumerate() {
        events.extend(item_events(index, item));
    }
    let finished = responses::body(request, turn, stamp);
    events.push(json!({"type": "response.completed", "response": finished}));
    for (number, event) in events.iter_mut().enumerate() {
        event["sequence_number"] = json!(number);
    }
    events
}

/// Returns events as they are sent: server-sent events, named after their type.
pub fn frames(events: &[Value]) -> Vec<String> {
    let frame = |event: &Value| {
        let kind = event["type"].as_str().unwrap_or("message");
        format!("event: {kind}\ndata: {event}\n\n")
    };
    events.iter().map(frame).collect()
}

fn item_events(output_index: usize, item: Value) -> Vec<Value> {
    let place = json!({"item_id": item["id"], "output_index": output_index});
    let mut announced = item.clone();
    if item["status"].is_string() {
        announced["status"] = json!("in_progress");
    }
    let growth = match item["type"].as_str() {
        Some("reasoning") => {
            announced["summary"] = json!([]);
            let part = &item["summary"][0];
            let place = with(&place, "summary_index", json!(0));
            grow_part(
                &place,
                "reasoning_summary_part",
                "reasoning_summary_text",
                part,
            )
        }
        Some("message") => {
            announced["content"] = json!([]);
            let part = &item["content"][0];
            let place = with(&place, "content_index", json!(0));
            grow_part(&place, "content_part", "output_text", part)
        }
        _ => {
            announced["arguments"] = json!("");
            grow_text(
                &place,
                "function_call_arguments",
                "arguments",
                &item["arguments"],
            )
        }
    };
    let place = json!({ "output_index": output_index });
    let mut events = vec![event("output_item.added", &place, "item", announced)];
    events.extend(growth);
    events.push(event("output_item.done", &place, "item", item));
    events
}

/// A part of a message or a summary comes empty, gets its text, and is finished.
fn grow_part(place: &Value, part_kind: &str, text_kind: &str, part: &Value) -> Vec<Value> {
    let empty = with(part, "text", json!(""));
    let mut events = vec![event(&format!("{part_kind}.added"), place, "part", empty)];
    events.extend(grow_text(place, text_kind, "text", &part["text"]));
    events.push(event(
        &format!("{part_kind}.done"),
        place,
        "part",
        part.clone(),
    ));
    events
}

fn grow_text(place: &Value, kind: &str, key: &str, text: &Value) -> Vec<Value> {
    let (delta, done) = (format!("{kind}.delta"), format!("{kind}.done"));
    let deltas = deltas(text.as_str().unwrap_or_default()).into_iter();
    let deltas = deltas.map(|text| event(&delta, place, "delta", json!(text)));
    let mut events: Vec<Value> = deltas.collect();
    events.push(event(&done, place, key, text.clone()));
    if kind == "output_text" {
        for event in &mut events {
            event["logprobs"] = json!([]);
        }
    }
    events
}

fn event(kind: &str, place: &Value, key: &str, value: Value) -> Value {
    let event = with(place, "type", json!(format!("response.{kind}")));
    with(&event, key, value)
}

fn with(object: &Value, key: &str, value: Value) -> Value {
    let mut object = object.clone();
    object[key] = value;
    object
}
