//! Values that are hard to write as JSON, or to read.

use std::collections::HashMap;

use async_openai::types::chat::CreateChatCompletionRequest;
use rollout::agent;
use rollout_tests::provider::openai as provider;
use rollout_tests::{Reply, ScriptedProvider};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{Program, chat_request, only, openai};

#[agent]
fn keep<T: Serialize>(value: T) -> T {
    value
}

/// Returns what is sent of a value, which goes in and comes out.
#[track_caller]
fn sent<T: Serialize>(value: T) -> Value {
    let program = Program::start();
    program.run(|| keep(value));
    let events = program.finish();
    let (input, output) = (
        &events[0]["raw"]["input"]["value"],
        &events[1]["raw"]["output"],
    );
    assert_eq!(input, output);
    input.clone()
}

/// Returns what is sent of an answer whose text is this piece of JSON, and how the call ended.
#[track_caller]
fn answered(raw: &str) -> (Value, Value) {
    let mut body = provider::chat(&provider::answer("HERE"));
    body["extra"] = json!("HERE");
    let server = ScriptedProvider::start([Reply::text(body.to_string().replace("\"HERE\"", raw))
        .with_header("content-type", "application/json")]);
    let program = Program::start();
    // The layer sees the wire, and takes the very bytes.
    let config = async_openai::config::OpenAIConfig::new()
        .with_api_base(server.base_url())
        .with_api_key("sk-test");
    let client = rollout::openai::client(config);
    let _ = program.block_on(client.chat().create(chat_request()));
    let events = program.finish();
    let end = only(&events, "span.end");
    (end["raw"]["output"].clone(), end.clone())
}

#[test]
fn numbers_that_json_does_not_have() {
    let value = sent(vec![1.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY]);
    assert_eq!(value, json!([1.5, "NaN", "Infinity", "-Infinity"]));
    assert_eq!(
        sent(u128::MAX).to_string(),
        json!(340_282_366_920_938_463_463_374_607_431_768_211_455_u128 as f64).to_string()
    );
}

#[test]
fn keys_that_are_no_texts() {
    assert_eq!(sent(HashMap::from([(7, "a")])), json!({"7": "a"}));
    assert_eq!(sent(HashMap::from([(true, 1)])), json!({"true": 1}));
    assert!(sent(HashMap::from([((1, 'x'), "pair")])).is_object());
    assert!(sent(HashMap::from([(vec!["a"], 1), (vec!["b"], 2)])).is_object());
}

#[test]
fn texts_of_every_kind() {
    let text = "\u{0}\u{1b}[31m\u{7f}\u{2028}\u{feff}\u{fffd} \u{1f600} \\ud800 \"\\\n\r\t é";
    assert_eq!(sent(text), text);
    assert_eq!(sent('\u{10ffff}'), "\u{10ffff}");
}

