//! What a span says of itself: its fields, by their names.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

use serde_json::Value;
use tracing_core::Event;
use tracing_core::field::{Field, Visit};

use crate::capture::text::said;
use crate::failure::Failure;
use crate::pipeline::redact;

/// A text is kept up to here; messages with pictures in them can be of any length.
const TEXT_BYTES: usize = 4 * 1024 * 1024;

/// The fields of a span that were given a value, by their names.
#[derive(Debug, Default)]
pub(super) struct Fields(BTreeMap<&'static str, Value>);

impl Fields {
    /// Returns a value; it stays.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Takes the first of these that is there, and forgets the others: they are names of one thing.
    pub(super) fn take(&mut self, names: &[&str]) -> Option<Value> {
        names
            .iter()
            .fold(None, |found, name| found.or(self.0.remove(*name)))
    }

    pub(super) fn take_text(&mut self, names: &[&str]) -> Option<String> {
        match self.take(names)? {
            Value::String(text) if text.is_empty() => None,
            Value::String(text) => Some(text),
            Value::Null => None,
            other => Some(other.to_string()),
        }
    }

    /// Returns a count, also one that is told as a text or a fraction without a rest.
    pub(super) fn take_count(&mut self, names: &[&str]) -> Option<u64> {
        match self.take(names)? {
            Value::Number(number) => number.as_u64().or_else(|| {
                let number = number.as_f64()?;
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "checked to be a count"
                )]
                (number >= 0.0 && number.fract() == 0.0 && number < 9e15).then_some(number as u64)
            }),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// Forgets what was consumed.
    pub(super) fn forget_usage(&mut self) {
        self.0.retain(|name, _| !name.starts_with("gen_ai.usage."));
    }

    /// Returns what is there; it stays.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.0.iter().map(|(name, value)| (*name, value))
    }

    /// Says something that is told in another way.
    pub(super) fn put(&mut self, name: &'static str, value: Value) {
        self.0.insert(name, value);
    }

    /// Takes what is left.
    pub(super) fn rest(&mut self) -> impl Iterator<Item = (&'static str, Value)> + use<> {
        std::mem::take(&mut self.0).into_iter()
    }

    fn set(&mut self, field: &Field, value: impl Into<Value>) {
        self.0.insert(field.name(), value.into());
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // The program's own `Debug` may fail, or say more than we keep.
        let text = said(format_args!("{value:?}"), TEXT_BYTES);
        self.set(field, text.map(|said| said.text).unwrap_or_default());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, beginning(value, TEXT_BYTES));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, value);
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.set(field, value.to_string());
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.set(field, value.to_string());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let text = said(format_args!("{value}"), TEXT_BYTES);
        let text = text.map(|said| said.text).unwrap_or_default();
        self.set(field, redact::text(&text).into_owned());
    }
}

/// What an event of the level `ERROR` says went wrong.
pub(super) struct Failed;

impl Failed {
    pub(super) fn of(event: &Event<'_>) -> Failure {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let error = fields.take_text(&["error", "err", "exception.message"]);
        let message = fields.take_text(&["message"]);
        let kind = fields.take_text(&["error.type", "exception.type"]);
        let text = match (message, error) {
            (Some(message), Some(error)) => format!("{message}: {error}"),
            (message, error) => message.or(error).unwrap_or_default(),
        };
        Failure {
            kind: kind.unwrap_or_else(|| "error".to_owned()),
            message: redact::text(&text).into_owned(),
            ..Failure::default()
        }
    }
}

/// Returns the beginning of a text, of so many bytes at most.
fn beginning(text: &str, bytes: usize) -> &str {
    let mut fits = bytes.min(text.len());
    while !text.is_char_boundary(fits) {
        fits -= 1;
    }
    text.get(..fits).unwrap_or(text)
}
