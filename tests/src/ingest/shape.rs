//! What may stand at a key, and whether it does.

use humantime::parse_rfc3339;
use serde_json::{Map, Value};

use super::violation::{Findings, Rule};

/// What may stand at a key.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// A text of at most so many characters.
    Text(usize),
    /// A text of at least one and at most so many characters.
    Named(usize),
    /// An id of the SDK's own: these prefixes, and a UUID.
    OwnId(&'static [&'static str]),
    /// An id, which is the program's own, or this prefix and a UUID.
    Id(&'static str),
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// A whole number, not below this one.
    Count(u64),
    /// A number, not below this one.
    Number(f64),
    Flag,
    Time,
    /// An object of the program's.
    Free,
    /// Any JSON, also `null`.
    Any,
    Object(&'static [Field]),
}

/// A key, what may stand there, and whether it has to be there.
pub(super) type Field = (&'static str, Shape, bool);

use Shape::{Any, Count, Flag, Free, Id, Named, Number, Object, OneOf, OwnId, Text, Time};

/// Checks an object against its keys.
pub(super) fn check_object(
    object: &Map<String, Value>,
    fields: &[Field],
    path: &str,
    findings: &mut Findings,
) {
    for key in object.keys() {
        if !fields.iter().any(|(known, ..)| known == key) {
            findings.add(Rule::UnknownKey, join(path, key), "no such key");
        }
    }
    for (key, shape, required) in fields {
        match object.get(*key) {
            Some(value) => check(value, *shape, &join(path, key), findings),
            None if *required => findings.add(Rule::Missing, join(path, key), "has to be there"),
            None => {}
        }
    }
}

fn check(value: &Value, shape: Shape, path: &str, findings: &mut Findings) {
    if value.is_null() && !matches!(shape, Any) {
        return findings.add(Rule::Null, path, "null: leave it out");
    }
    let problem = match (shape, value) {
        (Any, _) | (Free, Value::Object(_)) | (Flag, Value::Bool(_)) => return,
        (Object(fields), Value::Object(object)) => {
            return check_object(object, fields, path, findings);
        }
        (Text(most), Value::String(text)) => length(text, 0, most),
        (Named(most), Value::String(text)) => length(text, 1, most),
        (OneOf(choices), Value::String(text)) => (!choices.contains(&text.as_str()))
            .then(|| (Rule::Choice, format!("`{text}` is none of {choices:?}"))),
        (OwnId(prefixes), Value::String(text)) => {
            let is_own = |prefix: &&str| text.strip_prefix(*prefix).is_some_and(is_uuid_v4);
            (!prefixes.iter().any(is_own)).then(|| {
                (
                    Rule::IdForm,
                    format!("`{text}` is not one of {prefixes:?} and a UUID v4"),
                )
            })
        }
        (Id(prefix), Value::String(text)) => length(text, 1, 200).or_else(|| {
            let own = text.strip_prefix(prefix)?;
            let own = own.strip_prefix("check_").unwrap_or(own);
            let seems_own = own.len() >= 16
                && own
                    .bytes()
                    .all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
            (seems_own && !is_uuid(own) && !is_span_number(own))
                .then(|| (Rule::IdForm, format!("`{text}` is not {prefix} and a UUID")))
        }),
        (Time, Value::String(text)) => (!is_timestamp(text)).then(|| {
            (
                Rule::Timestamp,
                format!("`{text}` is not like 2026-11-22T14:58:01.469723Z"),
            )
        }),
        (Count(least), Value::Number(number)) => match number.as_u64() {
            Some(count) if count >= least => return,
            Some(_) => Some((Rule::Range, format!("{number} is less than {least}"))),
            None if number.as_i64().is_some() => {
                Some((Rule::Range, format!("{number} is negative")))
            }
            None => Some((
                Rule::Type,
                format!("{number} is not written as a whole number"),
            )),
        },
        (Number(least), Value::Number(number)) => (number.as_f64().unwrap_or(f64::NAN) < least)
            .then(|| (Rule::Range, format!("{number} is less than {least}"))),
        (shape, _) => Some((Rule::Type, format!("{value} is no {shape:?}"))),
    };
    if let Some((rule, detail)) = problem {
        findings.add(rule, path, detail);
    }
}

/// Lengths count characters, that is Unicode code points.
fn length(text: &str, least: usize, most: usize) -> Option<(Rule, String)> {
    let length = text.chars().count();
    (length < least || length > most).then(|| {
        (
            Rule::Length,
            format!("{length} characters, expected {least} to {most}"),
        )
    })
}

fn is_hex(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_uuid(text: &str) -> bool {
    let parts: Vec<_> = text.split('-').collect();
    let lengths: Vec<_> = parts.iter().map(|part| part.len()).collect();
    lengths == [8, 4, 4, 4, 12] && parts.iter().all(|part| is_hex(part))
}

fn is_uuid_v4(text: &str) -> bool {
    is_uuid(text) && &text[14..15] == "4" && matches!(&text[19..20], "8" | "9" | "a" | "b")
}

/// Spans are 64 bits in OpenTelemetry, and so they are with us.
fn is_span_number(text: &str) -> bool {
    text.len() == 16 && is_hex(text)
}

fn is_timestamp(text: &str) -> bool {
    let form = |pattern: &str| {
        text.len() == pattern.len()
            && text
                .bytes()
                .zip(pattern.bytes())
                .all(|(byte, wanted)| match wanted {
                    b'0' => byte.is_ascii_digit(),
                    wanted => byte == wanted,
                })
    };
    (form("0000-00-00T00:00:00.000000Z") || form("0000-00-00T00:00:00Z"))
        && parse_rfc3339(text).is_ok()
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}
