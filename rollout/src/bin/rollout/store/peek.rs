//! The few members of an event by which it is found again, read without making a value of the rest.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// What a line tells of its place. As lenient as `show` is: what has another type is not there.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Peek<'a> {
    pub(super) kind: Option<Cow<'a, str>>,
    trace: Option<Cow<'a, str>>,
    external: Option<Cow<'a, str>>,
    at: Option<Cow<'a, str>>,
    started: Option<Cow<'a, str>>,
    /// The trace inside which this one was begun.
    pub(super) parent: Option<Cow<'a, str>>,
}

impl<'a> Peek<'a> {
    /// Reads a line; `None` if it is no JSON.
    pub(super) fn of(line: &'a [u8]) -> Option<Self> {
        let mut json = serde_json::Deserializer::from_slice(line);
        let peek = Event.deserialize(&mut json).ok()?;
        json.end().ok()?;
        Some(peek)
    }

    /// Returns the trace's id, or the program's own where there is no other; as `show` has it.
    pub(super) fn trace(&self) -> Option<&str> {
        let kind = self.kind.as_deref().unwrap_or_default();
        let trace = self.trace.as_deref().or(self.external.as_deref());
        trace.filter(|_| !kind.is_empty())
    }

    /// Returns the program's own id of a trace that has another one.
    pub(super) fn alias(&self) -> Option<&str> {
        let trace = self.trace.as_deref()?;
        self.external
            .as_deref()
            .filter(|external| *external != trace)
    }

    /// Returns when it happened; of a trace itself, when that began.
    pub(super) fn at(&self) -> Option<&str> {
        let started = self.started.as_deref().filter(|_| self.is_of_trace());
        started.or(self.at.as_deref())
    }

    /// Returns whether it tells of the trace itself.
    pub(super) fn is_of_trace(&self) -> bool {
        matches!(self.kind.as_deref(), Some("trace.start" | "trace.end"))
    }
}

/// An event, of which most is passed over.
struct Event;

impl<'de> DeserializeSeed<'de> for Event {
    type Value = Peek<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Peek<'de>, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Event {
    type Value = Peek<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Peek<'de>, A::Error> {
        let mut peek = Peek::default();
        while let Some(key) = map.next_key_seed(Text)? {
            // Of a member that is there twice the last one counts, as in a value.
            match key.as_deref() {
                Some("event_type") => peek.kind = map.next_value_seed(Text)?,
                Some("trace_id") => peek.trace = map.next_value_seed(Text)?,
                Some("external_trace_id") => peek.external = map.next_value_seed(Text)?,
                Some("occurred_at") => peek.at = map.next_value_seed(Text)?,
                Some("started_at") => peek.started = map.next_value_seed(Text)?,
                Some("attributes") => peek.parent = map.next_value_seed(Attributes)?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(peek)
    }
}

/// A text that is not empty, or something else.
struct Text;

/// Attributes, of which one matters.
struct Attributes;

/// Passes over everything but what the visitor has a method for.
macro_rules! nothing_else {
    ($($name:ident($type:ty)),* $(,)?) => {
        $(fn $name<E: serde::de::Error>(self, _: $type) -> Result<Self::Value, E> {
            Ok(None)
        })*

        fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
            Ok(None)
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            Ok(None)
        }
    };
}

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Option<Cow<'de, str>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok((!text.is_empty()).then_some(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok((!text.is_empty()).then(|| Cow::Owned(text.to_owned())))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(None)
    }

    nothing_else!(
        visit_bool(bool),
        visit_i64(i64),
        visit_u64(u64),
        visit_f64(f64)
    );
}

impl<'de> DeserializeSeed<'de> for Attributes {
    type Value = Option<Cow<'de, str>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Attributes {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut parent = None;
        while let Some(key) = map.next_key_seed(Text)? {
            if key.as_deref() == Some("rollout.parent.trace_id") {
                parent = map.next_value_seed(Text)?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(parent)
    }

    nothing_else!(
        visit_bool(bool),
        visit_i64(i64),
        visit_u64(u64),
        visit_f64(f64),
        visit_str(&str),
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_matters_is_read_and_the_rest_passed_over() {
        let line = br#"{"event_type":"trace.start","trace_id":"t\u0031","external_trace_id":"mine","occurred_at":"2026-01-01T00:00:00Z",
            "raw":{"trace_id":"not this"},"attributes":{"a":[{"b":1}],"rollout.parent.trace_id":"t0"}}"#;
        let peek = Peek::of(line).unwrap();
        assert_eq!(
            (peek.trace(), peek.alias(), peek.parent.as_deref()),
            (Some("t1"), Some("mine"), Some("t0"))
        );
        assert!(peek.is_of_trace());
    }

    #[test]
    fn what_has_another_type_is_not_there() {
        for (line, trace) in [
            (
                r#"{"event_type":"x","trace_id":7,"external_trace_id":"e"}"#,
                Some("e"),
            ),
            (
                r#"{"event_type":"x","trace_id":"t","attributes":null}"#,
                Some("t"),
            ),
            (
                r#"{"event_type":"x","trace_id":{"a":[]},"attributes":"x","occurred_at":[1.5]}"#,
                None,
            ),
            (r#"{"event_type":"","trace_id":"t"}"#, None),
            (
                r#"{"event_type":"x","trace_id":"a","trace_id":"b"}"#,
                Some("b"),
            ),
        ] {
            assert_eq!(Peek::of(line.as_bytes()).unwrap().trace(), trace, "{line}");
        }
    }

    #[test]
    fn what_is_no_object_is_nothing() {
        for line in ["", "7", "[]", "{", r#"{"trace_id":"t"} x"#, "\u{1b}[2J"] {
            assert_eq!(Peek::of(line.as_bytes()), None, "{line}");
        }
    }
}
