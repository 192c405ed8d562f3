//! Clients that a macro of the program's writes.

use rollout::Instrumented;
use serde_json::Value;

macro_rules! client {
    (
        $(#[$attr:meta])* $vis:vis struct $name:ident { $($field:ident: $field_ty:ty),* }
        $provider:literal $operation:ident $method:ident($($arg:ident: $ty:ty),*) -> $out:ty
    ) => {
        $(#[$attr])*
        #[derive(Instrumented)]
        #[instrumented(provider = $provider)]
        #[instrumented($operation: fn $method(&self, $($arg: $ty),*) -> $out)]
        $vis struct $name { $($field: $field_ty),* }

        impl $name {
            fn $method(&self, $($arg: $ty),*) -> $out {
                $(let _ = &self.$field;)*
                $($arg.clone())*
            }
        }
    };
}

client! {
    #[derive(Clone)]
    pub(crate) struct Gateway { api_key: String, timeout: Option<u32> }
    "openai" chat ask(request: &Value) -> Value
}

macro_rules! declared {
    ($($declaration:tt)*) => {
        #[derive(Instrumented)]
        #[instrumented(provider = "anthropic")]
        #[instrumented(messages: $($declaration)*)]
        struct Other;
    };
}

declared!(async fn create(&self, request: Value) -> Result<Value, String>);

impl Other {
    async fn create(&self, request: Value) -> Result<Value, String> {
        Ok(request)
    }
}

fn main() {
    let gateway = rollout::wrap(Gateway {
        api_key: String::new(),
        timeout: None,
    });
    assert!(gateway.clone().ask(&Value::Null).is_null());
    drop(rollout::wrap(Other).create(Value::Null));
}
