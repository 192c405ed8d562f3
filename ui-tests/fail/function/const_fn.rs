//! What runs in the compiler can't be recorded.

#[rollout::tool]
const fn add(a: u32, b: u32) -> u32 {
    a + b
}

const SUM: u32 = add(1, 2);

fn main() {
    let _ = SUM;
}
