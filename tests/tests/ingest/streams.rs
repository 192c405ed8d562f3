//! Calls to a model whose answers are streamed.

use async_openai::error::OpenAIError;
use futures::StreamExt as _;
use rollout_tests::provider::{anthropic, openai as provider};
use rollout_tests::{Reply, ScriptedProvider};
use serde_json::{Value, json};

use super::{Program, chat_request, only, openai, response_request, told};

const TEXT: &str = "It has shipped and will arrive on Tuesday.";

fn chat_frames() -> Vec<String> {
    provider::chat_frames(&provider::chat_chunks(&provider::answer(TEXT)))
}

fn response_frames() -> Vec<String> {
    provider::response_frames(&provider::response_events(&provider::answer(TEXT)))
}

/// Streams both of OpenAI's protocols, reads so many items of each, and returns what was sent.
fn streamed(chat: Reply, responses: Reply, items: usize) -> (Vec<Value>, Vec<Value>) {
    let server = ScriptedProvider::start([chat, responses]);
    let program = Program::start();
    let client = rollout::wrap(openai(&server));
    program.block_on(async {
        let stream = client.chat().create_stream(chat_request()).await.unwrap();
        drop(stream.take(items).collect::<Vec<_>>().await);
        let stream = client
            .responses()
            .create_stream(response_request())
            .await
            .unwrap();
        drop(stream.take(items).collect::<Vec<_>>().await);
    });
    let mut events = program.finish();
    let middle = events
        .iter()
        .position(|event| event["trace_id"] != events[0]["trace_id"]);
    let responses = events.split_off(middle.unwrap());
    (events, responses)
}

#[test]
fn read_to_the_end() {
    let (chat, responses) = streamed(
        Reply::sse(chat_frames()),
        Reply::sse(response_frames()),
        usize::MAX,
    );
    for events in [&chat, &responses] {
        let (start, end) = (
            only(events, "llm.stream_start"),
            only(events, "llm.stream_end"),
        );
        let span = only(events, "span.end");
        assert_eq!(
            (&start["span_id"], &end["span_id"]),
            (&span["span_id"], &span["span_id"])
        );
        assert_eq!(end["usage"]["output_tokens"], 11);
        assert_eq!(end["raw"]["stream_preview"], TEXT);
        assert_eq!(span["status"], "ok");
        assert!(span["attributes"]["gen_ai.response.time_to_first_chunk"].is_number());
    }
    let output = &only(&chat, "llm.stream_end")["raw"]["output"];
    assert_eq!(output["choices"][0]["message"]["content"], TEXT);
}

#[test]
fn dropped_half_way() {
    let (chat, responses) = streamed(Reply::sse(chat_frames()), Reply::sse(response_frames()), 5);
    for events in [&chat, &responses] {
        assert_eq!(only(events, "span.end")["status"], "cancelled");
        assert_eq!(only(events, "trace.end")["status"], "cancelled");
    }
    let preview = only(&chat, "llm.stream_end")["raw"]["stream_preview"]
        .as_str()
        .unwrap();
    assert!(
        !preview.is_empty() && TEXT.starts_with(preview),
        "{preview}"
    );
}

#[test]
fn cut_by_the_server() {
    let cut = |frames: Vec<String>| Reply::sse(frames).cut_after(5);
    let (chat, responses) = streamed(cut(chat_frames()), cut(response_frames()), usize::MAX);
    for events in [&chat, &responses] {
        let end = only(events, "span.end");
        assert_eq!(end["status"], "error");
        assert_eq!(end["attributes"]["rollout.stream.complete"], false);
        assert!(only(events, "llm.stream_end")["raw"]["output"].is_object());
    }
}

#[test]
fn an_error_in_the_middle() {
    let mut chat = chat_frames();
    chat.truncate(4);
    chat.push(format!(
        "data: {}\n\n",
        provider::error("server_error", None, "overloaded")
    ));
    let mut responses = response_frames();
    responses.truncate(5);
    let error = json!({"type": "error", "sequence_number": 5, "code": "server_error", "message": "overloaded", "param": null});
    responses.push(format!("event: error\ndata: {error}\n\n"));
    let (chat, responses) = streamed(Reply::sse(chat), Reply::sse(responses), usize::MAX);
    for events in [&chat, &responses] {
        let end = only(events, "span.end");
        assert_eq!(end["status"], "error", "{:?}", told(events));
        assert_eq!(only(events, "trace.end")["status"], "error");
        let (error, more) = (
            &end["error"]["message_preview"],
            &end["attributes"]["rollout.error.message"],
        );
        assert!(format!("{error} {more}").contains("overloaded"), "{end}");
    }
}

#[test]
fn refused_before_it_begins() {
    let error = provider::error("invalid_request_error", None, "no");
    let server = ScriptedProvider::start([Reply::json(error).with_status(400)]);
    let program = Program::start();
    let client = rollout::wrap(openai(&server));
    let result =
        program.block_on(async { client.chat().create_stream(chat_request()).await.map(drop) });
    assert!(
        matches!(result, Err(OpenAIError::ApiError(_))),
        "{result:?}"
    );
    let events = program.finish();
    assert_eq!(only(&events, "span.end")["status"], "error");
    assert_eq!(
        only(&events, "llm.stream_end")["attributes"]["chunk_count"],
        0
    );
}

#[test]
fn of_anthropic_with_tools_and_thinking() {
    let blocks = [
        anthropic::thinking("They ask for the weather."),
        anthropic::text(TEXT),
        anthropic::tool_use("toolu_1", "weather", json!({"city": "Paris"})),
    ];
    let server =
        ScriptedProvider::start([Reply::sse(anthropic::frames(&anthropic::events(&blocks)))]);
    let program = Program::start();
    let client = claude_api::Client::builder()
        .api_key("sk-ant-test")
        .base_url(server.url());
    let client = rollout::wrap(client.build().unwrap());
    let request = claude_api::messages::CreateMessageRequest::builder()
        .model("claude-sonnet-4-5")
        .max_tokens(64)
        .user("Weather?")
        .build()
        .unwrap();
    program.block_on(async {
        let stream = client.messages().create_stream(request).await.unwrap();
        assert!(stream.collect::<Vec<_>>().await.iter().all(Result::is_ok));
    });
    let events = program.finish();
    let output = &only(&events, "llm.stream_end")["raw"]["output"];
    assert_eq!(output["content"][1]["text"], TEXT);
    assert_eq!(output["content"][2]["input"], json!({"city": "Paris"}));
    assert_eq!(only(&events, "span.end")["status"], "ok");
}

#[test]
fn chunk_by_chunk_with_a_preview() {
    let server = ScriptedProvider::start([Reply::sse(chat_frames())]);
    let program = Program::with(rollout_tests::IngestServer::start(), |builder| {
        builder.capture_stream_chunks(true).stream_preview_chars(10)
    });
    let client = rollout::wrap(openai(&server));
    program.block_on(async {
        let stream = client.chat().create_stream(chat_request()).await.unwrap();
        stream.collect::<Vec<_>>().await;
    });
    let events = program.finish();
    let chunks = events
        .iter()
        .filter(|event| event["event_type"] == "llm.stream_chunk");
    let chunks: Vec<_> = chunks
        .map(|event| event["raw"]["chunk"].as_str().unwrap())
        .collect();
    assert_eq!(chunks.concat(), TEXT);
    assert_eq!(
        only(&events, "llm.stream_end")["raw"]["stream_preview"],
        TEXT[TEXT.len() - 10..]
    );
}
