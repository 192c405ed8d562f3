//! An option that is none: what was meant, else what there is.

#[rollout::agent(nmae = "desk")]
fn misspelled() {}

#[rollout::tool(capture_inputs = false, tool_callid = "call_1")]
fn two_of_them() {}

#[rollout::span("retrieval", verbose)]
fn nothing_like_it() {}

#[rollout::agent(some::path = 1)]
fn a_path() {}

fn main() {
    misspelled();
    two_of_them();
    nothing_like_it();
    a_path();
}
