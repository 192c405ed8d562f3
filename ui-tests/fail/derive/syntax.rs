//! Declarations that can't be read.

use rollout::Instrumented;

#[derive(Instrumented)]
#[instrumented]
#[instrumented()]
#[instrumented = "openai"]
#[instrumented("openai")]
#[instrumented(provider: "openai")]
#[instrumented(chat = "complete")]
#[instrumented(chat(stream) fn ask(&self, request: Value) -> Value)]
#[instrumented(chat: ask(&self, request: Value) -> Value)]
#[instrumented(chat: fn ask(&self, request: Value) -> Value { request })]
#[instrumented(chat: fn ask(&self, request: Value) -> Value, responses: fn tell(&self))]
struct Gateway;

fn main() {}
