//! Calls that go well.

use rollout_tests::provider::anthropic::{self, message, text, thinking, tool_use};
use rollout_tests::{Reply, ScriptedProvider};
use serde_json::{Value, json};

use super::harness::{ALL, Way, check, client, request, runtime};

fn blocks() -> [Value; 4] {
    let query = json!({"query": "weather Paris"});
    [
        thinking("Rain or shine?"),
        text("I will look."),
        json!({"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": query}),
        tool_use("toolu_1", "weather", json!({"city": "Paris"})),
    ]
}

fn reply(way: Way, blocks: &[Value]) -> Reply {
    match way {
        Way::Create => Reply::json(message(blocks)),
        _ => Reply::sse(anthropic::frames(&anthropic::events(blocks))),
    }
}

#[test]
fn a_call_says_the_same_however_it_is_made() {
    for way in ALL {
        check(
            || reply(way, &blocks()),
            &[way],
            |way, call| {
                assert_eq!(call.status(), "ok");
                assert_eq!(call.start.name.as_deref(), Some("anthropic.messages"));
                let model = &call.end.model;
                assert_eq!(model.provider.as_deref(), Some("anthropic"));
                assert_eq!(model.model.as_deref(), Some("claude-sonnet-4-5"));
                assert_eq!(model.temperature, Some(0.5));
                assert_eq!(call.attribute("gen_ai.request.max_tokens"), 64);

                assert_eq!(call.input["system"], "Be brief.");
                assert_eq!(call.input["messages"][0]["role"], "user");
                let stream = if way == Way::Create {
                    Value::Null
                } else {
                    json!(true)
                };
                assert_eq!(call.input["stream"], stream);

                let content = &call.output["content"];
                assert_eq!(content[0]["thinking"], "Rain or shine?");
                assert_eq!(content[0]["signature"], "c2lnbmF0dXJl");
                assert_eq!(content[1]["text"], "I will look.");
                assert_eq!(content[2]["input"]["query"], "weather Paris");
                assert_eq!(content[3]["input"], json!({"city": "Paris"}));
                assert_eq!(
                    call.attribute("rollout.tool_calls"),
                    json!([{"id": "toolu_1", "name": "weather"}])
                );
                assert_eq!(
                    call.attribute("rollout.server_tool_calls")[0]["name"],
                    "web_search"
                );

                assert_eq!(call.attribute("gen_ai.response.id"), "msg_scripted1");
                assert_eq!(
                    call.attribute("gen_ai.response.finish_reasons"),
                    json!(["tool_use"])
                );
            },
        );
    }
}

#[test]
fn defect_54_cached_tokens_are_told_in_total_and_apart() {
    for way in ALL {
        check(
            || reply(way, &[text("Sunny.")]),
            &[way],
            |_, call| {
                assert_eq!(
                    call.usage(),
                    json!({"input_tokens": 21, "output_tokens": 11, "cached_tokens": 11})
                );
                assert_eq!(call.attribute("gen_ai.usage.cache_read.input_tokens"), 8);
                assert_eq!(call.attribute("gen_ai.usage.cache_write.input_tokens"), 3);
                assert_eq!(call.attribute("rollout.usage.cache_write_5m"), 3);
            },
        );
    }
}

#[test]
fn a_refusal_is_a_stop_reason_with_its_details() {
    let reply = || {
        let mut body = message(&[]);
        body["stop_reason"] = json!("refusal");
        body["stop_details"] = json!({"type": "refusal", "category": "cyber", "explanation": "no"});
        Reply::json(body)
    };
    check(reply, &[Way::Create], |_, call| {
        assert_eq!(call.status(), "ok");
        assert_eq!(
            call.attribute("gen_ai.response.finish_reasons"),
            json!(["refusal"])
        );
        assert_eq!(call.output["stop_details"]["category"], "cyber");
    });
}

#[test]
fn what_claude_api_does_not_know_is_kept() {
    let reply = || {
        let mut body = message(&[json!({"type": "hologram", "frames": [1, 2]})]);
        body["usage"]["iterations"] = json!([{"type": "message"}]);
        Reply::json(body)
    };
    check(reply, &[Way::Create], |_, call| {
        assert_eq!(call.output["content"][0]["frames"], json!([1, 2]));
        assert_eq!(call.output["usage"]["iterations"][0]["type"], "message");
    });
}

#[test]
fn the_beta_twins_are_recorded_and_send_their_headers() {
    const BETA: &str = "computer-use-2025-01-24";
    let provider = ScriptedProvider::start([
        reply(Way::Create, &[text("Sunny.")]),
        reply(Way::Stream, &[text("Sunny.")]),
        reply(Way::Create, &[text("Sunny.")]),
        reply(Way::Stream, &[text("Sunny.")]),
    ]);
    let recorder = rollout_tests::Recorder::new();
    let client = recorder.wrap(client(&provider.url()));
    runtime().block_on(async {
        let messages = client.messages();
        let message = messages.create_with_beta(request(), &[BETA]).await.unwrap();
        let stream = messages.create_stream_with_beta(request(), &[BETA]).await;
        assert_eq!(
            stream.unwrap().aggregate().await.unwrap().content,
            message.content
        );
    });
    let client = client.blocking().unwrap();
    let messages = client.messages();
    messages.create_with_beta(request(), &[BETA]).unwrap();
    let stream = messages.create_stream_with_beta(request(), &[BETA]);
    stream.unwrap().aggregate().unwrap();

    let calls = recorder.calls();
    assert_eq!(calls.len(), 4);
    for (call, request) in calls.iter().zip(provider.requests()) {
        assert_eq!(call.status(), "ok");
        assert_eq!(call.output["content"][0]["text"], "Sunny.");
        assert_eq!(request.header("anthropic-beta"), Some(BETA));
    }
}

#[test]
fn other_methods_reach_the_original() {
    let provider = ScriptedProvider::start([
        Reply::json(json!({"input_tokens": 7})).for_path("/v1/messages/count_tokens"),
        Reply::json(json!({"input_tokens": 7})).for_path("/v1/messages/count_tokens"),
    ]);
    let recorder = rollout_tests::Recorder::new();
    let client = recorder.wrap(client(&provider.url()));
    let count = || claude_api::messages::CountTokensRequest::from(&request());
    let counted = runtime().block_on(client.messages().count_tokens(count()));
    assert_eq!(counted.unwrap().input_tokens, 7);
    let counted = client.blocking().unwrap().messages().count_tokens(count());
    assert_eq!(counted.unwrap().input_tokens, 7);
    let dry = client.messages().dry_run(&request()).unwrap();
    assert_eq!(dry.body["max_tokens"], 64);
    assert!(recorder.calls().is_empty());
}
