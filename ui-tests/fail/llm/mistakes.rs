//! What the attribute does not take.

use serde_json::Value;

#[rollout::llm]
fn nothing(request: Value) -> Value {
    request
}

#[rollout::llm(provider = "openai")]
fn no_operation(request: Value) -> Value {
    request
}

#[rollout::llm(provider = "gemini", operation = "chat")]
fn unsupported(request: Value) -> Value {
    request
}

#[rollout::llm(provider = "openai", operation = "complete")]
fn unknown_operation(request: Value) -> Value {
    request
}

#[rollout::llm(provider = "anthropic", operation = "responses")]
fn operation_of_another_provider(request: Value) -> Value {
    request
}

#[rollout::llm(provider = "openai", operation = "chat", user_id = 1, modle = "x")]
fn unknown_option(request: Value) -> Value {
    request
}

#[rollout::llm("a", name = "b", provider = "openai", operation = "chat", capture_input = 1)]
fn given_twice(request: Value) -> Value {
    request
}

#[rollout::llm(provider = "openai", operation = "chat")]
fn no_request() {}

#[rollout::llm(provider = "openai", operation = "chat")]
fn which(first: Value, second: Value) -> Value {
    drop(first);
    second
}

#[rollout::llm(provider = "openai", operation = "chat", request = reqest, stream)]
fn misspelt(request: Value) {
    drop(request);
}

#[rollout::llm(provider = "openai", operation = "chat")]
const fn constant(request: u8) -> u8 {
    request
}

#[rollout::llm(provider = "openai", operation = "chat")]
struct Gateway;

fn main() {
    // The functions are there all the same.
    let _ = (nothing(Value::Null), which(Value::Null, Value::Null), constant(1), Gateway);
}
