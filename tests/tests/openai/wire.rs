//! What only the layer sees.

use rollout_tests::provider::openai;
use rollout_tests::{Recorder, Reply, ScriptedProvider};
use serde_json::json;

use super::calls::{TEXT, Way, answer};
use super::harness::{Tap, call};

#[test]
fn fields_that_the_types_have_no_room_for_are_kept() {
    for tap in [Tap::Layered, Tap::Both] {
        let mut body = openai::chat(&openai::answer(TEXT));
        body["usage"]["cost"] = json!(0.0025);
        body["choices"][0]["message"]["reasoning_content"] = json!("It left on Monday.");
        let provider = ScriptedProvider::start([Reply::json(body)]);
        let recorder = Recorder::new();
        call(&recorder, &provider.base_url(), tap, Way::Chat);
        let call = recorder.only_call();
        assert_eq!(call.usage()["cost_usd"], 0.0025);
        let message = &call.output["choices"][0]["message"];
        assert_eq!(message["reasoning_content"], "It left on Monday.");
    }
}

#[test]
fn rate_limits_are_told_and_cookies_are_not() {
    let reply = answer(Way::Response)
        .with_header("x-ratelimit-remaining-tokens", "149984")
        .with_header("x-request-id", "req_7")
        .with_header("set-cookie", "session=s3cret");
    let provider = ScriptedProvider::start([reply]);
    let recorder = Recorder::new();
    call(&recorder, &provider.base_url(), Tap::Layered, Way::Response);
    let call = recorder.only_call();
    assert_eq!(call.attribute("rollout.request_id"), "req_7");
    assert_eq!(
        call.attribute("rollout.rate_limit.remaining_tokens"),
        "149984"
    );
    assert!(!format!("{call:?}").contains("s3cret"));
}
