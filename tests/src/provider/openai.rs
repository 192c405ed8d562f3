//! What OpenAI answers, with every field that it sends.
//!
//! The bodies are plain JSON, so that a test can change what it is about:
//!
//! ```
//! use rollout_tests::provider::openai;
//! use serde_json::{Value, json};
//!
//! let mut body = openai::chat(&openai::answer("Hello"));
//! body["choices"][0]["finish_reason"] = json!("length");
//! body["usage"] = Value::Null;
//! ```

use rollout_examples::local_provider::{Stamp, chat, responses, responses_stream};
use serde_json::{Value, json};

pub use rollout_examples::local_provider::conversation::{ToolCall, Turn};
pub use rollout_examples::local_provider::usage::Usage;

/// The model that answers.
pub const MODEL: &str = "gpt-4.1-mini";

/// What every answer of this module costs, reasoning apart.
pub const USAGE: Usage = Usage {
    input: 21,
    cached: 8,
    output: 11,
    reasoning: 0,
};

/// The model answers with a text.
pub fn answer(text: &str) -> Turn {
    Turn {
        text: Some(text.to_owned()),
        usage: USAGE,
        ..Turn::default()
    }
}

/// The model answers with a text, after 64 tokens of reasoning.
pub fn reasoned_answer(reasoning: &str, text: &str) -> Turn {
    Turn {
        reasoning: Some(reasoning.to_owned()),
        usage: Usage {
            output: USAGE.output + 64,
            reasoning: 64,
            ..USAGE
        },
        ..answer(text)
    }
}

/// The model wants tools called: each an id, a name, and arguments.
pub fn calls<'a>(calls: impl IntoIterator<Item = (&'a str, &'a str, Value)>) -> Turn {
    let calls = calls.into_iter().map(|(id, name, arguments)| ToolCall {
        id: id.to_owned(),
        name: name.to_owned(),
        arguments: arguments.to_string(),
    });
    Turn {
        tool_calls: calls.collect(),
        usage: USAGE,
        ..Turn::default()
    }
}

/// Returns the body of a chat completion.
pub fn chat(turn: &Turn) -> Value {
    chat::body(&request(), turn, &stamp())
}

/// Returns the chunks of a streamed chat completion. The last one is the one with the usage, which
/// OpenAI sends to those who ask for it: remove it where the client does not.
pub fn chat_chunks(turn: &Turn) -> Vec<Value> {
    chat::chunks(&request(), turn, &stamp())
}

/// Returns chunks as server-sent events, with the closing `[DONE]`.
pub fn chat_frames(chunks: &[Value]) -> Vec<String> {
    chat::frames(chunks)
}

/// Returns the body of a response.
pub fn response(turn: &Turn) -> Value {
    responses::body(&request(), turn, &stamp())
}

/// Returns the events of a streamed response.
pub fn response_events(turn: &Turn) -> Vec<Value> {
    responses_stream::events(&request(), turn, &stamp())
}

/// Returns events as server-sent events, named after their type.
pub fn response_frames(events: &[Value]) -> Vec<String> {
    responses_stream::frames(events)
}

/// Returns the body of an error.
pub fn error(kind: &str, code: Option<&str>, message: &str) -> Value {
    json!({"error": {"message": message, "type": kind, "param": null, "code": code}})
}

fn request() -> Value {
    json!({"model": MODEL, "stream_options": {"include_usage": true}})
}

fn stamp() -> Stamp {
    Stamp {
        id: "scripted1".into(),
        created: 1_750_000_000,
    }
}

#[cfg(test)]
mod tests;
