//! Recorded traffic put in other words of the same protocol: whole answers as streams, and streams
//! with less, or more, than a server has to say.

use rollout_core::provider::ResponseFacts;
use rollout_tests::corpus::{Interaction, Observed, Operation};
use serde_json::{Value, json};

/// Returns the facts of a stream of these events.
fn facts(operation: Operation, events: &[Value]) -> ResponseFacts {
    let mut assembler = operation.wire_format().assembler();
    for event in events {
        assembler.push(None, event);
    }
    assembler.finish().1
}

fn streams(operation: Operation) -> impl Iterator<Item = (Interaction, Vec<Value>, ResponseFacts)> {
    let mut interactions = super::recorded();
    interactions.retain(|it| it.streaming && it.operation == operation);
    interactions.into_iter().map(|interaction| {
        let events = super::careless::events(&interaction.body);
        let events = events
            .iter()
            .filter_map(|it| serde_json::from_str(&it.data).ok());
        let mut whole = Observed::decoded(&interaction).facts;
        whole.error = None;
        (interaction, events.collect(), whole)
    })
}

fn whole_answers(operation: Operation) -> impl Iterator<Item = (String, Value, ResponseFacts)> {
    let mut interactions = super::recorded();
    interactions.retain(|it| !it.streaming && it.status == 200 && it.operation == operation);
    interactions.into_iter().filter_map(|interaction| {
        let body: Value = serde_json::from_slice(&interaction.body).ok()?;
        let facts = Observed::decoded(&interaction).facts;
        facts
            .error
            .is_none()
            .then_some((interaction.id, body, facts))
    })
}

/// Returns the facts apart from those that only the last event tells.
fn content(facts: ResponseFacts) -> ResponseFacts {
    let mut content = ResponseFacts::default();
    content.texts = facts.texts;
    content.reasoning = facts.reasoning;
    content.refusals = facts.refusals;
    content.tool_calls = facts.tool_calls;
    content.item_types = facts.item_types;
    content
}

#[test]
fn completions_in_one_chunk_say_the_same() {
    for (id, mut body, whole) in whole_answers(Operation::Chat) {
        for choice in body["choices"].as_array_mut().into_iter().flatten() {
            let message = choice["message"].take();
            choice["delta"] = message;
        }
        let mut found = facts(Operation::Chat, &[body]);
        let complete = std::mem::replace(&mut found.complete, true);
        assert_eq!(found, whole, "{id}");
        assert_eq!(
            complete,
            whole
                .finish_reasons
                .iter()
                .all(|reason| reason.as_deref().is_some_and(|it| !it.is_empty()))
                && !whole.texts.is_empty(),
            "{id}"
        );
    }
}

#[test]
fn messages_whose_blocks_come_whole_say_the_same() {
    for (id, body, whole) in whole_answers(Operation::Messages) {
        let mut start = body.clone();
        start["content"] = json!([]);
        start["stop_reason"] = Value::Null;
        let mut events = vec![json!({"type": "message_start", "message": start})];
        for (index, block) in body["content"].as_array().into_iter().flatten().enumerate() {
            events.push(
                json!({"type": "content_block_start", "index": index, "content_block": block}),
            );
            events.push(json!({"type": "content_block_stop", "index": index}));
        }
        let delta =
            json!({"stop_reason": body["stop_reason"], "stop_sequence": body["stop_sequence"]});
        events.push(json!({"type": "message_delta", "delta": delta, "usage": body["usage"]}));
        events.push(json!({"type": "message_stop"}));
        assert_eq!(facts(Operation::Messages, &events), whole, "{id}");
    }
}

#[test]
fn responses_whose_items_come_whole_say_the_same() {
    for (id, body, whole) in whole_answers(Operation::Responses) {
        let mut events = vec![
            json!({"type": "response.created", "response": {"id": body["id"], "status": "in_progress"}}),
        ];
        for (index, item) in body["output"].as_array().into_iter().flatten().enumerate() {
            events.push(
                json!({"type": "response.output_item.done", "output_index": index, "item": item}),
            );
        }
        let found = content(facts(Operation::Responses, &events));
        assert_eq!(found, content(whole.clone()), "{id}");
        let mut last = body.clone();
        last["output"] = json!([]);
        let kind = format!(
            "response.{}",
            body["status"].as_str().unwrap_or("completed")
        );
        events.push(json!({"type": kind, "response": last}));
        assert_eq!(facts(Operation::Responses, &events), whole, "{id}");
    }
}

#[test]
fn responses_without_their_last_events_say_the_same() {
    let mut different = Vec::new();
    for (interaction, mut events, whole) in streams(Operation::Responses) {
        let whole = content(whole);
        let mut compare = |events: &[Value], lost: &str| {
            let found = facts(Operation::Responses, events);
            let id = &interaction.id;
            assert!(!found.complete && found.finish_reasons.is_empty(), "{id}");
            let found = content(found);
            if found != whole {
                different.push(format!("{id} without {lost}\n  {whole:?}\n  {found:?}"));
            }
        };
        let lose = |events: &mut Vec<Value>, lost: &[&str]| {
            events.retain(|event| !lost.iter().any(|kind| event["type"] == *kind));
        };
        let last = [
            "response.completed",
            "response.incomplete",
            "response.failed",
        ];
        lose(&mut events, &last);
        compare(&events, "an end");
        let done = ["response.output_item.done", "response.content_part.done"];
        lose(&mut events, &done);
        compare(&events, "ends of items");
    }
    assert!(
        different.is_empty(),
        "{} differ:\n{}",
        different.len(),
        different.join("\n")
    );
}

#[test]
fn tool_calls_without_places_or_with_everything_repeated_are_the_same() {
    for (interaction, events, whole) in streams(Operation::Chat) {
        if whole.tool_calls.is_empty() {
            continue;
        }
        let mut placeless = events.clone();
        let mut repeated = events;
        let mut known = std::collections::HashMap::new();
        for calls in tool_calls(&mut placeless) {
            for call in calls {
                call.as_object_mut().unwrap().remove("index");
            }
        }
        for calls in tool_calls(&mut repeated) {
            for call in calls {
                let first = known
                    .entry(call["index"].as_u64())
                    .or_insert_with(|| call.clone());
                call["id"] = first["id"].clone();
                call["type"] = first["type"].clone();
                call["function"]["name"] = first["function"]["name"].clone();
            }
        }
        for (way, events) in [("without places", placeless), ("repeated", repeated)] {
            let found = facts(Operation::Chat, &events);
            assert_eq!(
                found.tool_calls, whole.tool_calls,
                "{} {way}",
                interaction.id
            );
        }
    }
}

fn tool_calls(chunks: &mut [Value]) -> impl Iterator<Item = &mut Vec<Value>> {
    let choices = chunks
        .iter_mut()
        .filter_map(|chunk| chunk.get_mut("choices")?.as_array_mut());
    choices.flatten().filter_map(|choice| {
        choice
            .get_mut("delta")?
            .get_mut("tool_calls")?
            .as_array_mut()
    })
}

#[test]
fn messages_without_places_say_the_same() {
    for (interaction, mut events, whole) in streams(Operation::Messages) {
        for event in &mut events {
            event.as_object_mut().map(|event| event.remove("index"));
        }
        let found = facts(Operation::Messages, &events);
        assert_eq!(found, whole, "{}", interaction.id);
    }
}
