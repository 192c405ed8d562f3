//! Which argument is the request has to be known.

use rollout::Instrumented;
use serde_json::Value;

#[derive(Instrumented)]
#[instrumented(provider = "openai")]
#[instrumented(chat: fn none(&self) -> Value)]
#[instrumented(chat: fn which(&self, first: Value, second: Value) -> Value)]
#[instrumented(chat(request = bdoy): fn misspelt(&self, body: Value) -> Value)]
#[instrumented(chat: fn pattern(&self, (first, second): (Value, Value)) -> Value)]
struct Gateway;

fn main() {}
