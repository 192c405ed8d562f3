//! Names that are keywords.

#![allow(non_camel_case_types)]

use rollout::Instrumented;
use serde_json::Value;

#[derive(Instrumented)]
#[instrumented(provider = "openai", wrapper = r#dyn)]
#[instrumented(chat(request = r#type): fn r#match(&self, r#type: Value, r#fn: u8) -> Value)]
struct r#struct;

#[derive(Instrumented)]
#[instrumented(provider = "openai")]
#[instrumented(chat: fn r#match(&self, r#type: Value) -> Value)]
struct r#Trait;

impl r#struct {
    fn r#match(&self, r#type: Value, r#fn: u8) -> Value {
        assert_eq!(r#fn, 1);
        r#type
    }
}

impl Trait {
    fn r#match(&self, r#type: Value) -> Value {
        r#type
    }
}

#[rollout::llm(provider = "openai", operation = "chat", request = r#type)]
fn r#match(r#type: Value, r#fn: u8) -> Value {
    assert_eq!(r#fn, 1);
    r#type
}

fn main() {
    let client: r#dyn = rollout::wrap(r#struct);
    assert!(client.r#match(Value::Null, 1).is_null());
    assert_eq!(format!("{client:?}"), "dyn { .. }");
    let client: InstrumentedTrait = rollout::wrap(Trait);
    assert!(client.r#match(Value::Null).is_null());
    assert!(r#match(Value::Null, 1).is_null());
}
