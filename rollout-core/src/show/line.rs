//! A recorded event, read leniently: what is missing or of another type is not known.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};

use crate::clock::Timestamp;

static NOTHING: Value = Value::Null;

/// An event, or an object inside it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a>(&'a Value);

impl<'a> Line<'a> {
    pub(crate) fn new(value: &'a Value) -> Self {
        Self(value)
    }

    /// Returns what is under a key, unless it is null.
    pub(crate) fn get(self, key: &str) -> Option<&'a Value> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    /// Returns the object under a key, or an empty one.
    pub(crate) fn object(self, key: &str) -> Line<'a> {
        Line(self.0.get(key).unwrap_or(&NOTHING))
    }

    pub(crate) fn map(self, key: &str) -> Option<&'a Map<String, Value>> {
        self.0.get(key)?.as_object()
    }

    pub(crate) fn list(self, key: &str) -> &'a [Value] {
        self.0
            .get(key)
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    /// Returns the text under a key, unless it is empty.
    pub(crate) fn text(self, key: &str) -> Option<&'a str> {
        self.0.get(key)?.as_str().filter(|text| !text.is_empty())
    }

    pub(crate) fn string(self, key: &str) -> Option<String> {
        self.text(key).map(str::to_owned)
    }

    /// Returns the texts in the list under a key.
    pub(crate) fn texts(self, key: &str) -> Vec<String> {
        self.list(key)
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    }

    pub(crate) fn count(self, key: &str) -> Option<u64> {
        self.0.get(key)?.as_u64()
    }

    pub(crate) fn number(self, key: &str) -> Option<f64> {
        self.0
            .get(key)?
            .as_f64()
            .filter(|number| number.is_finite())
    }

    pub(crate) fn time(self, key: &str) -> Option<Timestamp> {
        let text = self.text(key)?;
        let in_utc = humantime::parse_rfc3339(text).ok();
        in_utc.or_else(|| elsewhere(text)).map(Timestamp::from)
    }

    /// Returns the number of seconds under a key.
    pub(crate) fn seconds(self, key: &str) -> Option<Duration> {
        Duration::try_from_secs_f64(self.number(key)?).ok()
    }

    /// Returns the number of milliseconds under a key.
    pub(crate) fn millis(self, key: &str) -> Option<Duration> {
        Duration::try_from_secs_f64(self.number(key)? / 1e3).ok()
    }

    /// Returns the trace that the event belongs to: its id, or the program's own.
    pub(crate) fn trace(self) -> Option<&'a str> {
        self.text("trace_id")
            .or_else(|| self.text("external_trace_id"))
    }

    /// Returns what tells the event from every other.
    pub(crate) fn fingerprint(self) -> u64 {
        // Not a random hasher: it decides which of two contradicting events counts, each time alike.
        let mut hasher = DefaultHasher::new();
        match self.text("event_id") {
            Some(id) => id.hash(&mut hasher),
            None => self.0.to_string().hash(&mut hasher),
        }
        hasher.finish()
    }
}

/// Returns the moment that a text tells in another zone: `2026-01-01T02:00:00+02:00`.
fn elsewhere(text: &str) -> Option<SystemTime> {
    let (local, offset) = text.split_at_checked(text.len().checked_sub(6)?)?;
    let local = humantime::parse_rfc3339(&format!("{local}Z")).ok()?;
    let (is_ahead, hours) = match offset.strip_prefix('+') {
        Some(hours) => (true, hours),
        None => (false, offset.strip_prefix('-')?),
    };
    let (hours, minutes) = hours.split_once(':')?;
    let (hours, minutes): (u64, u64) = (hours.parse().ok()?, minutes.parse().ok()?);
    let offset = Duration::from_secs((hours * 60 + minutes) * 60);
    if is_ahead {
        local.checked_sub(offset)
    } else {
        local.checked_add(offset)
    }
}
