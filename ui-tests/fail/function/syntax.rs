//! Brackets that can't be read.

#[rollout::agent("desk" "two")]
fn no_comma() {}

#[rollout::agent(name: "desk")]
fn colon() {}

#[rollout::agent = "desk"]
fn no_brackets() {}

fn main() {
    no_comma();
    colon();
    no_brackets();
}
