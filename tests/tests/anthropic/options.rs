//! What a wrapped client is, and what it is told to record.

use rollout::WrapOptions;
use rollout::integrations::anthropic::wrap_anthropic;
use rollout_tests::provider::anthropic::{message, text};
use rollout_tests::{Recorder, Reply, ScriptedProvider};
use serde_json::{Value, json};

use super::harness::{Way, call_bare, call_blocking, call_wrapped, client, request};

fn provider(replies: usize) -> ScriptedProvider {
    let reply = Reply::json(message(&[text("Sunny.")]));
    ScriptedProvider::start(vec![reply; replies])
}

#[test]
fn wrapping_again_changes_nothing() {
    let provider = provider(2);
    let recorder = Recorder::new();
    let once = recorder.wrap(client(&provider.url()));
    let twice: rollout::anthropic::Client = recorder.wrap(once);
    call_wrapped(&twice, Way::Create);
    let blocking = recorder.wrap(twice.blocking().unwrap());
    call_blocking(&blocking, Way::Create);
    assert_eq!(recorder.calls().len(), 2);
}

#[test]
fn the_original_comes_back_and_records_nothing() {
    let provider = provider(2);
    let recorder = Recorder::new();
    let wrapped = recorder.wrap(client(&provider.url()));
    call_bare(wrapped.inner(), Way::Create);
    call_bare(&wrapped.into_inner(), Way::Create);
    assert!(recorder.calls().is_empty());
    assert_eq!(provider.requests().len(), 2);
}

#[test]
fn options_say_what_is_recorded() {
    let provider = provider(1);
    let recorder = Recorder::new();
    let options = WrapOptions::new()
        .provider("bedrock-relay")
        .attribute("team", "weather")
        .capture_input(false)
        .capture_output(false);
    let wrapped = recorder.wrap_with(client(&provider.url()), options);
    call_wrapped(&wrapped, Way::Create);
    let call = recorder.only_call();
    assert_eq!((&call.input, &call.output), (&Value::Null, &Value::Null));
    assert_eq!(call.end.model.provider.as_deref(), Some("bedrock-relay"));
    assert_eq!(call.attribute("team"), "weather");
    assert_eq!(call.usage()["output_tokens"], json!(11));
}

#[test]
fn without_a_client_that_records_calls_go_through() {
    let provider = provider(2);
    let wrapped = wrap_anthropic(client(&provider.url()), WrapOptions::new());
    let got = call_wrapped(&wrapped, Way::Create);
    assert_eq!(got, call_bare(wrapped.inner(), Way::Create));
}

#[test]
fn claude_apis_own_blocking_client_is_recorded() {
    let no = || Reply::status(400).with_header("request-id", "req_1");
    let provider = provider(2);
    provider.push(no());
    provider.push(no());
    let bare = claude_api::blocking::Client::builder()
        .api_key("sk-ant-test-0123456789")
        .base_url(provider.url())
        .build()
        .unwrap();
    let recorder = Recorder::new();
    let wrapped = recorder.wrap(bare.clone());
    let trace = recorder.rollout().trace("run").start();
    for _ in ["a message", "an error"] {
        let expected = format!("{:?}", bare.messages().create(request()));
        let got = trace.in_scope(|| format!("{:?}", wrapped.messages().create(request())));
        assert_eq!(got, expected);
    }
    let calls = recorder.calls();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0].output["content"][0]["text"], "Sunny.");
    assert_eq!(calls[1].attribute("rollout.request_id"), "req_1");
    for call in calls {
        assert_eq!(call.end.trace_id, trace.id().map(|id| id.to_string()));
    }
}

#[test]
fn nothing_shows_the_key() {
    let wrapped = Recorder::new().wrap(client("http://127.0.0.1:1"));
    let blocking = wrapped.blocking().unwrap();
    let shown = format!("{wrapped:?} {:?} {blocking:?}", wrapped.messages());
    assert!(!shown.contains("sk-ant"), "{shown}");
}
