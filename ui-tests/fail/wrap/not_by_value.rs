//! A client that can be wrapped, behind a pointer.

use std::sync::Arc;

#[derive(Clone, rollout::Instrumented)]
#[instrumented(provider = "openai")]
#[instrumented(chat: fn ask(&self, request: &str) -> String)]
struct Gateway;

impl Gateway {
    fn ask(&self, request: &str) -> String {
        request.to_owned()
    }
}

fn main() {
    let gateway = Gateway;
    rollout::wrap(&gateway);
    rollout::wrap(Arc::new(gateway));
}