#[test]
fn halves_of_surrogate_pairs_do_not_spoil_what_travels_with_them() {
    for raw in [r#""a\ud800""#, r#""\udc00\ud800 b""#, r#""\uD83D""#] {
        let (output, end) = answered(raw);
        assert_eq!(end["event_type"], "span.end", "{raw}");
        assert!(!output.is_null(), "{raw}");
    }
    // A pair is left as it is.
    assert_eq!(answered(r#""\ud83d\ude00""#).0["extra"], "\u{1f600}");
}

#[test]
fn numbers_that_no_double_holds() {
    for raw in ["1e999", "-1e999"] {
        let (output, _) = answered(raw);
        assert!(!output.is_null(), "{raw}");
    }
    assert_eq!(
        answered("123456789012345678901234567890").0["extra"],
        123_456_789_012_345_678_901_234_567_890_u128 as f64
    );
}

#[test]
fn nesting_without_end() {
    let depth = 2_000;
    let (output, _) = answered(&format!("{}1{}", "[".repeat(depth), "]".repeat(depth)));
    assert!(!output.is_null());
    #[derive(Serialize)]
    struct Nested {
        inside: Option<Box<Nested>>,
    }
    let mut nested = Nested { inside: None };
    for _ in 0..300 {
        nested = Nested {
            inside: Some(Box::new(nested)),
        };
    }
    assert!(sent(nested)["inside"]["inside"].is_object());
}

#[test]
fn json_that_the_program_kept_as_text() {
    let deep = format!("{}1{}", "[".repeat(500), "]".repeat(500));
    for raw in [
        r#"{"a": "\ud800"}"#,
        "[1e999]",
        "-1e400",
        &deep,
        r#"{"a": 1, "a": 2}"#,
    ] {
        let raw = RawValue::from_string(raw.to_owned()).unwrap();
        assert!(!sent(&raw).is_null(), "{raw}");
        assert!(!sent(vec![&raw, &raw]).is_null(), "{raw}");
    }
}

#[test]
fn keys_that_come_twice() {
    struct Twice;
    impl Serialize for Twice {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map([("a", 1), ("a", 2), ("b", 3)])
        }
    }
    assert_eq!(sent(Twice)["b"], 3);
    let (output, _) = answered(r#"{"a": 1, "a": 2}"#);
    assert!(!output.is_null());
}

#[test]
fn what_is_too_long_is_cut_and_says_so() {
    let program = Program::start();
    let text = format!("begin {} end", "é\"\\".repeat(2_000_000));
    program.run(|| keep(text.as_str()));
    let events = program.finish();
    let input = events[0]["raw"]["input"]["value"].as_str().unwrap();
    assert!(
        input.starts_with("begin é") && input.len() < 300_000,
        "{}",
        input.len()
    );
    assert_eq!(
        events[0]["attributes"]["rollout.truncated"],
        json!(["input"])
    );
    assert!(sent((0..1_000_000).collect::<Vec<u32>>()).to_string().len() < 300_000);
}

#[test]
fn names_and_ids_that_are_too_long() {
    let program = Program::start();
    let long = "é".repeat(5_000);
    program.run(|| {
        let trace = rollout::trace(long.clone())
            .user_id(long.as_str())
            .session_id(long.as_str())
            .external_trace_id(long.as_str())
            .attribute(long.clone(), long.as_str());
        let trace = trace.start();
        trace.in_scope(|| {
            let mut span = rollout::span(long.clone()).name(long.clone()).start();
            span.set_model(long.as_str(), long.as_str());
            span.record_error(&std::io::Error::other(long.as_str()));
            span.end();
            rollout::tool(long.clone())
                .tool_call_id(long.as_str())
                .start()
                .end();
            rollout::message(long.as_str(), long.as_str())
                .id(long.as_str())
                .record();
            rollout::feedback(long.as_str(), 1).record();
        });
        trace.end();
    });
    program.finish();
}

#[test]
fn media_are_described() {
    let image = format!(
        "data:image/png;base64,iVBORw0KGgo{}",
        "Ab1+".repeat(500_000)
    );
    let value = sent(json!({"image_url": {"url": image}, "question": "What is this?"}));
    assert_eq!(value["question"], "What is this?");
    let url = value["image_url"]["url"].as_str().unwrap();
    assert!(
        url.starts_with("data:image/png") && url.len() < 1_000,
        "{url}"
    );
    // Bytes that are no text.
    assert!(!sent(vec![0xff_u8; 100_000]).is_null());
}

#[test]
fn media_in_a_request_are_described_and_hide_nothing() {
    let image = format!(
        "data:image/png;base64,iVBORw0KGgo{}",
        "Ab1+".repeat(500_000)
    );
    let content = json!([
        {"type": "image_url", "image_url": {"url": image}},
        {"type": "text", "text": "What is this?"},
    ]);
    let request =
        json!({"model": "gpt-4.1-mini", "messages": [{"role": "user", "content": content}]});
    let request: CreateChatCompletionRequest = serde_json::from_value(request).unwrap();
    let server =
        ScriptedProvider::start([Reply::json(provider::chat(&provider::answer("A cat.")))]);
    let program = Program::start();
    let client = rollout::wrap(openai(&server));
    program.block_on(client.chat().create(request)).unwrap();
    let events = program.finish();
    assert_eq!(
        only(&events, "span.start")["model"]["model"],
        "gpt-4.1-mini"
    );
    let content = &only(&events, "span.update")["raw"]["input"]["messages"][0]["content"];
    assert_eq!(content[1]["text"], "What is this?");
    let blob = content[0]["image_url"]["url"].as_str().unwrap();
    assert!(blob.starts_with("rollout-blob:sha256-"), "{blob}");
    assert!(blob.ends_with(";type=image/png;size=1500008"), "{blob}");
}

#[test]
fn values_that_can_not_be_written() {
    struct Broken;
    impl Serialize for Broken {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("no\u{d7ff}way\u{0}"))
        }
    }
    struct Bomb;
    impl Serialize for Bomb {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            panic!("boom")
        }
    }
    assert!(
        sent(Broken)
            .as_str()
            .unwrap()
            .starts_with("[not recorded: no")
    );
    assert!(sent(Bomb).as_str().unwrap().starts_with("[not recorded:"));
}
