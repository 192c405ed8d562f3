//! An integration whose cargo feature is off: the compiler names the feature.

fn ask(_client: &rollout::anthropic::Client) {}

fn main() {
    let _ = rollout::integrations::anthropic::wrap_anthropic;
}
