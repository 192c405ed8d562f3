//! Streams while they run, and those that are not read to their end.

use std::time::Duration;

use futures::StreamExt as _;
use rollout_tests::provider::anthropic::{self, text, thinking};
use rollout_tests::{Recorder, Reply, ScriptedProvider};

use super::harness::{client, request, runtime};

const TEXT: &str = "It is sunny in Paris today, and so it will be tomorrow.";

fn provider(reply: impl FnOnce(Reply) -> Reply) -> ScriptedProvider {
    let events = anthropic::events(&[thinking("Rain or shine?"), text(TEXT)]);
    ScriptedProvider::start([reply(Reply::sse(anthropic::frames(&events)))])
}

#[test]
fn a_preview_is_sent_and_the_first_of_each_kind_timed() {
    let provider = provider(|reply| reply.paced(Duration::from_millis(2)));
    let recorder = Recorder::new();
    let client = recorder.wrap(client(&provider.url())).blocking().unwrap();
    let stream = client.messages().create_stream(request()).unwrap();
    assert!(stream.map(Result::unwrap).count() > 8);
    let call = recorder.only_call();
    assert!(!call.previews.is_empty());
    assert!(
        call.previews
            .iter()
            .all(|preview| TEXT.starts_with(preview))
    );
    let seconds = |name: &str| call.attribute(name).as_f64().unwrap();
    let chunk = seconds("gen_ai.response.time_to_first_chunk");
    assert!(chunk > 0.0);
    assert!(chunk <= seconds("rollout.stream.first_reasoning_s"));
    assert!(seconds("rollout.stream.first_reasoning_s") < seconds("rollout.stream.first_text_s"));
}

#[test]
fn a_stream_that_is_dropped_is_cancelled_and_keeps_what_it_brought() {
    let provider = provider(|reply| reply.hang_after(9));
    provider.push(Reply::sse(anthropic::frames(&anthropic::events(&[text(TEXT)]))).hang_after(5));
    let recorder = Recorder::new();
    let client = recorder.wrap(client(&provider.url()));
    runtime().block_on(async {
        let stream = client.messages().create_stream(request()).await.unwrap();
        assert_eq!(stream.take(9).count().await, 9);
    });
    let client = client.blocking().unwrap();
    let stream = client.messages().create_stream(request()).unwrap();
    assert_eq!(stream.take(5).count(), 5);
    let calls = recorder.calls();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0].output["content"][0]["thinking"], "Rain or shine?");
    assert_eq!(calls[1].output["content"][0]["text"], TEXT[..14]);
    for call in calls {
        assert_eq!(call.status(), "cancelled");
        assert_eq!(call.attribute("rollout.stream.complete"), false);
        assert_eq!(call.usage()["input_tokens"], 21);
    }
}

#[test]
fn what_is_dropped_before_its_end_is_cancelled() {
    let provider = ScriptedProvider::start([Reply::hang(), Reply::hang()]);
    let recorder = Recorder::new();
    let client = recorder.wrap(client(&provider.url()));
    let moment = Duration::from_millis(30);
    runtime().block_on(async {
        let create = client.messages();
        let timed_out = tokio::time::timeout(moment, create.create(request())).await;
        assert!(timed_out.is_err());
    });
    assert_eq!(recorder.only_call().status(), "cancelled");
}

#[test]
fn a_panic_of_who_reads_is_the_calls_error() {
    let provider = provider(|reply| reply);
    let recorder = Recorder::new();
    let client = recorder.wrap(client(&provider.url())).blocking().unwrap();
    let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let mut stream = client.messages().create_stream(request()).unwrap();
        let event = stream.next();
        panic!("I can't read {event:?}");
    }));
    assert!(result.is_err());
    let call = recorder.only_call();
    assert_eq!(call.status(), "error");
    assert_eq!(call.end.error.r#type.as_deref(), Some("panic"));
}
