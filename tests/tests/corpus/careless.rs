//! Recorded traffic as other servers would have sent it: with members that nobody knows, with nulls
//! for what is not there, with all numbers as floats, without ids, and framed in other ways.

use rollout_core::provider::sse::{SseEvent, SseParser};
use rollout_core::provider::{ResponseFacts, Usage};
use rollout_tests::corpus::{Interaction, Observed};
use serde_json::{Map, Value, json};

/// What members servers send as null, though others leave them out.
const NULLS: &[&str] = &[
    "annotations",
    "arguments",
    "audio",
    "cache_creation",
    "choices",
    "citation",
    "citations",
    "code",
    "completion_tokens_details",
    "content",
    "content_block",
    "content_index",
    "cost",
    "custom",
    "delta",
    "detail",
    "error",
    "finish_reason",
    "function",
    "function_call",
    "id",
    "incomplete_details",
    "index",
    "input",
    "input_tokens_details",
    "item",
    "item_id",
    "logprobs",
    "message",
    "model",
    "name",
    "output",
    "output_index",
    "output_tokens_details",
    "param",
    "part",
    "partial_json",
    "prompt_tokens_details",
    "reasoning",
    "reasoning_content",
    "reasoning_details",
    "refusal",
    "response",
    "role",
    "service_tier",
    "signature",
    "status",
    "stop_reason",
    "stop_sequence",
    "summary",
    "system_fingerprint",
    "text",
    "thinking",
    "tool_calls",
    "total_tokens",
    "type",
    "usage",
    "x_groq",
];

/// What a tool was given is not the provider's to change.
const INPUTS: &[&str] = &["input", "arguments", "action", "operation", "queries", "to"];

#[test]
fn members_that_nobody_knows_change_nothing() {
    each(
        |value| {
            members(value, &mut |object| {
                let odd =
                    json!({"type": "error", "text": "x", "id": "y", "usage": {"input_tokens": 1}});
                object.insert("unheard_of".to_owned(), odd);
            });
        },
        bare,
    );
}

#[test]
fn nulls_for_what_is_not_there_change_nothing() {
    each(
        |value| {
            members(value, &mut |object| {
                for name in NULLS {
                    object.entry(*name).or_insert(Value::Null);
                }
            });
        },
        bare,
    );
}

#[test]
fn numbers_as_floats_change_nothing() {
    each(floats, bare);
}

#[test]
fn without_ids_the_rest_is_known() {
    each(
        |value| {
            members(value, &mut |object| {
                object.remove("id");
                object.remove("item_id");
            });
        },
        |facts| {
            let mut facts = bare(facts);
            facts.id = None;
            for call in &mut facts.tool_calls {
                call.id = None;
            }
            for call in &mut facts.server_tool_calls {
                call.id = None;
            }
            facts
        },
    );
}

#[test]
fn the_framing_changes_nothing() {
    for interaction in super::recorded().iter().filter(|it| it.streaming) {
        let whole = Observed::decoded(interaction).facts;
        let events = events(&interaction.body);
        for (style, body) in styles(&events) {
            let facts = decoded(interaction, body);
            assert_eq!(facts, whole, "{} {style}", interaction.id);
        }
        // A name says no more than the type that the data have, and a type no more than the name.
        let mut nameless = events.clone();
        let mut typeless = events;
        for event in nameless
            .iter_mut()
            .filter(|it| it.data.contains("\"type\""))
        {
            event.event = None;
        }
        for event in typeless.iter_mut().filter(|it| it.event.is_some()) {
            if let Ok(Value::Object(mut data)) = serde_json::from_str(&event.data) {
                data.remove("type");
                event.data = Value::from(data).to_string();
            }
        }
        for (style, events) in [("without names", nameless), ("without types", typeless)] {
            let facts = decoded(interaction, written(&events, "\n"));
            assert_eq!(facts, whole, "{} {style}", interaction.id);
        }
    }
}

