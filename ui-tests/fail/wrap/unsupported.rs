//! What is no client that rollout knows is refused by the compiler.

struct Gateway;

fn main() {
    rollout::wrap(42);
    rollout::wrap(Gateway);
    rollout::wrap_with("text", rollout::WrapOptions::new());
}
