//! A client that is supported, while the feature for it is off: the note names it.

fn main() {
    let _ = rollout::wrap(claude_api::Client::new("a key"));
}
