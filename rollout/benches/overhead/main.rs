//! What recording costs on the caller's thread: each thing with and without it, in one run.
//!
//! `cargo bench -p rollout --features openai-middleware,testing`
//!
//! Both sides of a row do the same work, in turns, and the difference of the medians is the cost. The
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

mod functions;
mod harness;
mod model;
mod peer;
mod transport;

use harness::Table;
use rollout::{Batch, Exporter, Receipt, Rollout};
use std::sync::Arc;

/// Takes everything, and does with it what every exporter has to: make lines of it.
struct Discard;

impl Exporter for Discard {
    fn name(&self) -> &'static str {
        "discard"
    }

    fn export(&mut self, batch: Arc<Batch>, receipt: Receipt) {
        std::hint::black_box(batch.lines());
        receipt.delivered();
    }
}

fn recorder(sample_rate: f64) -> Rollout {
    Rollout::builder()
        .exporter(Discard)
        .sample_rate(sample_rate)
        .max_queue_events(100_000)
        .max_queue_bytes(1 << 30)
        .build()
        .unwrap()
}

fn main() {
    // `cargo test` builds and runs benches too; one round shows that they work.
    let rounds = if std::env::args().any(|argument| argument == "--bench") {
        400
    } else {
        1
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut table = Table::new(rounds);
    functions::run(&mut table, &runtime);
    model::run(&mut table, &runtime);
    table.print();
}
