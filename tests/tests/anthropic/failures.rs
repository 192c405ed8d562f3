//! Calls that go wrong.

use std::time::Duration;

use claude_api::retry::{Jitter, RetryPolicy};
use rollout_tests::provider::anthropic::{self, error, message, text};
use rollout_tests::{Call, NOBODY, Recorder, Reply, ScriptedProvider};
use serde_json::{Value, json};

use super::harness::{
    ALL, STREAMED, Way, call_bare, call_blocking, call_wrapped, check, client, client_with,
};

fn refusal(status: u16, kind: &str) -> impl Fn() -> Reply {
    move || {
        Reply::json(error(kind, "no"))
            .with_status(status)
            .with_header("request-id", "req_header1")
    }
}

#[test]
fn errors_of_the_provider_are_told_with_type_status_and_request() {
    for (status, kind) in [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (429, "rate_limit_error"),
        (500, "api_error"),
        (529, "overloaded_error"),
    ] {
        check(refusal(status, kind), &ALL, |_, call| {
            assert_eq!(call.status(), "error");
            assert_eq!(call.end.error.r#type.as_deref(), Some("claude_api::Error"));
            assert_eq!(call.attribute("error.type"), kind);
            assert_eq!(call.attribute("rollout.error.kind"), kind);
            assert_eq!(call.attribute("http.response.status_code"), status);
            assert_eq!(call.attribute("rollout.request_id"), "req_header1");
            assert!(call.error().starts_with("API error"), "{}", call.error());
            assert_eq!(call.input["max_tokens"], 64);
            assert_eq!(call.output, Value::Null);
        });
    }
}

#[test]
fn a_page_of_a_proxy_is_an_error_too() {
    let reply = || Reply::text("<html>Bad gateway</html>").with_status(502);
    check(reply, &ALL, |_, call| {
        assert_eq!(call.status(), "error");
        assert_eq!(call.attribute("http.response.status_code"), 502);
        assert!(call.error().contains("Bad gateway"));
    });
}

#[test]
fn an_answer_that_is_no_message_is_an_error() {
    let reply = || Reply::json(json!({"hello": "world"}));
    check(reply, &[Way::Create], |_, call| {
        assert_eq!(call.status(), "error");
        assert!(call.error().starts_with("decode error"), "{}", call.error());
    });
}

#[test]
fn a_refused_connection_is_an_error() {
    let url = format!("http://{NOBODY}");
    for way in ALL {
        let bare = call_bare(&client(&url), way);
        let recorder = Recorder::new();
        let wrapped = recorder.wrap(client(&url));
        assert_eq!(call_wrapped(&wrapped, way), bare);
        assert_eq!(call_blocking(&wrapped.blocking().unwrap(), way), bare);
        let calls = recorder.calls();
        assert_eq!(calls.len(), 2);
        for call in calls {
            assert_eq!(call.status(), "error");
            assert!(call.error().starts_with("network error"));
            let sources = call.attribute("rollout.error.sources");
            assert!(sources.to_string().contains("refused"), "{sources}");
        }
    }
}

#[test]
fn a_call_that_is_tried_again_is_one_span() {
    let provider = ScriptedProvider::start([
        refusal(529, "overloaded_error")(),
        Reply::json(message(&[text("Sunny.")])),
    ]);
    let mut retry = RetryPolicy::none();
    retry.max_attempts = 3;
    retry.initial_backoff = Duration::from_millis(1);
    retry.jitter = Jitter::None;
    let recorder = Recorder::new();
    let client = recorder.wrap(client_with(&provider.url(), retry));
    let got = call_blocking(&client.blocking().unwrap(), Way::Create);
    assert!(got[0].starts_with("Ok("), "{got:?}");
    assert_eq!(provider.requests().len(), 2);
    assert_eq!(recorder.only_call().status(), "ok");
}

fn frames() -> Vec<String> {
    anthropic::frames(&anthropic::events(&[text("It is sunny in Paris today.")]))
}

/// What came before something went wrong is there.
fn assert_beginning(call: &Call) {
    assert_eq!(call.status(), "error", "{call:?}");
    let text = call.output["content"][0]["text"].as_str().unwrap();
    assert!("It is sunny in Paris today.".starts_with(text) && !text.is_empty());
    assert_eq!(call.usage()["input_tokens"], 21);
    assert_eq!(call.attribute("rollout.stream.complete"), false);
}

#[test]
fn a_stream_that_is_cut_keeps_what_it_brought() {
    check(
        || Reply::sse(frames()).cut_after(5),
        &STREAMED,
        |_, call| {
            assert_beginning(call);
            assert!(call.error().contains("connection lost"), "{}", call.error());
        },
    );
}

#[test]
fn an_error_in_the_middle_of_a_stream_is_the_calls() {
    let reply = || {
        let mut frames = frames();
        frames.truncate(5);
        let overloaded = error("overloaded_error", "Overloaded");
        frames.extend(anthropic::frames(&[overloaded]));
        Reply::sse(frames)
    };
    check(reply, &STREAMED, |_, call| {
        assert_beginning(call);
        assert_eq!(call.attribute("error.type"), "overloaded_error");
        assert_eq!(call.attribute("rollout.error.mid_stream"), true);
        assert!(call.error().contains("Overloaded"), "{}", call.error());
    });
}

#[test]
fn an_event_that_claude_api_cant_read_does_not_end_the_record() {
    let reply = || {
        let mut events = anthropic::events(&[text("Sunny.")]);
        let count = events.len();
        // As Bedrock sends it.
        events[count - 2]["usage"] = json!({"output_tokens": 11});
        Reply::sse(anthropic::frames(&events))
    };
    check(reply, &STREAMED, |way, call| {
        assert_eq!(call.status(), "error");
        assert!(call.error().contains("input_tokens"), "{}", call.error());
        assert_eq!(call.output["content"][0]["text"], "Sunny.");
        assert_eq!(call.usage()["input_tokens"], 21);
        // Whoever reads on sees the end; `aggregate` does not.
        let complete = call.attribute("rollout.stream.complete");
        let expected = if way == Way::Stream {
            Value::Null
        } else {
            json!(false)
        };
        assert_eq!(complete, expected);
    });
}

#[test]
fn an_empty_stream_is_an_error_where_a_message_is_wanted() {
    let reply = || Reply::sse([": nothing\n\n"]);
    check(reply, &[Way::Aggregate], |_, call| {
        assert_eq!(call.status(), "error");
        assert!(call.error().contains("message_start"), "{}", call.error());
    });
}
