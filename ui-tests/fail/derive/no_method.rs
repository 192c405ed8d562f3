//! A client of which nothing would be recorded.

use rollout::Instrumented;

#[derive(Instrumented)]
#[instrumented(provider = "openai")]
struct Silent;

#[derive(Instrumented)]
struct Empty;

fn main() {
    rollout::wrap(Silent).into_inner();
}