/// Compares the facts of each interaction with those of its careless twin.
fn each(change: impl Fn(&mut Value), compared: impl Fn(ResponseFacts) -> ResponseFacts) {
    let mut different = Vec::new();
    for interaction in &super::recorded() {
        let Some(body) = changed(interaction, &change) else {
            continue;
        };
        let whole = compared(Observed::decoded(interaction).facts);
        let facts = compared(decoded(interaction, body));
        if facts != whole {
            different.push(format!(
                "{}\n  {whole:.400?}\n  {facts:.400?}",
                interaction.id
            ));
        }
    }
    assert!(
        different.is_empty(),
        "{} differ:\n{}",
        different.len(),
        different.join("\n")
    );
}

/// Returns the body with each JSON value in it changed; `None` where there is no JSON.
fn changed(interaction: &Interaction, change: &impl Fn(&mut Value)) -> Option<Vec<u8>> {
    let body = |text: &[u8]| {
        let mut value: Value = serde_json::from_slice(text).ok()?;
        change(&mut value);
        Some(value.to_string())
    };
    if !interaction.streaming {
        return body(&interaction.body).map(String::into_bytes);
    }
    let mut events = events(&interaction.body);
    for event in &mut events {
        if let Some(data) = body(event.data.as_bytes()) {
            event.data = data;
        }
    }
    Some(written(&events, "\n"))
}

fn decoded(interaction: &Interaction, body: Vec<u8>) -> ResponseFacts {
    let interaction = Interaction {
        body,
        ..interaction.clone()
    };
    Observed::decoded(&interaction).facts
}

/// The providers' own objects are as they were sent, so that they are not compared.
fn bare(mut facts: ResponseFacts) -> ResponseFacts {
    if let Some(Usage { raw, .. }) = &mut facts.usage {
        *raw = Value::Null;
    }
    for call in &mut facts.tool_calls {
        call.input = None;
    }
    for call in &mut facts.server_tool_calls {
        call.input = None;
    }
    facts
}

/// Visits all objects apart from what tools were given.
fn members(value: &mut Value, visit: &mut impl FnMut(&mut Map<String, Value>)) {
    match value {
        Value::Array(list) => list.iter_mut().for_each(|value| members(value, visit)),
        Value::Object(object) => {
            for (key, value) in object.iter_mut() {
                if !INPUTS.contains(&key.as_str()) {
                    members(value, visit);
                }
            }
            visit(object);
        }
        _ => {}
    }
}

fn floats(value: &mut Value) {
    if let Some(number) = value.as_i64() {
        #[expect(clippy::cast_precision_loss, reason = "counts, places and times")]
        let number = number as f64;
        *value = number.into();
    } else if let Value::Array(list) = value {
        list.iter_mut().for_each(floats);
    } else if let Value::Object(object) = value {
        for (key, value) in object {
            if !INPUTS.contains(&key.as_str()) {
                floats(value);
            }
        }
    }
}

pub(super) fn events(body: &[u8]) -> Vec<SseEvent> {
    let mut parser = SseParser::new();
    let mut events = parser.push(body);
    events.extend(parser.finish());
    events
}

fn written(events: &[SseEvent], end: &str) -> Vec<u8> {
    let mut body = String::new();
    for event in events {
        if let Some(name) = &event.event {
            body += &format!("event: {name}{end}");
        }
        for line in event.data.split('\n') {
            body += &format!("data: {line}{end}");
        }
        body += end;
    }
    body.into_bytes()
}

fn styles(events: &[SseEvent]) -> Vec<(&'static str, Vec<u8>)> {
    let plain = String::from_utf8(written(events, "\n")).unwrap();
    let mut over_lines = events.to_vec();
    for event in &mut over_lines {
        if let Ok(value) = serde_json::from_str::<Value>(&event.data) {
            event.data = serde_json::to_string_pretty(&value).unwrap();
        }
    }
    let comments = plain.replace("\n\n", "\n\n: keep-alive\n\n:\nevent: nothing\n\n");
    vec![
        ("CR LF", written(events, "\r\n")),
        ("CR", written(events, "\r")),
        ("over lines", written(&over_lines, "\n")),
        ("comments", comments.into_bytes()),
        (
            "no spaces",
            plain.replace("\ndata: ", "\ndata:").into_bytes(),
        ),
        ("no last line end", plain.trim_end().to_owned().into_bytes()),
        ("a mark", format!("\u{feff}{plain}").into_bytes()),
    ]
}
