//! What is measured, whatever is measured of it.

mod functions;
mod model;
mod peer;
mod transport;

use std::sync::Arc;

use rollout::{Batch, Exporter, Receipt, Rollout};

use crate::harness::Table;

/// Fills the table. `-- layered` on the command line takes the rows with that in their name.
pub(crate) fn run() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo test` builds and runs benches too; one round shows that they work.
    let rounds = if arguments.iter().any(|argument| argument == "--bench") {
        400
    } else {
        1
    };
    let only = arguments
        .into_iter()
        .find(|argument| !argument.starts_with('-'));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut table = Table::new(rounds, only);
    functions::run(&mut table, &runtime);
    model::run(&mut table, &runtime);
    table.print();
}

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
