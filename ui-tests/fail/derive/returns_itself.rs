//! A client that returns itself where an answer is expected.

use rollout::Instrumented;
use serde_json::Value;

#[derive(Instrumented)]
#[instrumented(provider = "openai")]
#[instrumented(chat: fn again(&self, request: &Value) -> Self)]
struct Gateway;

impl Gateway {
    fn again(&self, _: &Value) -> Self {
        Self
    }
}

fn main() {}
