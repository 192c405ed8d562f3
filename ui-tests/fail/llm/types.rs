//! What is recorded has to be `Serialize`, and a stream one that can be put together again.

use serde_json::Value;

struct Plain;

#[rollout::llm(provider = "openai", operation = "chat")]
fn request(request: &Plain) -> Value {
    let _ = request;
    Value::Null
}

#[rollout::llm(provider = "openai", operation = "chat")]
async fn answer(request: Value) -> Result<Plain, String> {
    drop(request);
    Ok(Plain)
}

#[rollout::llm(provider = "openai", operation = "chat", stream)]
fn no_stream(request: Value) -> Value {
    request
}

#[rollout::llm(provider = "openai", operation = "chat", model = 1.5)]
fn no_name(request: Value) -> Value {
    request
}

#[rollout::llm(provider = "openai", operation = "chat")]
fn wrong_body(request: Value) -> Value {
    drop(request);
    "text"
}

fn main() {}
