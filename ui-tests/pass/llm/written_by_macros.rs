//! Calls to a model that a macro of the program's writes.

use serde_json::{Value, json};

macro_rules! call {
    ($(#[$attr:meta])* $provider:literal $operation:literal $name:ident($request:ident: $ty:ty) -> $out:ty $body:block) => {
        $(#[$attr])*
        #[rollout::llm(provider = $provider, operation = $operation)]
        async fn $name($request: $ty) -> $out $body
    };
}

call! {
    /// Asks.
    "openai" "chat" ask(request: &Value) -> Result<Value, String> { Ok(request.clone()) }
}

struct Gateway;

macro_rules! methods {
    ($($name:ident),*) => {
        impl Gateway {
            $(
                #[rollout::llm(provider = "anthropic", operation = "messages")]
                fn $name(&self, request: Value) -> Value {
                    request
                }
            )*
        }
    };
}

methods!(create, create_again);

fn main() {
    let request = json!({"model": "m"});
    drop(ask(&request));
    assert_eq!(Gateway.create(request.clone()), request);
    assert_eq!(Gateway.create_again(request.clone()), request);
}
