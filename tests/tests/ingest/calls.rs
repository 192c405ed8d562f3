//! Calls to a model that are answered in one piece.

use async_openai::types::chat::CreateChatCompletionRequest;
use rollout::{WrapOptions, agent, tool};
use rollout_tests::provider::{anthropic, openai as provider};
use rollout_tests::{IngestServer, NOBODY, Reply, ScriptedProvider};
use serde_json::{Value, json};

use super::{Program, chat_request, only, openai, openai_at, response_request, told};

/// The events of a call of its own.
const IMPLICIT: [&str; 5] = [
    "trace.start",
    "span.start",
    "span.update",
    "span.end",
    "trace.end",
];

fn types(events: &[Value]) -> Vec<&str> {
    events
        .iter()
        .map(|event| event["event_type"].as_str().unwrap())
        .collect()
}

#[test]
fn outside_of_a_trace() {
    let server = ScriptedProvider::start([
        Reply::json(provider::chat(&provider::answer("On Tuesday."))),
        Reply::json(provider::response(&provider::reasoned_answer(
            "Hm.",
            "On Tuesday.",
        ))),
    ]);
    let program = Program::start();
    let client = rollout::wrap(openai(&server));
    program.block_on(async {
        client.chat().create(chat_request()).await.unwrap();
        client.responses().create(response_request()).await.unwrap();
    });
    let events = program.finish();
    let (chat, response) = events.split_at(5);
    assert_eq!(
        (types(chat), types(response)),
        (IMPLICIT.to_vec(), IMPLICIT.to_vec())
    );
    let usage = json!({"input_tokens": 21, "cached_tokens": 8, "output_tokens": 11,
        "reasoning_tokens": 0, "total_tokens": 32});
    assert_eq!(chat[3]["usage"], usage);
    assert_eq!(response[3]["usage"]["reasoning_tokens"], 64);
    assert_eq!(chat[3]["model"]["provider"], "openai");
    assert_eq!(
        chat[2]["raw"]["input"]["messages"][0]["content"],
        "Where is my order?"
    );
    assert_eq!(
        chat[3]["raw"]["output"]["choices"][0]["message"]["content"],
        "On Tuesday."
    );
}

#[test]
fn with_anthropic() {
    let server = ScriptedProvider::start([Reply::json(anthropic::message(&[
        anthropic::thinking("Hm."),
        anthropic::text("On Tuesday."),
    ]))]);
    let program = Program::start();
    let client = claude_api::Client::builder()
        .api_key("sk-ant-test")
        .base_url(server.url());
    let client = rollout::wrap(client.build().unwrap());
    let request = claude_api::messages::CreateMessageRequest::builder()
        .model("claude-sonnet-4-5")
        .max_tokens(64)
        .user("Where is my order?")
        .build()
        .unwrap();
    program.block_on(client.messages().create(request)).unwrap();
    let events = program.finish();
    assert_eq!(types(&events), IMPLICIT);
    let usage = json!({"input_tokens": 21, "cached_tokens": 11, "output_tokens": 11});
    let told = events[3]["usage"].as_object().unwrap();
    for (key, tokens) in usage.as_object().unwrap() {
        assert_eq!(told.get(key), Some(tokens), "{key}");
    }
}

#[tool]
fn weather(city: &str) -> String {
    format!("sunny in {city}")
}

#[agent(skip(client))]
async fn loop_until_done(
    client: &rollout::openai::Client<async_openai::config::OpenAIConfig>,
) -> Option<String> {
    loop {
        let answer = client.chat().create(chat_request()).await.ok()?;
        let message = &answer.choices.first()?.message;
        if message.tool_calls.is_none() {
            return message.content.clone();
        }
        let calls = serde_json::to_value(&message.tool_calls).unwrap();
        for call in calls.as_array().unwrap() {
            rollout::tool_call(call["id"].as_str().unwrap()).in_scope(|| weather("Paris"));
        }
    }
}

#[test]
fn a_loop_with_tools() {
    let city = json!({"city": "Paris"});
    let calls = provider::calls([
        ("call_1", "weather", city.clone()),
        ("call_2", "weather", city),
    ]);
    let server = ScriptedProvider::start([
        Reply::json(provider::chat(&calls)),
        Reply::json(provider::chat(&provider::answer("Sunny."))),
    ]);
    let program = Program::start();
    let client = rollout::wrap(openai(&server));
    assert_eq!(
        program.block_on(loop_until_done(&client)).as_deref(),
        Some("Sunny.")
    );
    let events = program.finish();
    let results: Vec<_> = events
        .iter()
        .filter(|event| event["event_type"] == "tool.result")
        .collect();
    let ids: Vec<_> = results
        .iter()
        .map(|result| &result["tool"]["tool_call_id"])
        .collect();
    assert_eq!(ids, ["call_1", "call_2"]);
    assert_ne!(results[0]["span_id"], results[1]["span_id"]);
    let models = events
        .iter()
        .filter(|event| event["span_type"] == "llm" && event["event_type"] == "span.end");
    assert_eq!(models.count(), 2);
    assert_eq!(events.last().unwrap()["raw"]["output"], "Sunny.");
}

