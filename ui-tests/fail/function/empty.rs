//! Texts that say nothing.

#[rollout::agent("")]
fn name() {}

#[rollout::tool(name = " ")]
fn blank_name() {}

#[rollout::span("")]
fn kind() {}

#[rollout::tool(attributes("" = 1))]
fn key() {}

fn main() {
    name();
    blank_name();
    kind();
    key();
}
