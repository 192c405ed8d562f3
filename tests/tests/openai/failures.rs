//! Calls that go well, and calls that go wrong.

use rollout_tests::provider::openai;
use rollout_tests::{Call, NOBODY, Recorder, Reply};
use serde_json::json;

use super::calls::{ALL, STREAMED, TEXT, Way, answer, call_bare, client};
use super::harness::{Tap, call, check};

fn refusal(status: u16, kind: &str, code: &str) -> Reply {
    Reply::json(openai::error(kind, Some(code), "No."))
        .with_status(status)
        .with_header("x-request-id", "req_1")
}

#[test]
fn answers_arrive_unchanged_and_are_recorded_once() {
    check(
        &ALL,
        |way| vec![answer(way).with_header("x-request-id", "req_1")],
        |tap, way, call| {
            assert_eq!(call.status(), "ok");
            assert!(call.output.to_string().contains(TEXT), "{}", call.output);
            assert!(call.input.to_string().contains("Where is my order?"));
            assert_eq!(call.usage()["input_tokens"], 21);
            assert_eq!(call.usage()["cached_tokens"], 8);
            if STREAMED.contains(&way) {
                assert_eq!(call.input["stream"], true);
                assert!(!call.previews.is_empty());
            }
            if tap.sees_wire() {
                assert_eq!(call.attribute("rollout.request_id"), "req_1");
            }
        },
    );
}

#[test]
fn defect_53_refusals_are_told_with_type_code_and_status() {
    for (status, kind, code) in [
        (400, "invalid_request_error", "context_length_exceeded"),
        (401, "invalid_request_error", "invalid_api_key"),
        (404, "invalid_request_error", "model_not_found"),
        (429, "insufficient_quota", "insufficient_quota"),
    ] {
        check(
            &ALL,
            |_| vec![refusal(status, kind, code)],
            |tap, way, call| {
                assert_eq!(call.status(), "error", "{tap:?} {way:?}");
                assert_eq!(call.attribute("error.type"), code);
                assert_eq!(call.attribute("rollout.error.kind"), kind);
                assert_eq!(call.attribute("http.response.status_code"), status);
                assert!(call.error().contains("No."), "{}", call.error());
            },
        );
    }
}

#[test]
fn a_call_that_is_tried_again_is_one_span() {
    let replies = |way| vec![refusal(500, "server_error", "sorry"), answer(way)];
    check(&[Way::Chat], replies, |tap, _, call| {
        assert_eq!(call.status(), "ok");
        if tap.sees_wire() {
            assert_eq!(call.attribute("rollout.attempt_count"), 2);
            let attempts = call.attribute("rollout.attempts");
            assert_eq!(attempts[0]["status"], 500);
            assert_eq!(attempts[1]["status"], 200);
        }
    });
}

#[test]
fn a_refused_connection_is_an_error() {
    let url = format!("http://{NOBODY}/v1");
    let expected = call_bare(&client(&url), Way::Response);
    // Each is tried for two seconds.
    for tap in [Tap::Wrapped, Tap::Both] {
        let recorder = Recorder::new();
        assert_eq!(call(&recorder, &url, tap, Way::Response), expected);
        let call = recorder.only_call();
        assert_eq!(call.status(), "error");
        assert!(call.input.to_string().contains("Where is my order?"));
    }
}

#[test]
fn an_answer_that_the_client_cant_read_is_kept() {
    check(
        &[Way::Chat, Way::Response],
        |_| vec![Reply::json(json!({"hello": "world"}))],
        |tap, _, call| {
            // On the wire nothing is wrong with it.
            let expected = if tap == Tap::Layered { "ok" } else { "error" };
            assert_eq!(call.status(), expected);
            assert_eq!(call.output, json!({"hello": "world"}));
        },
    );
    check(
        &[Way::Chat, Way::Response],
        |_| vec![Reply::text("<html>Welcome</html>")],
        |_, _, call| {
            assert_eq!(call.status(), "error");
            assert_eq!(call.output, "<html>Welcome</html>");
        },
    );
}

#[test]
fn a_stream_that_is_cut_keeps_what_it_brought() {
    check(
        &STREAMED,
        |way| vec![answer(way).cut_after(if way == Way::ChatStream { 4 } else { 6 })],
        |_, _, call| {
            assert_eq!(call.status(), "error");
            assert!(
                call.output.to_string().contains("It arr"),
                "{}",
                call.output
            );
            assert_eq!(call.attribute("rollout.stream.complete"), false);
        },
    );
}

#[test]
fn an_error_in_the_middle_of_a_stream_is_the_calls() {
    let chat = |_| {
        let mut chunks = openai::chat_chunks(&openai::answer(TEXT));
        chunks.truncate(4);
        chunks.push(openai::error("server_error", Some("overloaded"), "Sorry."));
        vec![Reply::sse(openai::chat_frames(&chunks))]
    };
    check(&[Way::ChatStream], chat, |_, _, call| {
        assert_eq!(call.status(), "error", "{call:?}");
        assert_eq!(call.attribute("rollout.error.mid_stream"), true);
        assert!(said(call).contains("Sorry."), "{call:?}");
        assert!(call.output.to_string().contains("It arr"));
    });

    let response = |_| {
        let mut events = openai::response_events(&openai::answer(TEXT));
        events.truncate(6);
        events.push(json!({
            "type": "error", "sequence_number": 9, "code": "overloaded", "message": "Sorry.",
            "param": null,
        }));
        vec![Reply::sse(openai::response_frames(&events))]
    };
    check(&[Way::ResponseStream], response, |_, _, call| {
        assert_eq!(call.status(), "error", "{call:?}");
        assert!(said(call).contains("Sorry."), "{call:?}");
        assert!(call.output.to_string().contains("It arr"));
    });
}

/// What went wrong, in the client's words and in the provider's.
fn said(call: &Call) -> String {
    format!(
        "{} {}",
        call.error(),
        call.attribute("rollout.error.message")
    )
}
