//! Streams that are none, or not as declared.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use rollout::Instrumented;
use serde_json::Value;

struct Chunks;

impl Stream for Chunks {
    type Item = Value;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Value>> {
        Poll::Ready(None)
    }
}

#[derive(Instrumented)]
#[instrumented(provider = "openai")]
#[instrumented(chat(stream): fn whole(&self, request: &Value) -> Result<Value, String>)]
#[instrumented(chat(stream): fn own_type(&self, request: &Value) -> Chunks)]
#[instrumented(chat: fn unsaid(&self, request: &Value) -> Chunks)]
struct Gateway;

impl Gateway {
    fn whole(&self, request: &Value) -> Result<Value, String> {
        Ok(request.clone())
    }

    fn own_type(&self, _: &Value) -> Chunks {
        Chunks
    }

    fn unsaid(&self, _: &Value) -> Chunks {
        Chunks
    }

}

fn main() {}
