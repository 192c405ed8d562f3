//! All that is wrong is said at once, and nothing else: the struct and its recorded twin are there.

use rollout::Instrumented;
use serde_json::Value;

#[derive(Debug, Instrumented)]
#[instrumented(provider = "opnai", lable = "x")]
#[instrumented(chta: fn ask(&self, request: Value) -> Value)]
#[instrumented(chat: fn tell(&self, question: Value, body: Value) -> Value)]
#[instrumented(chat: fn look() -> Value)]
struct Gateway;

fn main() {
    println!("{Gateway:?}");
    let gateway: InstrumentedGateway = rollout::wrap(Gateway);
    let _: Value = gateway.ask(Value::Null);
    let _: Value = gateway.tell(Value::Null, Value::Null);
}
