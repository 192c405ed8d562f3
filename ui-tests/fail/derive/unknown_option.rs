//! Options that there are not.

use rollout::Instrumented;
use serde_json::Value;

#[derive(Instrumented)]
#[instrumented(provder = "openai")]
#[instrumented(provider = "openai", colour = "red")]
#[instrumented(chat(steam): fn ask(&self, request: Value) -> Value)]
#[instrumented(chat(model = "x"): fn tell(&self, request: Value) -> Value)]
struct Gateway;

fn main() {}
