//! What calls are recorded as, however they end.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rollout::protocol::EventType;
use rollout::{Rollout, WrapOptions};
use serde_json::json;

use crate::gateway::{ApiError, Gateway, InstrumentedGateway, asking};
use crate::harness::{assert_tree, block_on, record};

const ASKED: &str = r#"{"messages":[{"content":"Hello?","role":"user"}],"model":"small"}"#;

#[test]
fn an_answer_is_decoded_and_given_back() {
    let gateway = rollout::wrap(Gateway::default());
    let recorded = record(|| {
        let answer = block_on(gateway.complete(&asking("Hello?"))).unwrap();
        assert_eq!(answer.id, "chatcmpl-1");
    });
    let end = recorded.only(EventType::SpanEnd);
    assert_eq!(end.name.as_deref(), Some("openai.chat.completions"));
    assert_eq!(end.status.as_deref(), Some("ok"));
    assert_eq!(end.model.provider.as_deref(), Some("gateway"));
    assert_eq!(end.model.model.as_deref(), Some("small"));
    assert_eq!(end.model.model_version.as_deref(), Some("small-2026-01-01"));
    assert_eq!(end.usage.total_tokens, Some(10));
    let reasons = &end.attributes["gen_ai.response.finish_reasons"];
    assert_eq!(*reasons, json!(["stop"]));
    let input = &recorded.only(EventType::SpanUpdate).raw.input;
    assert_eq!(input.as_ref().unwrap().to_value().to_string(), ASKED);
    let output = end.raw.output.as_ref().unwrap().to_value();
    assert_eq!(
        output["choices"][0]["message"]["content"],
        "You said: Hello?"
    );
}

#[test]
fn a_blocking_call_says_the_same_as_an_asynchronous_one() {
    let gateway = rollout::wrap(Gateway::default());
    let blocking = record(|| gateway.complete_now(&asking("Hello?")).unwrap());
    let waiting = record(|| block_on(gateway.complete(&asking("Hello?"))).unwrap());
    assert_eq!(blocking.tree(), waiting.tree());
}

#[test]
fn an_answer_that_can_not_fail_is_recorded_as_it_is() {
    let gateway = rollout::wrap(Gateway::default());
    let recorded = record(|| gateway.respond(&json!({"model": "small", "input": "When?"})));
    let end = recorded.only(EventType::SpanEnd);
    assert_eq!(end.name.as_deref(), Some("openai.responses"));
    assert_eq!(end.usage.output_tokens, Some(2));
    assert_eq!(end.attributes["gen_ai.response.id"], json!("resp_1"));
}

#[test]
fn an_error_is_recorded_and_given_back() {
    let gateway = rollout::wrap(Gateway::default());
    let recorded = record(|| {
        let expected = ApiError {
            status: 429,
            message: "slow down".into(),
        };
        assert_eq!(block_on(gateway.complete(&asking("refuse"))), Err(expected));
        assert!(gateway.complete_now(&asking("refuse")).is_err());
    });
    let ends: Vec<_> = recorded
        .events
        .iter()
        .filter(|event| event.event_type() == EventType::SpanEnd)
        .collect();
    assert_eq!(ends.len(), 2);
    for end in ends {
        assert_eq!(end.status.as_deref(), Some("error"));
        assert_eq!(end.error.r#type.as_deref(), Some("ApiError"));
        let message = end.error.message_preview.as_deref();
        assert_eq!(message, Some("the gateway answered 429: slow down"));
    }
}

#[test]
fn a_panic_is_recorded_and_goes_on() {
    let gateway = rollout::wrap(Gateway::default());
    let recorded = record(|| {
        let exploded = || gateway.complete_now(&asking("explode"));
        catch_unwind(AssertUnwindSafe(exploded)).unwrap_err();
        let exploded = || block_on(gateway.complete(&asking("explode")));
        catch_unwind(AssertUnwindSafe(exploded)).unwrap_err();
    });
    let panics = recorded
        .events
        .iter()
        .filter(|event| event.event_type() == EventType::SpanEnd)
        .filter(|event| {
            event.error.r#type.as_deref() == Some("panic")
                && event.error.message_preview.as_deref() == Some("the client exploded")
        });
    assert_eq!(panics.count(), 2);
}

#[test]
fn a_future_that_is_dropped_was_cancelled() {
    let gateway = rollout::wrap(Gateway::default());
    let recorded = record(|| {
        let request = asking("Hello?");
        let mut call = Box::pin(gateway.complete(&request));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(call.as_mut().poll(&mut context).is_pending());
    });
    let end = recorded.only(EventType::SpanEnd);
    assert_eq!(end.status.as_deref(), Some("cancelled"));
}

#[rollout::agent]
fn answer(gateway: &InstrumentedGateway, question: &str) -> String {
    let answer = gateway.complete_now(&asking(question)).unwrap();
    answer.choices[0]["message"]["content"].to_string()
}

#[test]
fn a_call_is_part_of_the_agent_around_or_has_a_trace_of_its_own() {
    let options = WrapOptions::new()
        .capture_input(false)
        .capture_output(false);
    let gateway = rollout::wrap_with(Gateway::default(), options);
    let recorded = record(|| {
        answer(&gateway, "Hello?");
        gateway.complete_now(&asking("Alone?")).unwrap();
    });
    assert_tree(
        &recorded,
        &[
            r#"trace answer ok {"gateway":"InstrumentedGateway { .. }","question":"Hello?"} -> "\"You said: Hello?\"""#,
            "  llm openai.chat.completions ok",
            "trace openai.chat.completions ok",
            "  llm openai.chat.completions ok",
        ],
    );
}

#[test]
fn options_of_the_wrapped_client_are_on_each_call() {
    let options = WrapOptions::new()
        .provider("openrouter")
        .attribute("tier", "gold");
    let gateway = rollout::wrap_with(Gateway::default(), options);
    let recorded = record(|| gateway.complete_now(&asking("Hello?")).unwrap());
    let end = recorded.only(EventType::SpanEnd);
    assert_eq!(end.model.provider.as_deref(), Some("openrouter"));
    assert_eq!(end.attributes["tier"], json!("gold"));
}

#[test]
fn wrapping_twice_is_the_same_as_once() {
    let twice: InstrumentedGateway = rollout::wrap(rollout::wrap(Gateway::default()));
    let recorded = record(|| twice.complete_now(&asking("Hello?")).unwrap());
    recorded.only(EventType::SpanEnd);
}

#[test]
fn the_client_stays_in_reach_and_its_secrets_do_not_show() {
    let gateway = rollout::wrap(Gateway {
        api_key: "sk-secret".into(),
    });
    assert_eq!(format!("{gateway:?}"), "InstrumentedGateway { .. }");
    let recorded = record(|| gateway.inner().complete_now(&asking("Hello?")).unwrap());
    assert_eq!(recorded.events.len(), 0, "its own methods are not recorded");
    assert_eq!(gateway.clone().into_inner().api_key, "sk-secret");
}

#[test]
fn where_nobody_records_it_only_calls() {
    let disabled = Rollout::builder().disabled(true).build().unwrap();
    let gateway = disabled.wrap(Gateway::default());
    let answer = block_on(gateway.complete(&asking("Hello?"))).unwrap();
    assert_eq!(answer.id, "chatcmpl-1");
}
