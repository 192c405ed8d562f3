//! What is said in a call, in the ways in which libraries tell it, and what backends are told of that.

use rollout::testing::{Recording, record_with};
use rollout::{OtlpProfile, OtlpTranslator};
use serde_json::{Value, json};
use tracing::{Level, event, info_span};
use tracing_subscriber::layer::SubscriberExt as _;

use crate::recorded;
use crate::spans::{answer, chat};

/// A call whose messages are events, each after a step of the work.
fn call_with_events() {
    let span = chat();
    span.in_scope(|| {
        event!(name: "gen_ai.system.message", Level::INFO, gen_ai.system = "openai", content = "Be brief.");
    });
    span.in_scope(|| {
        event!(
            Level::INFO,
            event.name = "gen_ai.user.message",
            content = "Where?"
        );
        event!(
            name: "gen_ai.assistant.message", Level::INFO,
            tool_calls = r#"[{"id": "c", "type": "function", "function": {"name": "find", "arguments": "{}"}}]"#,
        );
        event!(name: "gen_ai.tool.message", Level::INFO, id = "c", content = "Paris");
        event!(
            name: "gen_ai.choice", Level::INFO, index = 0, finish_reason = "stop",
            message = r#"{"role": "assistant", "content": "In Paris."}"#,
        );
        event!(Level::INFO, content = "a line of the log", "as usual");
    });
}

#[test]
fn messages_may_be_told_as_events() {
    let recording = recorded(call_with_events);
    let call = recording.run().llm_call();
    assert_eq!(
        call.input(),
        json!({"messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Where?"},
            {"role": "assistant", "content": null, "tool_calls": [
                {"id": "c", "type": "function", "function": {"name": "find", "arguments": "{}"}},
            ]},
            {"role": "tool", "tool_call_id": "c", "content": "Paris"},
        ]})
    );
    assert_eq!(
        call.output(),
        json!([{"role": "assistant", "content": "In Paris.", "finish_reason": "stop"}])
    );
    for event in recording.events() {
        for name in ["content", "message", "role", "index", "event.name"] {
            assert_eq!(event.attributes.get(name), None, "{name}");
        }
    }
}

#[test]
fn messages_in_events_are_not_captured_either_where_nothing_is() {
    let recording = record_with(|options| options.capture_input(false).capture_output(false));
    let subscriber = tracing_subscriber::registry().with(rollout::tracing::layer());
    tracing::subscriber::with_default(subscriber, || recording.in_scope(call_with_events));
    recording.run().llm_call().assert_ok();
    let told = format!("{:?}", recording.events());
    for said in ["Where?", "Paris", "brief"] {
        assert!(!told.contains(said), "{told}");
    }
}

#[test]
fn embeddings_have_a_model_and_tokens() {
    let recording = recorded(|| {
        let span = info_span!(
            "embeddings",
            gen_ai.operation.name = "embeddings",
            gen_ai.provider.name = "openai",
            gen_ai.request.model = "text-embedding-3-small",
            gen_ai.usage.input_tokens = 4,
        );
        span.in_scope(|| ());
    });
    let span = &spans(&recording)[0];
    assert_eq!(span["name"], "embeddings text-embedding-3-small");
    for (name, value) in [
        ("gen_ai.provider.name", json!({"stringValue": "openai"})),
        ("gen_ai.usage.input_tokens", json!({"intValue": "4"})),
    ] {
        assert_eq!(attribute(span, name), value, "{name}");
    }
}

#[test]
fn a_backend_is_told_the_messages_as_the_library_told_them() {
    let fields = recorded(|| {
        let span = chat();
        span.in_scope(|| answer(&span));
    });
    let events = recorded(call_with_events);
    let said = |recording: &Recording, name| {
        let span = &spans(recording)[0];
        let text = attribute(span, name)["stringValue"].clone();
        serde_json::from_str::<Value>(text.as_str().unwrap()).unwrap()
    };
    assert_eq!(
        said(&fields, "gen_ai.input.messages"),
        json!([{"role": "user", "parts": [{"type": "text", "content": "Where?"}]}])
    );
    let answer = json!([{
        "role": "assistant", "parts": [{"type": "text", "content": "In Paris."}], "finish_reason": "stop",
    }]);
    for recording in [&fields, &events] {
        assert_eq!(said(recording, "gen_ai.output.messages"), answer);
    }
    assert_eq!(
        said(&events, "gen_ai.input.messages")[3],
        json!({"role": "tool", "parts": [{"type": "tool_call_response", "id": "c", "response": "Paris"}]})
    );
}

fn spans(recording: &Recording) -> Vec<Value> {
    let mut translator = OtlpTranslator::new(OtlpProfile::Otel);
    for event in recording.events() {
        translator
            .add(serde_json::to_value(event).unwrap())
            .unwrap();
    }
    let sent: Value = serde_json::from_slice(&translator.finish().to_json()).unwrap();
    let spans = sent["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array();
    spans.unwrap().clone()
}

fn attribute(span: &Value, name: &str) -> Value {
    let mut pairs = span["attributes"].as_array().unwrap().iter();
    pairs.find(|pair| pair["key"] == name).unwrap()["value"].clone()
}