/// The one call that is made is answered with these, and fails; returns how it ended.
fn failing(replies: Vec<Reply>) -> Value {
    let server = ScriptedProvider::start(replies);
    failing_at(&server.base_url())
}

fn failing_at(url: &str) -> Value {
    let program = Program::start();
    let client = rollout::wrap(openai_at(url));
    program
        .block_on(client.chat().create(chat_request()))
        .unwrap_err();
    let events = program.finish();
    assert_eq!(types(&events), IMPLICIT);
    let (end, trace) = (&events[3], &events[4]);
    assert_eq!(
        (&end["status"], &trace["status"]),
        (&json!("error"), &json!("error"))
    );
    assert_eq!(end["error"], trace["error"]);
    end.clone()
}

#[test]
fn a_request_that_is_refused() {
    let error = provider::error("invalid_request_error", Some("bad_model"), "no such model");
    let end = failing(vec![Reply::json(error).with_status(400)]);
    assert_eq!(end["attributes"]["http.response.status_code"], 400);
    assert_eq!(end["attributes"]["rollout.error.code"], "bad_model");
    assert!(
        end["error"]["message_preview"]
            .as_str()
            .unwrap()
            .contains("no such model")
    );
}

#[test]
fn a_server_that_fails_and_fails() {
    let error = provider::error("server_error", None, "boom");
    let reply = Reply::json(error)
        .with_status(500)
        .with_header("retry-after", "0");
    failing(vec![reply; 8]);
}

#[test]
fn a_server_that_is_busy_at_first() {
    let error = provider::error("rate_limit_error", Some("rate_limit_exceeded"), "slow down");
    let busy = Reply::json(error)
        .with_status(429)
        .with_header("retry-after", "0");
    let server = ScriptedProvider::start([
        busy.clone(),
        busy,
        Reply::json(provider::chat(&provider::answer("At last."))),
    ]);
    let program = Program::start();
    let client = rollout::wrap(openai(&server));
    program
        .block_on(client.chat().create(chat_request()))
        .unwrap();
    assert_eq!(server.requests().len(), 3);
    let events = program.finish();
    assert_eq!(types(&events), IMPLICIT);
    assert_eq!(events[3]["status"], "ok");
}

#[test]
fn nobody_there() {
    let end = failing_at(&format!("http://{NOBODY}/v1"));
    assert!(end["error"]["type"].is_string());
}

#[test]
fn an_answer_that_is_no_json() {
    let end = failing(vec![Reply::text("<html>\u{1f}&nbsp;</html>")]);
    assert!(end["raw"]["output"].as_str().unwrap().contains("<html>"));
}

#[test]
fn without_what_went_in_and_came_out() {
    let turn = provider::answer("A secret.");
    let server = ScriptedProvider::start([
        Reply::json(provider::chat(&turn)),
        Reply::sse(provider::chat_frames(&provider::chat_chunks(&turn))),
    ]);
    let program = Program::start();
    let options = WrapOptions::new()
        .capture_input(false)
        .capture_output(false);
    let client = rollout::wrap_with(openai(&server), options);
    program.block_on(async {
        client.chat().create(chat_request()).await.unwrap();
        let stream = client.chat().create_stream(chat_request()).await.unwrap();
        futures::StreamExt::collect::<Vec<_>>(stream).await;
    });
    let events = program.finish();
    assert!(
        events.iter().all(|event| event["raw"].is_null()),
        "{events:#?}"
    );
    let text = serde_json::to_string(&events).unwrap();
    assert!(
        !text.contains("secret") && !text.contains("my order"),
        "{text}"
    );
    assert_eq!(only(&events, "llm.stream_end")["usage"]["input_tokens"], 21);
}

#[test]
fn a_second_client_has_its_own_server() {
    let server = ScriptedProvider::start(vec![
        Reply::json(provider::chat(&provider::answer("Hi.")));
        2
    ]);
    let (first, second) = (
        Program::start(),
        Program::with(IngestServer::start(), |builder| {
            builder.agent_name("second")
        }),
    );
    let client = second.rollout.wrap(openai(&server));
    let request: CreateChatCompletionRequest = chat_request();
    // Outside of a trace the client's own, inside of one the trace's.
    second
        .block_on(client.chat().create(request.clone()))
        .unwrap();
    let trace = first.rollout.trace("first").start();
    first
        .block_on(trace.instrument(client.chat().create(request)))
        .unwrap();
    trace.end();
    assert_eq!(types(&second.finish()), IMPLICIT);
    let events = first.finish();
    assert_eq!(told(&events)[0], "trace.start first");
    assert_eq!(types(&events), IMPLICIT);
    assert!(events.iter().all(|event| event["agent"].is_null()));
}
