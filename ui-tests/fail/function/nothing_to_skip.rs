//! `skip` where nothing is captured.

#[rollout::agent(capture_input = false, skip(_secret))]
fn switched_off(_secret: &str) {}

#[rollout::span("retrieval", skip(_secret))]
fn off_by_itself(_secret: &str) {}

fn main() {
    switched_off("");
    off_by_itself("");
}
