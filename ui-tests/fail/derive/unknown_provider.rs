//! Providers whose protocol is not known, and what to write instead.

use rollout::Instrumented;
use serde_json::Value;

#[derive(Instrumented)]
#[instrumented(provider = "OpenAI")]
#[instrumented(chat: fn ask(&self, request: Value) -> Value)]
struct Misspelt;

#[derive(Instrumented)]
#[instrumented(provider = "openrouter")]
#[instrumented(chat: fn ask(&self, request: Value) -> Value)]
struct Compatible;

#[derive(Instrumented)]
#[instrumented(provider = "cohere")]
#[instrumented(chat: fn ask(&self, request: Value) -> Value)]
struct Unsupported;

#[derive(Instrumented)]
#[instrumented(chat: fn ask(&self, request: Value) -> Value)]
struct Missing;

fn main() {
    // No second error follows from the first.
    rollout::wrap(Misspelt).ask(Value::Null);
    let _: InstrumentedMissing = rollout::wrap(Missing);
}
