//! The crate under another name, and behind a path of one's own.

extern crate rollout as recorder;

use serde_json::Value;

mod deps {
    pub(crate) mod observability {
        pub(crate) use recorder;
    }
}

#[derive(recorder::Instrumented)]
#[instrumented(provider = "openai", crate = crate::deps::observability::recorder)]
#[instrumented(chat: fn ask(&self, request: &Value) -> Value)]
#[instrumented(chat: fn chunks(&self, request: &Value) -> impl Iterator<Item = Value> + use<>)]
struct Gateway;

impl Gateway {
    fn ask(&self, request: &Value) -> Value {
        request.clone()
    }

    fn chunks(&self, request: &Value) -> std::iter::Once<Value> {
        std::iter::once(request.clone())
    }
}

#[recorder::llm(provider = "openai", operation = "chat", model = "m", attributes(a = 1), crate = recorder)]
async fn ask(request: &Value) -> Value {
    request.clone()
}

fn main() {
    let gateway = recorder::wrap(Gateway);
    assert_eq!(gateway.ask(&Value::Null), Value::Null);
    assert_eq!(gateway.chunks(&Value::Null).count(), 1);
    drop(ask(&Value::Null));
}
