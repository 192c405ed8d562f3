//! Streams that go wrong.

use async_openai::error::OpenAIError;
use futures::StreamExt as _;
use rollout_tests::{Reply, ScriptedProvider};
use serde_json::json;

use super::Program;
use super::difference::{
    CHAT_REQUEST, Difference, ERROR_OF_CLIENT, ERROR_SIGNATURE, ERROR_TYPE, FIRST_TEXT,
    MESSAGE_BEGUN, MESSAGE_REQUEST, MODEL_VERSION, NO_EMPTY_TEXT, OWN_NUMBERS, RESPONSE_REQUEST,
    STREAM_BEGUN, STREAM_OUTPUT, STREAM_REQUEST,
};
use super::failures::{REFUSED, SOURCES, refused};
use super::provider::stream::{self, chat_text, numbered};
use super::provider::{OpenAi, TEXT, anthropic, asked, openai, respond};

/// Reads a chat completion as far as it goes.
async fn read_chat(client: &OpenAi) -> Result<(), OpenAIError> {
    let request = asked(json!({"stream": true}));
    let mut stream = client.chat().create_stream(request).await?;
    while let Some(chunk) = stream.next().await {
        chunk?;
    }
    Ok(())
}

#[rollout::agent("support_agent", skip(client))]
async fn streaming(client: &OpenAi, text: &str) -> Result<(), OpenAIError> {
    read_chat(client).await
}

async fn read_response(client: &OpenAi) -> Result<(), OpenAIError> {
    let request = respond("hi", json!({"stream": true}));
    let mut stream = client.responses().create_stream(request).await?;
    while let Some(event) = stream.next().await {
        event?;
    }
    Ok(())
}

async fn read_message(client: &rollout::anthropic::Client) -> Result<(), claude_api::Error> {
    let mut stream = client.messages().create_stream(anthropic::asked()).await?;
    while let Some(event) = stream.next().await {
        event?;
    }
    Ok(())
}

#[test]
fn a_stream_that_is_refused() {
    let provider = ScriptedProvider::start([refused(400, "Mock invalid request")]);
    let program = Program::start();
    let client = openai(&provider);
    program.block_on(read_chat(&client)).unwrap_err();
    program.matches(
        "54-stream-http-400",
        &[
            &OWN_NUMBERS,
            &ERROR_OF_CLIENT,
            &ERROR_SIGNATURE,
            &ERROR_TYPE,
            &REFUSED,
            &NO_EMPTY_TEXT,
            &STREAM_REQUEST,
            &CHAT_REQUEST,
        ],
    );
}

#[test]
fn streams_that_break_off() {
    let provider = ScriptedProvider::start([
        Reply::sse(chat_text(false)).cut_after(4),
        Reply::sse(stream::response(TEXT)).cut_after(4),
        Reply::sse(anthropic::streamed(TEXT)).cut_after(3),
    ]);
    let program = Program::start();
    let (openai, anthropic) = (openai(&provider), anthropic::client(&provider));
    program.block_on(async {
        streaming(&openai, "Where is my order?").await.unwrap_err();
        read_response(&openai).await.unwrap_err();
        read_message(&anthropic).await.unwrap_err();
    });
    program.matches(
        "55-stream-aborted-midway",
        &[
            &OWN_NUMBERS,
            &ERROR_OF_CLIENT,
            &ERROR_SIGNATURE,
            &ERROR_TYPE,
            &SOURCES,
            &MODEL_VERSION,
            &STREAM_OUTPUT,
            &FIRST_TEXT,
            &NO_EMPTY_TEXT,
            &STREAM_REQUEST,
            &STREAM_BEGUN,
            &MESSAGE_BEGUN,
            &CHAT_REQUEST,
            &RESPONSE_REQUEST,
            &MESSAGE_REQUEST,
        ],
    );
}

const ERROR_SAID: Difference = Difference::attributes(
    "what the provider said of an error is told, and that it came in the middle (defect 53)",
    "",
    &[
        "rollout.error.code",
        "rollout.error.kind",
        "rollout.error.message",
        "rollout.error.mid_stream",
    ],
);

const ERROR_EVENT: Difference = Difference::rule(
    "a response that says that it failed has failed (defect 47)",
    |both| {
        both.change(|event| {
            let is_end = event.get("status").is_some();
            if is_end && event.get("name") == Some(&json!("openai.responses")) {
                event.insert("status".into(), json!("error"));
                event["outcome"] = json!({"success": false, "status": "error"});
                let message = "Mock error mid-stream";
                let error = json!({"type": "server_error", "message_preview": message});
                event.insert("error".into(), error);
            }
        })
    },
);

#[test]
fn errors_in_the_middle_of_streams() {
    let error = json!({"message": "Mock error mid-stream", "type": "server_error", "code": null});
    let mut chat: Vec<String> = chat_text(false)[..4].to_vec();
    chat.push(format!("data: {}\n\n", json!({"error": error})));
    let mut events = stream::begun();
    events.push(
        json!({"type": "error", "code": "server_error", "message": "Mock error mid-stream",
        "param": null}),
    );
    let mut messages: Vec<String> = anthropic::streamed(TEXT)[..3].to_vec();
    let error = json!({"type": "overloaded_error", "message": "Mock overloaded mid-stream"});
    let error = json!({"type": "error", "error": error});
    messages.push(format!("event: error\ndata: {error}\n\n"));
    let provider = stream::streaming([chat, numbered(events), messages]);
    let program = Program::start();
    let (openai, anthropic) = (openai(&provider), anthropic::client(&provider));
    program.block_on(async {
        // To some the client says nothing of it.
        let _ = read_chat(&openai).await;
        let _ = read_response(&openai).await;
        let _ = read_message(&anthropic).await;
    });
    program.matches(
        "56-stream-error-event",
        &[
            &ERROR_SAID,
            &OWN_NUMBERS,
            &ERROR_EVENT,
            &ERROR_OF_CLIENT,
            &ERROR_SIGNATURE,
            &ERROR_TYPE,
            &MODEL_VERSION,
            &STREAM_OUTPUT,
            &FIRST_TEXT,
            &NO_EMPTY_TEXT,
            &STREAM_REQUEST,
            &STREAM_BEGUN,
            &MESSAGE_BEGUN,
            &CHAT_REQUEST,
            &RESPONSE_REQUEST,
            &MESSAGE_REQUEST,
        ],
    );
}
