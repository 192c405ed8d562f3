//! Events that leave together, and the receipts for them.

mod receipt;

pub use receipt::Receipt;
pub(crate) use receipt::{InFlight, Receipts};

use std::fmt;
use std::sync::OnceLock;

use bytes::Bytes;

use crate::protocol::Event;

/// Events for an exporter, in the order in which they happened.
///
/// ```
/// use rollout_core::{Batch, protocol::EventType};
///
/// /// What an exporter may do with it.
/// fn traces_that_ended(batch: &Batch) -> usize {
///     let ends = batch.events().iter().filter(|event| event.event_type() == EventType::TraceEnd);
///     ends.count()
/// }
/// ```
pub struct Batch {
    events: Vec<Event>,
    lines: OnceLock<Vec<Bytes>>,
}

impl Batch {
    pub(crate) fn new(events: Vec<Event>) -> Self {
        Self {
            events,
            lines: OnceLock::new(),
        }
    }

    /// Returns the events.
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// Returns each event as JSON on one line, without a line break; made once for all exporters.
    pub fn lines(&self) -> &[Bytes] {
        self.lines.get_or_init(|| {
            // Only maps with keys that are no strings can't be written, and an event has none.
            self.events
                .iter()
                .map(|event| event.to_json().unwrap_or_default().into())
                .collect()
        })
    }

    /// Returns the number of events.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Returns whether there are no events.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Batch({} events)", self.len())
    }
}
