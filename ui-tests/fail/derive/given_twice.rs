//! Each thing is said once.

use rollout::Instrumented;
use serde_json::Value;

#[derive(Instrumented)]
#[instrumented(provider = "openai", label = "a")]
#[instrumented(provider = "openai", label = "b")]
#[instrumented(chat(name = "x", name = "y"): fn ask(&self, request: Value) -> Value)]
#[instrumented(chat: fn ask(&self, request: Value) -> Value)]
struct Gateway;

fn main() {}
