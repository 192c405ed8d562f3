use std::fmt;

use serde_json::Value;

/// What came of a [`check`](super::check).
///
/// ```no_run
/// let report = rollout_core::check().quiet().run();
/// println!("{report}"); // what came of it in a line
/// for event in &report.errors {
///     println!("{event:?}");
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CheckReport {
    /// Whether all of it was taken.
    pub ok: bool,
    /// How many of the three events were stored.
    pub accepted: u64,
    /// How many were refused.
    pub rejected: u64,
    /// Which were refused, and why.
    pub errors: Vec<RejectedEvent>,
    /// What came of it in a line, which is also what [`Display`](fmt::Display) shows.
    pub message: String,
}

/// An event that the ingest API refused.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RejectedEvent {
    /// Its place among those that were sent, from 0.
    pub index: u64,
    /// The API's code for the reason.
    pub code: String,
    /// The reason.
    pub message: String,
}

impl CheckReport {
    pub(crate) fn failed(why: impl Into<String>) -> Self {
        Self {
            ok: false,
            accepted: 0,
            rejected: 0,
            errors: Vec::new(),
            message: why.into(),
        }
    }

    /// Returns the report where the answer was never given, which is a fault of ours.
    pub(super) fn unknown() -> Self {
        Self::failed("the check ended without an answer, which is a bug of rollout")
    }

    /// Reads the body of an answer that says that so many events are stored. Whatever it does not say
    /// is taken for good news, as when events are delivered.
    pub(crate) fn read(body: &[u8], sent: u64, to: &str) -> Self {
        let answer: Value = serde_json::from_slice(body).unwrap_or_default();
        let count = |key| answer.get(key).and_then(Value::as_u64);
        let errors: Vec<_> = answer
            .get("errors")
            .and_then(Value::as_array)
            .map_or(&[][..], Vec::as_slice)
            .iter()
            .map(RejectedEvent::read)
            .collect();
        let told = u64::try_from(errors.len()).unwrap_or(u64::MAX);
        let rejected = count("rejected").unwrap_or(told);
        let accepted = count("accepted").unwrap_or_else(|| sent.saturating_sub(rejected));
        let ok = accepted == sent && rejected == 0;
        let message = match errors.first() {
            _ if ok => format!("{to} takes what this program sends"),
            Some(first) => format!(
                "{to} stored {accepted} of {sent} events; event {}: {}",
                first.index, first.message
            ),
            None => format!("{to} stored {accepted} of {sent} events"),
        };
        Self {
            ok,
            accepted,
            rejected,
            errors,
            message,
        }
    }
}

impl RejectedEvent {
    fn read(error: &Value) -> Self {
        let text = |key| {
            let text = error.get(key).and_then(Value::as_str).unwrap_or_default();
            text.chars().filter(|c| !c.is_control()).take(200).collect()
        };
        Self {
            index: error.get("index").and_then(Value::as_u64).unwrap_or(0),
            code: text("code"),
            message: text("message"),
        }
    }
}

impl fmt::Display for CheckReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
