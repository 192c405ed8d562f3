//! The handlers of a stream are called as claude-api calls them.

use std::sync::{Arc, Mutex};

use rollout_tests::provider::anthropic::{self, error, text, thinking, tool_use};
use rollout_tests::{Recorder, Reply, ScriptedProvider};
use serde_json::{Value, json};

use super::harness::{client, request, runtime};

/// Sets every handler of a stream, and returns what they were called with.
macro_rules! with_handlers {
    ($stream:expr) => {{
        let heard = Arc::new(Mutex::new(Vec::<String>::new()));
        let hear = || {
            let heard = Arc::clone(&heard);
            move |what: String| heard.lock().unwrap().push(what)
        };
        let (on_text, on_thinking, on_tool) = (hear(), hear(), hear());
        let (on_stop, on_error) = (hear(), hear());
        let stream = $stream
            .on_text_delta(move |text| on_text(format!("text {text}")))
            .on_thinking_delta(move |text| on_thinking(format!("thinking {text}")))
            .on_tool_use_complete(move |id, name, input| {
                on_tool(format!("tool {id} {name} {input}"));
            })
            .on_message_stop(move |usage| on_stop(format!("stop {usage:?}")))
            .on_error(move |error| on_error(format!("error {error:?}")));
        (stream, heard)
    }};
}

fn heard(heard: &Mutex<Vec<String>>) -> Vec<String> {
    heard.lock().unwrap().clone()
}

/// Plays events to claude-api's stream, to the wrapped one, and to the blocking one.
#[track_caller]
fn check(events: &[Value]) -> Vec<String> {
    let reply = || Reply::sse(anthropic::frames(events));
    let provider = ScriptedProvider::start([reply(), reply(), reply()]);
    let bare = client(&provider.url());
    let recorder = Recorder::new();
    let wrapped = recorder.wrap(client(&provider.url()));
    let expected = runtime().block_on(async {
        let stream = bare.messages().create_stream(request()).await.unwrap();
        let (stream, calls) = with_handlers!(stream);
        (format!("{:?}", stream.aggregate().await), heard(&calls))
    });
    let got = runtime().block_on(async {
        let stream = wrapped.messages().create_stream(request()).await.unwrap();
        let (stream, calls) = with_handlers!(stream);
        (format!("{:?}", stream.aggregate().await), heard(&calls))
    });
    assert_eq!(got, expected);
    let blocking = wrapped.blocking().unwrap();
    let stream = blocking.messages().create_stream(request()).unwrap();
    let (stream, calls) = with_handlers!(stream);
    let got = (format!("{:?}", stream.aggregate()), heard(&calls));
    assert_eq!(got, expected);
    assert_eq!(recorder.calls().len(), 2);
    expected.1
}

fn blocks() -> [Value; 4] {
    let query = json!({"query": "weather Paris"});
    [
        thinking("Rain or shine?"),
        text("I will look."),
        json!({"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": query}),
        tool_use("toolu_1", "weather", json!({"city": "Paris"})),
    ]
}

#[test]
fn all_kinds_of_content() {
    let heard = check(&anthropic::events(&blocks()));
    for kind in [
        "thinking ",
        "text ",
        "tool toolu_1",
        "tool srvtoolu_1",
        "stop ",
    ] {
        assert!(heard.iter().any(|what| what.starts_with(kind)), "{kind}");
    }
}

#[test]
fn counts_are_merged() {
    let mut events = anthropic::events(&[text("Sunny.")]);
    let delta = events.len() - 2;
    events[delta]["usage"] = json!({"input_tokens": 20, "output_tokens": 9, "speed": "fast"});
    let heard = check(&events);
    assert!(
        heard
            .last()
            .unwrap()
            .contains("cache_read_input_tokens: Some(8)")
    );
}

#[test]
fn odd_streams() {
    let whole = anthropic::events(&blocks());
    // A tool whose input is no JSON.
    let mut events = whole.clone();
    for event in &mut events {
        if event["delta"]["type"] == "input_json_delta" {
            event["delta"]["partial_json"] = json!("{broken");
        }
    }
    check(&events);
    // A delta, and an end, of a block that never began.
    let mut events = whole.clone();
    events.retain(|event| event["index"] != 3 || event["type"] != "content_block_start");
    check(&events);
    // Blocks out of order.
    let mut events = whole.clone();
    events.retain(|event| event["index"] != 1);
    check(&events);
    // No beginning, two ends.
    check(&whole[1..]);
    check(&[whole.clone(), whole[whole.len() - 1..].to_vec()].concat());
    // An error in the middle.
    let failed = [&whole[..8], &[error("overloaded_error", "busy")]].concat();
    let heard = check(&failed);
    assert!(heard.last().unwrap().starts_with("error "));
}
