//! Calls to a model whose answer is streamed.

use std::time::Duration;

use futures::StreamExt as _;
use rollout::WrapOptions;
use rollout::anthropic::Client as Anthropic;
use rollout_tests::{Reply, ScriptedProvider};
use serde_json::{Value, json};

use super::Program;
use super::difference::{
    CHAT_STREAM, CHAT_USAGE, Difference, FIRST_TEXT, MESSAGES_STREAM, MODEL_VERSION, OWN_NUMBERS,
    RESPONSES_STREAM, STREAM_OUTPUT, at, is_late, remove,
};
use super::provider::stream::{self, chat_text, streaming, words};
use super::provider::{self, OpenAi, TEXT, anthropic, asked, openai, respond};

fn with_usage() -> Value {
    json!({"stream": true, "stream_options": {"include_usage": true}})
}

fn streamed() -> Value {
    json!({"stream": true})
}

/// Reads a chat completion to its end.
async fn read_chat(client: &OpenAi, more: Value) -> usize {
    let stream = client.chat().create_stream(asked(more)).await.unwrap();
    stream.collect::<Vec<_>>().await.len()
}

/// Reads a response to its end.
async fn read_response(client: &OpenAi, input: &str) -> usize {
    let request = respond(input, streamed());
    let stream = client.responses().create_stream(request).await.unwrap();
    stream.collect::<Vec<_>>().await.len()
}

/// Reads a message to its end.
async fn read_message(client: &Anthropic) -> usize {
    let stream = client.messages().create_stream(anthropic::asked()).await;
    stream.unwrap().collect::<Vec<_>>().await.len()
}

#[rollout::agent("support_agent", skip(client, more))]
async fn chatting(client: &OpenAi, more: Value, text: &str) -> usize {
    read_chat(client, more).await
}

#[test]
fn a_chat_completion_in_an_agent() {
    let provider = streaming([chat_text(true)]);
    let program = Program::start();
    let client = openai(&provider);
    program.block_on(chatting(&client, with_usage(), "Where is my order?"));
    program.matches(
        "30-openai-chat-stream-in-agent",
        &[
            &MODEL_VERSION,
            &STREAM_OUTPUT,
            &FIRST_TEXT,
            &CHAT_STREAM,
            &CHAT_USAGE,
        ],
    );
}

#[test]
fn a_chat_completion_alone() {
    let provider = streaming([chat_text(true)]);
    let program = Program::start();
    let client = openai(&provider);
    let user = rollout::user("cus_1").with_trait("plan", "pro");
    let context = program.run(|| user.context());
    program.block_on(rollout::Instrument::in_context(
        read_chat(&client, with_usage()),
        context,
    ));
    program.matches(
        "31-openai-chat-stream-implicit",
        &[
            &OWN_NUMBERS,
            &MODEL_VERSION,
            &STREAM_OUTPUT,
            &FIRST_TEXT,
            &CHAT_STREAM,
            &CHAT_USAGE,
        ],
    );
}

#[test]
fn a_chat_completion_without_usage() {
    let provider = streaming([chat_text(false)]);
    let program = Program::start();
    let client = openai(&provider);
    program.block_on(chatting(&client, streamed(), "Where is my order?"));
    program.matches(
        "32-openai-chat-stream-no-usage",
        &[&MODEL_VERSION, &STREAM_OUTPUT, &FIRST_TEXT, &CHAT_STREAM],
    );
}

#[rollout::agent("support_agent", skip(client))]
async fn responding(client: &OpenAi, text: &str) -> usize {
    read_response(client, text).await
}

#[test]
fn a_response_in_an_agent() {
    let provider = streaming([stream::response(TEXT)]);
    let program = Program::start();
    let client = openai(&provider);
    program.block_on(responding(&client, "Where is my order?"));
    program.matches(
        "33-openai-responses-stream-in-agent",
        &[
            &MODEL_VERSION,
            &STREAM_OUTPUT,
            &FIRST_TEXT,
            &RESPONSES_STREAM,
        ],
    );
}

#[test]
fn a_response_alone() {
    let provider = streaming([stream::response(TEXT)]);
    let program = Program::start();
    let client = openai(&provider);
    program.block_on(read_response(&client, "hi"));
    program.matches(
        "34-openai-responses-stream-implicit",
        &[
            &OWN_NUMBERS,
            &MODEL_VERSION,
            &STREAM_OUTPUT,
            &FIRST_TEXT,
            &RESPONSES_STREAM,
        ],
    );
}

#[rollout::agent("support_agent", skip(client))]
async fn answering(client: &Anthropic, text: &str) -> usize {
    read_message(client).await
}

#[test]
fn a_message_in_an_agent() {
    let provider = streaming([anthropic::streamed(TEXT)]);
    let program = Program::start();
    let client = anthropic::client(&provider);
    program.block_on(answering(&client, "Where is my order?"));
    program.matches(
        "35-anthropic-stream-in-agent",
        &[
            &MODEL_VERSION,
            &STREAM_OUTPUT,
            &FIRST_TEXT,
            &MESSAGES_STREAM,
        ],
    );
}

