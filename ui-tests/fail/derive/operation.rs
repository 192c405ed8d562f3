//! Operations that there are not, or not with this provider.

use rollout::Instrumented;
use serde_json::Value;

#[derive(Instrumented)]
#[instrumented(provider = "openai")]
#[instrumented(chta: fn ask(&self, request: Value) -> Value)]
#[instrumented(embeddings: fn embed(&self, request: Value) -> Value)]
#[instrumented(messages: fn create(&self, request: Value) -> Value)]
struct OpenAi;

#[derive(Instrumented)]
#[instrumented(provider = "anthropic")]
#[instrumented(chat: fn ask(&self, request: Value) -> Value)]
struct Anthropic;

fn main() {}
