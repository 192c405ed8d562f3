//! What is wrapped is called through `self`.

use std::sync::Arc;

use rollout::Instrumented;
use serde_json::Value;

#[derive(Instrumented)]
#[instrumented(provider = "openai")]
#[instrumented(chat: fn associated(request: Value) -> Value)]
#[instrumented(chat: fn shared(self: Arc<Self>, request: Value) -> Value)]
#[instrumented(chat: fn inner(&self, request: Value) -> Value)]
#[instrumented(chat: unsafe fn dangerous(&self, request: Value) -> Value)]
struct Gateway;

fn main() {}
