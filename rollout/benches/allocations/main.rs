//! What recording allocates on the caller's thread: each thing with and without it.
//!
//! `cargo bench -p rollout --features openai-middleware,testing --bench allocations`
//!
//! Apart from the bench of the time, as an allocator that counts takes time. What the worker allocates
//! is not the caller's.

#![allow(missing_docs, reason = "a program")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    reason = "a program that measures"
)]

mod harness;
#[path = "../rows/mod.rs"]
mod rows;

fn main() {
    rows::run();
}
