//! An option in the wrong place: where it belongs.

#[rollout::agent(tool_call_id = "call_1")]
fn agent() {}

#[rollout::span("retrieval", external_trace_id = "ticket-7")]
fn span() {}

#[rollout::tool(flush = "wait")]
fn tool() {}

fn main() {
    agent();
    span();
    tool();
}
