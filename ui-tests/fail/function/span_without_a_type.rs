//! A span is of some type.

#[rollout::span]
fn bare() {}

#[rollout::span(name = "search")]
fn only_a_name() {}

fn main() {
    bare();
    only_a_name();
}
