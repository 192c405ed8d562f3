//! Events in memory: for tests, ours and everybody's.

use std::sync::{Arc, Mutex, PoisonError};

use super::Exporter;
use crate::pipeline::batch::{Batch, Receipt};
use crate::protocol::Event;
use crate::show;

/// Keeps events, to be looked at in tests. Clones share them.
///
/// ```
/// # use rollout_core as rollout;
/// use rollout::{MemoryExporter, Rollout};
/// use std::time::Duration;
///
/// let memory = MemoryExporter::new();
/// let rollout = Rollout::builder().exporter(memory.clone()).build()?;
/// rollout.context().in_scope(|| rollout::span("retrieval").start().end());
/// rollout.flush(Duration::from_secs(5))?;
/// assert_eq!(memory.names(), ["trace.start", "span.start", "span.end", "trace.end"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct MemoryExporter {
    events: Arc<Mutex<Vec<Event>>>,
}

impl MemoryExporter {
    /// Returns an exporter without events.
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the events so far, in the order in which they happened.
    pub fn events(&self) -> Vec<Event> {
        self.events
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Returns the types of the events so far.
    pub fn names(&self) -> Vec<&'static str> {
        self.events()
            .iter()
            .map(|event| event.event_type().as_str())
            .collect()
    }

    /// Returns the runs so far.
    pub fn runs(&self) -> Vec<show::Run> {
        let events = self.events();
        let events: Vec<_> = events
            .iter()
            .filter_map(|event| serde_json::to_value(event).ok())
            .collect();
        show::runs(&events)
    }

    /// Returns the runs so far as trees, for tests that look at all of it at once.
    pub fn tree(&self) -> String {
        let trees: Vec<String> = self.runs().iter().map(ToString::to_string).collect();
        trees.join("\n")
    }

    /// Forgets the events.
    pub fn clear(&self) {
        self.events
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

impl Exporter for MemoryExporter {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn export(&mut self, batch: Arc<Batch>, receipt: Receipt) {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.extend_from_slice(batch.events());
        receipt.delivered();
    }
}
