//! What recording costs on the caller's thread: each thing with and without it, in one run.
//!
//! `cargo bench -p rollout --features openai-middleware,testing --bench overhead`
//!
//! Both sides of a row do the same work, in turns, and the median of the differences is the cost. The
//! worker runs all the time, and what it is behind with is waited for outside of the clock. The rows
//! with `tracing` record the same data by hand through `tracing` and `tracing-opentelemetry`, into a
//! batch exporter that throws it away.

#![allow(missing_docs, reason = "a program")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::cast_precision_loss,
    reason = "a program that measures"
)]

mod harness;
#[path = "../rows/mod.rs"]
mod rows;

fn main() {
    rows::run();
}
