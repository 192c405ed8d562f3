//! What code inside a trace or a span tells of it without holding its handle.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use serde_json::Value;

use crate::capture::Payload;
use crate::failure::Failure;
use crate::provider::Usage;
use crate::record::{End, Known, Outcome};

/// Made with the first thing that is told: most code tells nothing, and is to pay for nothing.
#[derive(Debug, Default)]
pub(crate) struct Noted(OnceLock<Box<Mutex<Told>>>);

#[derive(Debug, Default)]
struct Told {
    known: Known,
    output: Option<Payload>,
    failure: Option<Box<Failure>>,
}

impl Noted {
    pub(crate) fn set_attribute(&self, key: String, value: Value) {
        self.told().known.attributes.insert(key, value);
    }

    pub(crate) fn set_usage(&self, usage: Usage) {
        let mut told = self.told();
        told.known.usage.get_or_insert_default().update(usage);
    }

    pub(crate) fn set_model(&self, provider: String, model: String) {
        let known = &mut self.told().known;
        (known.provider, known.model) = (Some(provider), Some(model));
    }

    pub(crate) fn set_output(&self, output: Payload) {
        self.told().output = Some(output);
    }

    pub(crate) fn set_failure(&self, failure: Failure) {
        self.told().failure = Some(Box::new(failure));
    }

    /// Adds it to what is known at the end, over which it wins. Only how it went is decided by whoever
    /// ends it, unless that was well.
    pub(crate) fn add_to(&self, end: &mut End) {
        let Some(told) = self.0.get() else { return };
        let Told {
            known,
            output,
            failure,
        } = std::mem::take(&mut *lock(told));
        if let Some(output) = output {
            end.output = output;
        }
        if let (Outcome::Ok, Some(failure)) = (&end.outcome, failure) {
            end.outcome = Outcome::Failed(failure);
        }
        end.known.get_or_insert_default().update(known);
    }

    fn told(&self) -> MutexGuard<'_, Told> {
        lock(self.0.get_or_init(Box::default))
    }
}

fn lock(told: &Mutex<Told>) -> MutexGuard<'_, Told> {
    told.lock().unwrap_or_else(PoisonError::into_inner)
}
