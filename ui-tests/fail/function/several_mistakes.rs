//! All that is wrong is said at once, and nothing else.

#[rollout::agent("", nmae = "x", capture_input = 1, flush = "soon", tool_call_id = id, skip(nobody))]
const fn answer(id: u32) -> u32 {
    id
}

fn main() {
    let _: u32 = answer(1);
}