#[test]
fn a_message_alone() {
    let provider = streaming([anthropic::streamed(TEXT)]);
    let program = Program::start();
    let client = anthropic::client(&provider);
    program.block_on(read_message(&client));
    program.matches(
        "36-anthropic-stream-implicit",
        &[
            &OWN_NUMBERS,
            &MODEL_VERSION,
            &STREAM_OUTPUT,
            &FIRST_TEXT,
            &MESSAGES_STREAM,
        ],
    );
}

#[rollout::agent("run", skip(openai, anthropic))]
async fn both(openai: &OpenAi, anthropic: &Anthropic) -> usize {
    read_chat(openai, with_usage()).await + read_message(anthropic).await
}

#[test]
fn two_in_an_agent() {
    let provider = streaming([chat_text(true), anthropic::streamed(TEXT)]);
    let program = Program::start();
    let (openai, anthropic) = (openai(&provider), anthropic::client(&provider));
    assert_eq!(program.block_on(both(&openai, &anthropic)), 26);
    program.matches(
        "37-openai-async-stream-in-agent",
        &[
            &MODEL_VERSION,
            &STREAM_OUTPUT,
            &FIRST_TEXT,
            &CHAT_STREAM,
            &CHAT_USAGE,
            &MESSAGES_STREAM,
        ],
    );
}

const CADENCE: Difference = Difference::rule(
    "what came is shown within half a second also if nothing follows it, so that no more is lost with \
     a process that is killed (defect 34)",
    |both| {
        let late = |event: &Value, _: &[Value]| is_late(event);
        let (theirs, ours) = (both.reference.len(), both.ours.len());
        let changed = both.leave_out(late) && both.leave_out_ours(late);
        // No fewer than the reference shows.
        changed && ours - both.ours.len() >= theirs - both.reference.len()
    },
);

#[test]
fn a_slow_one() {
    let pieces = [
        "Your or", "der has", " ship", "ped and", " will ", "arrive", " on Tu", "esday.",
    ];
    assert_eq!(pieces.concat(), TEXT);
    let frames = Reply::sse(stream::chat(&pieces, false)).paced(Duration::from_millis(200));
    let provider = ScriptedProvider::start([frames]);
    let program = Program::start();
    let client = openai(&provider);
    program.block_on(chatting(&client, streamed(), "Where is my order?"));
    program.matches(
        "41-stream-slow-update-cadence",
        &[
            &CADENCE,
            &MODEL_VERSION,
            &STREAM_OUTPUT,
            &FIRST_TEXT,
            &CHAT_STREAM,
        ],
    );
}

const WHOLE_TEXT: Difference = Difference::rule(
    "the end of a text is shown while it comes, and in the end all of it (defect 40)",
    |both| {
        both.change(|event| {
            if at(event, &["raw", "output"]) == Some(&json!("rive on Tuesday.")) {
                event["raw"]["output"] = json!(TEXT);
            }
        })
    },
);

#[test]
fn chunk_by_chunk() {
    let provider = streaming([chat_text(false)]);
    let program =
        Program::with(|builder| builder.capture_stream_chunks(true).stream_preview_chars(16));
    let client = openai(&provider);
    program.block_on(chatting(&client, streamed(), "Where is my order?"));
    program.matches(
        "42-stream-capture-chunks",
        &[
            &MODEL_VERSION,
            &STREAM_OUTPUT,
            &FIRST_TEXT,
            &WHOLE_TEXT,
            &CHAT_STREAM,
        ],
    );
}

#[test]
fn letters_of_several_bytes() {
    let text = "Grüße aus Zürich — 注文は発送されました 🚚📦 ¡olé!";
    // Cut where characters are whole and where they are not.
    let bytes = stream::chat(&words(text), false).concat().into_bytes();
    let pieces: Vec<Vec<u8>> = bytes.chunks(37).map(<[u8]>::to_vec).collect();
    let provider = ScriptedProvider::start([Reply::sse(pieces)]);
    let program = Program::start();
    let client = openai(&provider);
    program.block_on(chatting(&client, streamed(), "Where is my order?"));
    program.matches(
        "43-stream-unicode",
        &[&MODEL_VERSION, &STREAM_OUTPUT, &FIRST_TEXT, &CHAT_STREAM],
    );
}

const NOTHING_OF_THE_OUTPUT: Difference = Difference::rule(
    "what is not to be recorded is not, be it streamed or not (defect 42)",
    |both| {
        let previews = both.leave_out(|event, _| event["raw"]["stream_preview"] == "Your");
        let output = both.change(|event| {
            if event["event_type"] == "llm.stream_end" {
                event.remove("raw");
                remove(event, &["attributes", "preview_chars"]);
            }
        });
        previews && output
    },
);

#[test]
fn without_what_goes_in_and_comes_out() {
    let provider = streaming([chat_text(false)]);
    let program = Program::start();
    let options = WrapOptions::new().capture_input(false);
    let client = provider::unwrapped(&provider.base_url());
    let client = rollout::wrap_with(client, options.capture_output(false));
    program.block_on(read_chat(&client, streamed()));
    program.matches(
        "62-capture-off-stream",
        &[
            &FIRST_TEXT,
            &NOTHING_OF_THE_OUTPUT,
            &OWN_NUMBERS,
            &MODEL_VERSION,
            &CHAT_STREAM,
        ],
    );
}
