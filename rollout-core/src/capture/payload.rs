use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use serde::Serialize;
use serde_json::Value;

use super::text::said;
use super::writer::{Limits, Written, to_json};
use crate::protocol::Json;

/// A value on its way to the worker: bytes that are lent, a clone to be serialised there, or JSON
/// that had to be written at once because the value does not outlive the call.
///
/// Making one is cheap, and never fails.
///
/// ```
/// use rollout_core::Payload;
///
/// // Handed over, and serialised on the worker:
/// let answer = Payload::defer(vec!["in transit", "delivered"]);
/// // Only borrowed, and so serialised at once; no more than a kilobyte of it:
/// let question = String::from("Where is my order?");
/// let asked = Payload::serialize(&question, 1024);
/// assert!(!answer.is_none() && !asked.is_none());
/// ```
#[derive(Default)]
pub struct Payload(Repr);

#[derive(Default)]
enum Repr {
    #[default]
    None,
    Json(Written),
    Bytes(Bytes),
    Deferred(Box<dyn Deferred>),
    Object(Vec<(&'static str, Payload)>),
    List(Vec<Payload>),
}

/// A value that the worker serialises.
trait Deferred: Send {
    fn write(&self, limits: Limits) -> Result<Written, String>;
    fn size(&self) -> usize;
}

/// A payload's JSON.
#[derive(Debug)]
pub(crate) struct Resolved {
    pub(crate) json: Json,
    pub(crate) truncated: bool,
}

impl Payload {
    /// Returns the payload that says that nothing was captured.
    pub fn none() -> Self {
        Self(Repr::None)
    }

    /// Takes bytes as they were on the wire, by reference count. They need not be valid JSON.
    pub fn bytes(bytes: Bytes) -> Self {
        Self(Repr::Bytes(bytes))
    }

    /// Takes a value, usually a clone, which the worker serialises.
    ///
    /// ```
    /// # use rollout_core::Payload;
    /// let request = vec!["where is my order?".to_owned()];
    /// let payload = Payload::defer(request.clone());
    /// ```
    pub fn defer<T: Serialize + Send + 'static>(value: T) -> Self {
        Self(Repr::Deferred(Box::new(value)))
    }

    /// Serialises a value now, for what can't be cloned or does not outlive the call.
    ///
    /// At most `limit` bytes of JSON are written, of a single text at most a quarter of that; the rest
    /// is left out, and the record says so.
    pub fn serialize<T: Serialize + ?Sized>(value: &T, limit: usize) -> Self {
        Self(Repr::Json(write_safely(limit, || {
            to_json(value, Limits::shared(limit))
        })))
    }

    /// Writes a value's `Debug` text now.
    pub fn debug<T: fmt::Debug + ?Sized>(value: &T, limit: usize) -> Self {
        Self(Repr::Json(write_safely(limit, || {
            let said = said(format_args!("{value:?}"), limit).ok_or(PANICKED)?;
            let mut written = to_json(&said.text, Limits::bytes(limit))?;
            written.truncated |= said.cut;
            Ok(written)
        })))
    }

    /// Takes a short text.
    pub fn text(text: &str) -> Self {
        Self(Repr::Json(write_safely(text.len(), || {
            to_json(text, Limits::bytes(usize::MAX))
        })))
    }

    /// Takes a JSON value.
    pub fn value(value: Value) -> Self {
        Self::defer(value)
    }

    /// Puts captured values together as one object, on the worker.
    pub(crate) fn object(members: Vec<(&'static str, Self)>) -> Self {
        Self(Repr::Object(members))
    }

    /// Puts captured values together as one list, on the worker.
    pub(crate) fn list(items: Vec<Self>) -> Self {
        Self(Repr::List(items))
    }

    /// Returns what stands for a payload that there was no room for.
    pub(crate) fn left_out() -> Self {
        let json = r#""[left out: the queue was full]""#.to_owned();
        Self(Repr::Json(Written {
            json,
            truncated: true,
        }))
    }

    /// Returns whether nothing was captured.
    pub fn is_none(&self) -> bool {
        matches!(self.0, Repr::None)
    }

    /// Returns about how many bytes it takes while it waits.
    pub(crate) fn size(&self) -> usize {
        match &self.0 {
            Repr::None => 0,
            Repr::Json(written) => written.json.len(),
            Repr::Bytes(bytes) => bytes.len(),
            Repr::Deferred(value) => value.size(),
            Repr::Object(members) => members.iter().map(|(_, value)| value.size()).sum(),
            Repr::List(items) => items.iter().map(Self::size).sum(),
        }
    }

    /// Returns the JSON text that was written already; for tests of the capturing itself.
    #[cfg(test)]
    pub(crate) fn written(&self) -> Option<&str> {
        match &self.0 {
            Repr::Json(written) => Some(&written.json),
            _ => None,
        }
    }

    /// Does the work that was put off. Called on the worker.
    pub(crate) fn resolve(self, limit: usize) -> Option<Resolved> {
        let written = match self.0 {
            Repr::None => return None,
            Repr::Json(written) => written,
            Repr::Bytes(bytes) => return Some(from_wire(&bytes)),
            Repr::Deferred(value) => write_safely(limit, || value.write(Limits::bytes(limit))),
            Repr::Object(members) => {
                let (names, values): (Vec<_>, Vec<_>) = members.into_iter().unzip();
                let (values, truncated) = resolve_all(values, limit);
                let members = names.into_iter().map(str::to_owned).zip(values);
                let json = Value::Object(members.collect()).into();
                return Some(Resolved { json, truncated });
            }
            Repr::List(items) => {
                let (items, truncated) = resolve_all(items, limit);
                return Some(Resolved {
                    json: Value::Array(items).into(),
                    truncated,
                });
            }
        };
        let Written { json, truncated } = written;
        let json = Json::from_text(json).unwrap_or_default();
        Some(Resolved { json, truncated })
    }
}

/// Returns the values of payloads, `null` where nothing was captured, and whether one is truncated.
fn resolve_all(payloads: Vec<Payload>, limit: usize) -> (Vec<Value>, bool) {
    let mut truncated = false;
    let values = payloads.into_iter().map(|payload| {
        let Some(resolved) = payload.resolve(limit) else {
            return Value::Null;
        };
        truncated |= resolved.truncated;
        resolved.json.to_value()
    });
    (values.collect(), truncated)
}

/// Returns what a body says: its JSON, else its text.
fn from_wire(bytes: &[u8]) -> Resolved {
    let text = String::from_utf8_lossy(bytes);
    let json = Json::parse(&text).unwrap_or_else(|| Value::String(text.into_owned()).into());
    Resolved {
        json,
        truncated: false,
    }
}

/// What is recorded of a value whose code panics.
const PANICKED: &str = "its serialisation panicked";

/// Runs code of the program's (`Serialize`, `Debug`); its failures and panics end here.
fn write_safely(limit: usize, write: impl FnOnce() -> Result<Written, String>) -> Written {
    let failure = match catch_unwind(AssertUnwindSafe(write)) {
        Ok(Ok(written)) => return written,
        Ok(Err(message)) => format!("[not recorded: {message}]"),
        Err(_) => format!("[not recorded: {PANICKED}]"),
    };
    to_json(&failure, Limits::bytes(limit.max(failure.len()))).unwrap_or(Written {
        json: "null".into(),
        truncated: true,
    })
}

impl<T: Serialize + Send> Deferred for T {
    fn write(&self, limits: Limits) -> Result<Written, String> {
        to_json(self, limits)
    }

    fn size(&self) -> usize {
        super::size::estimate(self)
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Repr::None => "Payload::None",
            Repr::Json(_) => "Payload::Json(..)",
            Repr::Bytes(_) => "Payload::Bytes(..)",
            Repr::Deferred(_) => "Payload::Deferred(..)",
            Repr::Object(_) => "Payload::Object(..)",
            Repr::List(_) => "Payload::List(..)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn resolved(payload: Payload) -> Value {
        payload.resolve(1_000).unwrap().json.to_value()
    }

    #[test]
    fn each_way_of_capturing_gives_the_same_json() {
        let value = json!({"q": [1, "two"]});
        let wire = Bytes::from(value.to_string());
        assert_eq!(resolved(Payload::value(value.clone())), value);
        assert_eq!(resolved(Payload::serialize(&value, 100)), value);
        assert_eq!(resolved(Payload::bytes(wire)), value);
        assert!(Payload::none().resolve(100).is_none());
    }

    #[test]
    fn bytes_that_are_no_json_are_kept_as_text() {
        assert_eq!(
            resolved(Payload::bytes(Bytes::from_static(b"<html>\xff"))),
            json!("<html>\u{fffd}")
        );
    }

    #[test]
    fn defect_01_a_value_that_can_not_be_serialised_says_so_and_no_more() {
        struct Panics;
        impl fmt::Debug for Panics {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                panic!("in the program's code")
            }
        }
        impl Serialize for Panics {
            fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
                Err(serde::ser::Error::custom("poisoned lock"))
            }
        }
        assert_eq!(
            resolved(Payload::serialize(&Panics, 100)),
            json!("[not recorded: poisoned lock]")
        );
        assert_eq!(
            resolved(Payload::defer(Panics)),
            json!("[not recorded: poisoned lock]")
        );
        assert_eq!(
            resolved(Payload::debug(&Panics, 100)),
            json!("[not recorded: its serialisation panicked]")
        );
    }

    #[test]
    fn debug_text_is_cut_at_the_limit() {
        let payload = Payload::debug(&vec![7u8; 1_000_000], 10);
        let resolved = payload.resolve(1_000).unwrap();
        assert_eq!(resolved.json.to_value(), json!("[7, 7, 7, "));
        assert!(resolved.truncated);
    }
}
