//! Options with values that they do not take.

use rollout::Instrumented;
use serde_json::Value;

#[derive(Instrumented)]
#[instrumented(provider = openai, label = "", crate = "rollout")]
#[instrumented(wrapper = "Recorded")]
#[instrumented(chat(stream = true, name = ""): fn ask(&self, request: Value) -> Value)]
#[instrumented(chat(capture_input = "no", request = "body"): fn tell(&self, request: Value) -> Value)]
#[instrumented(chat(stream): fn nothing(&self, request: Value))]
struct Gateway;

#[derive(Instrumented)]
#[instrumented(provider = "openai", wrapper = Same)]
#[instrumented(chat: fn ask(&self, request: Value) -> Value)]
struct Same;

fn main() {}
