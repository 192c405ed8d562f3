//! Calls through async-openai, as it is and recorded, side by side: what the caller gets is the same.

#[allow(dead_code, reason = "shared with the tests of the blocking twin")]
#[path = "../blocking/harness.rs"]
mod calls;

mod ends;
mod failures;
mod harness;
mod media;
mod options;
mod propagation;
mod unchanged;
mod wire;
