//! A call that rollout sees itself is recorded once, whoever else tells of it.

use rollout::{CallOptions, LlmCall, Payload, Scope, WireFormat};
use serde_json::json;

use crate::recorded;
use crate::spans::{answer, chat};

/// A call as a wrapped client makes it.
fn ours() {
    let options = CallOptions::new(WireFormat::OpenAiChat);
    let request = json!({"model": "gpt-4.1-mini", "messages": []});
    let call = LlmCall::start(&Scope::default(), options, || Payload::value(request));
    call.respond(|| Payload::value(json!({"usage": {"prompt_tokens": 5}})));
}

#[test]
fn a_wrapped_client_inside_of_a_library_that_tells() {
    let recording = recorded(|| {
        let span = chat();
        span.in_scope(ours);
        answer(&span);
    });
    let call = recording.run().llm_call();
    assert_eq!(call.name, "openai.chat.completions");
    assert_eq!(recording.run().usage().input_tokens, Some(5));
}

#[test]
fn a_wrapped_client_that_comes_late_counts_and_the_other_does_not() {
    let recording = recorded(|| {
        let span = chat();
        // Left, and entered again, as by a future that waited for a key.
        span.in_scope(|| ());
        span.in_scope(ours);
        answer(&span);
    });
    assert_eq!(recording.run().usage().input_tokens, Some(5));
    assert_eq!(recording.run().llm_calls().len(), 2);
}

#[test]
fn a_library_that_tells_inside_of_a_call_of_ours() {
    let recording = recorded(|| {
        let options = CallOptions::new(WireFormat::OpenAiChat);
        let call = LlmCall::start(&Scope::default(), options, Payload::none);
        call.in_scope(|| {
            let span = chat();
            span.in_scope(|| answer(&span));
        });
        call.respond(|| Payload::value(json!({"usage": {"prompt_tokens": 5}})));
    });
    assert_eq!(recording.run().llm_calls().len(), 1);
    assert_eq!(recording.run().usage().input_tokens, Some(5));
}
