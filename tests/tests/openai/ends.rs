//! Calls that nobody waits for to the end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use futures::StreamExt as _;
use rollout_tests::{Recorder, ScriptedProvider};

use super::calls::{Way, answer, chat_request, client, runtime};
use super::harness::layered;

/// Runs something with a client, whose answers hang after a few pieces.
fn with_client(work: impl AsyncFn(&rollout::openai::Client)) -> Recorder {
    let recorder = Recorder::new();
    for taps in [1, 2] {
        let provider = ScriptedProvider::start([answer(Way::ChatStream).hang_after(4)]);
        let url = provider.base_url();
        let client = if taps == 1 {
            client(&url)
        } else {
            layered(&url)
        };
        runtime().block_on(work(&recorder.wrap(client)));
    }
    recorder
}

fn assert_kept(recorder: &Recorder, status: &str) {
    let calls = recorder.calls();
    assert_eq!(calls.len(), 2);
    for call in calls {
        assert_eq!(call.status(), status);
        assert!(
            call.output.to_string().contains("It arr"),
            "{}",
            call.output
        );
        assert_eq!(call.attribute("rollout.stream.complete"), false);
    }
}

#[test]
fn defect_37_a_stream_dropped_half_way_keeps_what_it_brought() {
    let recorder = with_client(async |client| {
        let mut stream = client.chat().create_stream(chat_request()).await.unwrap();
        for _ in 0..3 {
            stream.next().await.unwrap().unwrap();
        }
    });
    assert_kept(&recorder, "cancelled");
}

#[test]
fn a_consumer_that_panics_ends_the_call_with_what_it_brought() {
    let recorder = with_client(async |client| {
        let mut stream = client.chat().create_stream(chat_request()).await.unwrap();
        for _ in 0..3 {
            stream.next().await.unwrap().unwrap();
        }
        let consumed = catch_unwind(AssertUnwindSafe(move || {
            let _stream = stream;
            panic!("of the consumer");
        }));
        assert!(consumed.is_err());
    });
    assert_kept(&recorder, "error");
}

#[test]
fn a_call_dropped_before_its_answer_is_cancelled() {
    let provider = ScriptedProvider::start([rollout_tests::Reply::hang()]);
    let recorder = Recorder::new();
    let wrapped = recorder.wrap(client(&provider.base_url()));
    runtime().block_on(async {
        let chat = wrapped.chat();
        let call = chat.create(chat_request());
        let timeout = tokio::time::timeout(Duration::from_millis(200), call);
        assert!(timeout.await.is_err());
    });
    let call = recorder.only_call();
    assert_eq!(call.status(), "cancelled");
    assert!(call.input.to_string().contains("Where is my order?"));
}

#[test]
fn a_call_that_is_never_polled_is_not_recorded() {
    let recorder = Recorder::new();
    let wrapped = recorder.wrap(client("http://127.0.0.1:1/v1"));
    drop(wrapped.chat().create(chat_request()));
    assert!(recorder.calls().is_empty());
}
