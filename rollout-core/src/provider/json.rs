//! Reading JSON that may be anything.

use serde_json::Value;

/// Reads a JSON text as leniently as can be done without guessing.
pub(crate) fn parse(text: &[u8]) -> Option<Value> {
    if let Ok(value) = serde_json::from_slice(text) {
        return Some(value);
    }
    let text = String::from_utf8_lossy(text);
    serde_json::from_str(&without_lone_surrogates(&text)).ok()
}

/// Replaces the halves of surrogate pairs that stand alone.
///
/// Servers that write one token a chunk cut a pair in two where the character has two tokens.
fn without_lone_surrogates(text: &str) -> String {
    let mut fixed = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        fixed.push_str(before);
        let length = match (surrogate(escape), escape.get(6..).and_then(surrogate)) {
            (Some(0xD800..=0xDBFF), Some(0xDC00..=0xDFFF)) => 12,
            (Some(_), _) => {
                fixed.push('\u{fffd}');
                rest = escape.get(6..).unwrap_or_default();
                continue;
            }
            // The backslash and what it escapes.
            _ => 1 + escape.chars().nth(1).map_or(0, char::len_utf8),
        };
        let (escape, after) = escape.split_at(length);
        fixed.push_str(escape);
        rest = after;
    }
    fixed.push_str(rest);
    fixed
}

/// Returns the surrogate that a `\uXXXX` at the start of the text stands for.
fn surrogate(text: &str) -> Option<u16> {
    let unit = u16::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok()?;
    (0xD800..=0xDFFF).contains(&unit).then_some(unit)
}

/// Returns the string under a key.
pub(crate) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str()
}

/// Returns a copy of the string under a key.
pub(crate) fn string(value: &Value, key: &str) -> Option<String> {
    text(value, key).map(str::to_owned)
}

/// Returns what is under a key, unless it is null.
pub(crate) fn present<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    value.get(key).filter(|found| !found.is_null())
}

/// Returns the elements of the array under a key; none if there is no array.
pub(crate) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value
        .get(key)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// Returns what a string on the wire says as JSON, or another value as it is.
pub(crate) fn unwrapped(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) => parse(text.as_bytes()),
        Value::Null => None,
        value => Some(value.clone()),
    }
}

/// Returns a string as it is, anything else as JSON text, and nothing for null.
pub(crate) fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        value => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn halves_of_surrogate_pairs_are_replaced_and_pairs_are_kept() {
        let parsed =
            parse(br#"{"a":"\ud83d","b":"\ud83d\ude42","c":"\\ud83d\n","d":"\ude42\u00e9"}"#);
        let expected = json!({"a": "\u{fffd}", "b": "🙂", "c": "\\ud83d\n", "d": "\u{fffd}é"});
        assert_eq!(parsed, Some(expected));
        assert_eq!(parse(br#""\"#), None);
        assert_eq!(parse(br#""\ud8"#), None);
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        assert_eq!(parse(b"\"a\xff\""), Some(json!("a\u{fffd}")));
    }
}
