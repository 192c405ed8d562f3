//! A destination of one's own: an exporter that keeps the books on what each model costs.
//!
//! `cargo run --example custom_exporter`
//!
//! It is called on the client's worker, with what the scrubber has already seen. Others may be active
//! beside it; here that is the local folder.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use rollout::Usage;
use rollout::protocol::EventType;
use rollout::{Batch, Exporter, Receipt};

const FOLDER: &str = ".rollout";

/// Calls and tokens, by model.
type Books = Arc<Mutex<BTreeMap<String, (u64, u64)>>>;

struct Bookkeeper {
    books: Books,
}

impl Exporter for Bookkeeper {
    fn name(&self) -> &str {
        "bookkeeper"
    }

    /// Should not take long. What does belongs on a thread of the exporter's own, which the receipt may
    /// be handed to.
    fn export(&mut self, batch: Arc<Batch>, receipt: Receipt) {
        let mut books = self.books.lock().unwrap_or_else(PoisonError::into_inner);
        for event in batch.events() {
            let is_call = event.span_type.as_deref() == Some("llm");
            if event.event_type() == EventType::SpanEnd && is_call {
                let model = event.model.model.clone().unwrap_or_default();
                let (calls, tokens) = books.entry(model).or_default();
                *calls += 1;
                *tokens += event.usage.total_tokens.unwrap_or_default();
            }
        }
        receipt.delivered(); // else the events count as lost
    }
}

#[rollout::agent]
fn digest(models: &[&'static str]) {
    for (model, tokens) in models.iter().zip(100..) {
        let call = rollout::llm("local.generate").provider("llama.cpp");
        call.model(*model)
            .start()
            .set_usage(Usage::default().with_total_tokens(tokens));
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let books = Books::default();
    let bookkeeper = Bookkeeper {
        books: Arc::clone(&books),
    };
    let recording = rollout::builder()
        .exporter(bookkeeper)
        .local_dir(FOLDER)
        .init()?;
    digest(&["qwen3-4b", "gemma-3n", "qwen3-4b"]);
    drop(recording); // delivers what is left

    for (model, (calls, tokens)) in &*books.lock().unwrap_or_else(PoisonError::into_inner) {
        println!("{model}: {calls} calls, {tokens} tokens");
    }
    if let Some(run) = rollout::show::latest(FOLDER)? {
        println!("\n{}", run.tree().width(120));
    }
    Ok(())
}
