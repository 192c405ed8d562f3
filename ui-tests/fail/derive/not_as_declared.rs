//! Declarations that differ from the methods, each underlined where it does.

use rollout::Instrumented;
use serde_json::Value;

#[derive(Instrumented)]
#[instrumented(provider = "openai")]
#[instrumented(chat: fn nowhere(&self, request: &Value) -> Value)]
#[instrumented(chat: fn argument(&self, request: &str) -> Value)]
#[instrumented(chat: fn number(&self, request: &Value, times: u32) -> Value)]
#[instrumented(chat: fn returns(&self, request: &Value) -> Result<Value, String>)]
#[instrumented(chat: fn waits(&self, request: &Value) -> Value)]
#[instrumented(chat: async fn does_not_wait(&self, request: &Value) -> Value)]
#[instrumented(chat: fn changes(&self, request: &Value) -> Value)]
struct Gateway;

impl Gateway {
    fn argument(&self, request: &Value) -> Value {
        request.clone()
    }

    fn number(&self, request: &Value) -> Value {
        request.clone()
    }

    fn returns(&self, request: &Value) -> Result<Value, u8> {
        Ok(request.clone())
    }

    async fn waits(&self, request: &Value) -> Value {
        request.clone()
    }

    fn does_not_wait(&self, request: &Value) -> Value {
        request.clone()
    }

    fn changes(&mut self, request: &Value) -> Value {
        request.clone()
    }
}

fn main() {}
