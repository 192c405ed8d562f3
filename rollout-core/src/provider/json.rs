//! Reading JSON that may be anything.

use serde_json::Value;

/// No list is as long.
const FARTHEST: f64 = 1e9;

/// Reads a JSON text as leniently as can be done without guessing.
pub(crate) fn parse(text: &[u8]) -> Option<Value> {
    if let Ok(value) = serde_json::from_slice(text) {
        return Some(value);
    }
    let text = without_lone_surrogates(&String::from_utf8_lossy(text));
    let parsed = serde_json::from_str(&text);
    parsed
        .or_else(|_| serde_json::from_str(&without_non_numbers(&text)))
        .ok()
}

/// Replaces the numbers that JSON has no words for, and Python writes nevertheless: log
/// probabilities of minus infinity above all.
fn without_non_numbers(text: &str) -> String {
    const NON_NUMBERS: [&str; 3] = ["-Infinity", "Infinity", "NaN"];
    let mut fixed = String::with_capacity(text.len());
    let mut rest = text;
    let (mut in_string, mut escaped) = (false, false);
    while let Some(next) = rest.chars().next() {
        let non_number = NON_NUMBERS
            .iter()
            .find(|it| !in_string && rest.starts_with(**it));
        let length = non_number.map_or(next.len_utf8(), |it| it.len());
        let (piece, after) = rest.split_at(length);
        fixed.push_str(if non_number.is_some() { "null" } else { piece });
        rest = after;
        in_string ^= next == '"' && !escaped;
        escaped = in_string && next == '\\' && !escaped;
    }
    fixed
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

/// Returns the place in a list under a key; there are servers that write all numbers as floats.
pub(crate) fn index(value: &Value, key: &str) -> Option<u64> {
    value.get(key).and_then(as_index)
}

/// Returns a place in a list.
pub(crate) fn as_index(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| {
        let place = value.as_f64()?;
        let is_place = place.fract() == 0.0 && (0.0..FARTHEST).contains(&place);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "checked"
        )]
        is_place.then_some(place as u64)
    })
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
    fn numbers_that_are_none_are_null_outside_of_texts() {
        let parsed = parse(br#"{"a":-Infinity,"b":[NaN,Infinity],"c":"NaN \" NaN","d":"\\"}"#);
        let expected = json!({"a": null, "b": [null, null], "c": "NaN \" NaN", "d": "\\"});
        assert_eq!(parsed, Some(expected));
        assert_eq!(parse(b"nothing"), None);
    }

    #[test]
    fn places_are_read_however_they_are_written() {
        for (wire, read) in [
            (json!(2), Some(2)),
            (json!(2.0), Some(2)),
            (json!(2.5), None),
            (json!(-1), None),
            (json!(1e300), None),
            (json!("2"), None),
        ] {
            assert_eq!(index(&json!({ "index": wire }), "index"), read, "{wire}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced() {
        assert_eq!(parse(b"\"a\xff\""), Some(json!("a\u{fffd}")));
    }
}
