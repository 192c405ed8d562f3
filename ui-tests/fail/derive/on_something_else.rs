//! Only the struct of a client has a recorded twin.

use rollout::Instrumented;
use serde_json::Value;

#[derive(Instrumented)]
#[instrumented(provider = "openai")]
#[instrumented(chat: fn ask(&self, request: Value) -> Value)]
enum Either {
    One,
}

#[derive(Instrumented)]
#[instrumented(provider = "openai")]
#[instrumented(chat: fn ask(&self, request: Value) -> Value)]
union Both {
    one: u8,
}

fn main() {}
