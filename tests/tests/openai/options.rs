//! What can be set about a client, and about a call.

use async_openai::traits::RequestOptionsBuilder as _;
use rollout::{Instrument as _, WrapOptions};
use rollout_tests::{Recorder, ScriptedProvider};
use serde_json::{Value, json};

use super::calls::{Way, answer, chat_request, client, response_request, runtime};
use super::harness::call_wrapped;

#[test]
fn defect_05_headers_queries_and_paths_are_sent_and_recorded() {
    let provider = ScriptedProvider::start([answer(Way::Chat), answer(Way::Response)]);
    let recorder = Recorder::new();
    let wrapped = recorder.wrap(client(&provider.base_url()));
    runtime().block_on(async {
        let chat = wrapped.chat().header("x-team", "support").unwrap();
        chat.create(chat_request()).await.unwrap();
        let responses = wrapped.responses().query(&[("trial", "1")]).unwrap();
        responses.create(response_request()).await.unwrap();
    });
    let requests = provider.requests();
    assert_eq!(requests[0].header("x-team"), Some("support"));
    assert!(requests[1].path.ends_with("?trial=1"));
    assert_eq!(recorder.calls().len(), 2);
}

#[test]
fn a_gateway_is_named_by_an_attribute() {
    let provider = ScriptedProvider::start([answer(Way::Chat)]);
    let recorder = Recorder::new();
    let options = WrapOptions::new()
        .attribute("provider", "openrouter")
        .attribute("team", "search");
    let wrapped = recorder.wrap_with(client(&provider.base_url()), options);
    call_wrapped(&wrapped, Way::Chat);
    let call = recorder.only_call();
    assert_eq!(call.start.model.provider.as_deref(), Some("openrouter"));
    assert_eq!(call.attribute("provider"), "openrouter");
    assert_eq!(call.attribute("team"), "search");
}

#[test]
fn what_is_not_to_be_captured_is_not() {
    for way in [Way::Chat, Way::ChatStream] {
        let provider = ScriptedProvider::start([answer(way), answer(way)]);
        let recorder = Recorder::new();
        let options = WrapOptions::new().capture_output(false);
        call_wrapped(
            &recorder.wrap_with(client(&provider.base_url()), options),
            way,
        );
        let options = WrapOptions::new().capture_input(false);
        call_wrapped(
            &recorder.wrap_with(client(&provider.base_url()), options),
            way,
        );

        let [without_output, without_input] = recorder.calls().try_into().unwrap();
        assert_ne!(without_output.input, Value::Null);
        assert_eq!(without_output.output, Value::Null);
        assert!(without_output.previews.is_empty());
        assert_eq!(without_input.input, Value::Null);
        assert_ne!(without_input.output, Value::Null);
        for call in [without_output, without_input] {
            assert_eq!(call.usage()["input_tokens"], 21);
        }
    }
}

#[test]
fn a_call_belongs_to_the_trace_that_is_active_else_has_one_of_its_own() {
    let provider = ScriptedProvider::start([answer(Way::Chat), answer(Way::Chat)]);
    let recorder = Recorder::new();
    let wrapped = recorder.wrap(client(&provider.base_url()));
    let trace = recorder.rollout().trace("support").start();
    let span = trace.span("task").start();
    runtime().block_on(async {
        let chat = wrapped.chat();
        let call = chat.create(chat_request());
        call.in_context(span.context()).await.unwrap();
    });
    drop((span, trace));
    call_wrapped(&wrapped, Way::Chat);

    let [inside, alone] = recorder.calls().try_into().unwrap();
    assert_ne!(inside.start.trace_id, alone.start.trace_id);
    assert!(inside.start.parent_span_id.is_some());
    assert_eq!(alone.start.parent_span_id, None);
    let events = recorder.events();
    let kinds: Vec<_> = events
        .iter()
        .filter(|event| event.trace_id == alone.start.trace_id)
        .map(|event| event.event_type().as_str())
        .collect();
    assert_eq!(kinds.first(), Some(&"trace.start"));
    assert_eq!(kinds.last(), Some(&"trace.end"));
}

#[test]
fn the_key_is_in_no_record_and_no_debug_text() {
    let provider = ScriptedProvider::start([answer(Way::Chat)]);
    let recorder = Recorder::new();
    let wrapped = recorder.wrap(client(&provider.base_url()));
    call_wrapped(&wrapped, Way::Chat);
    let shown = format!("{wrapped:?} {:?} {:?}", wrapped.chat(), wrapped.responses());
    let recorded = json!(recorder.events()).to_string();
    assert!(
        provider.requests()[0]
            .header("authorization")
            .unwrap()
            .contains("sk-test")
    );
    assert!(!(shown + &recorded).contains("sk-test"));
}

#[test]
fn unwrapping_gives_the_client_back() {
    let provider = ScriptedProvider::start([answer(Way::Chat), answer(Way::Chat)]);
    let recorder = Recorder::new();
    let wrapped = recorder.wrap(client(&provider.base_url()));
    runtime().block_on(async {
        wrapped.inner().chat().create(chat_request()).await.unwrap();
        wrapped
            .into_inner()
            .chat()
            .create(chat_request())
            .await
            .unwrap();
    });
    assert!(recorder.calls().is_empty());
}
