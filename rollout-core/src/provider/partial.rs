//! JSON that breaks off.

use serde_json::Value;

use super::json::parse;

/// Returns what of a JSON text that broke off can be known: the values that are whole.
///
/// This is what Anthropic's own clients hand to a program as the input of a tool call that
/// `max_tokens` cut short. What is no beginning of JSON is `None`.
pub(super) fn parse_partial(text: &str) -> Option<Value> {
    if let Some(whole) = parse(text.as_bytes()) {
        return Some(whole);
    }
    let (open, known) = scan(text)?;
    let closed = |text: &str| parse(format!("{text}{open}").as_bytes());
    // The last value may be whole, as a number at the end is.
    closed(text).or_else(|| closed(known))
}

/// Returns what closes the brackets that are open at the end, and the text up to the last place
/// where they can be closed.
fn scan(text: &str) -> Option<(String, &str)> {
    let mut open = Vec::new();
    let mut known = None;
    let (mut in_string, mut escaped) = (false, false);
    for (place, byte) in text.bytes().enumerate() {
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = byte == b'\\' && !escaped;
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' => open.push('}'),
            b'[' => open.push(']'),
            b'}' | b']' => {
                open.pop()?;
            }
            b',' => {
                known = Some(place);
                continue;
            }
            _ => continue,
        }
        if !in_string {
            known = Some(place + 1);
        }
        if open.is_empty() {
            // What comes after a value is not part of it; a text alone is whole or nothing.
            break;
        }
    }
    Some((open.iter().rev().collect(), text.get(..known?)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_values_that_are_whole_are_kept() {
        for (text, known) in [
            (r#"{"a": "x", "b": "inc"#, json!({"a": "x"})),
            (r#"{"a": 12"#, json!({"a": 12})),
            (r#"{"a": 12, "b""#, json!({"a": 12})),
            (r#"{"a": 12, "b": "#, json!({"a": 12})),
            (r#"{"a": tr"#, json!({})),
            (r#"{"a": true"#, json!({"a": true})),
            (r#"{"a": -"#, json!({})),
            (r#"{"a": [1, {"x": "y"#, json!({"a": [1, {}]})),
            (r#"{"a": [1, 2"#, json!({"a": [1, 2]})),
            (r#"{"a": {}"#, json!({"a": {}})),
            (r#"{"a": "x\"#, json!({})),
            (
                r#"{"a": "\"}", "b": "\\", "c"#,
                json!({"a": "\"}", "b": "\\"}),
            ),
            (r#"{"a": "é🙂", "b": "é"#, json!({"a": "é🙂"})),
            (r#"{"a": 1}x"#, json!({"a": 1})),
            (r#"{"a": 1}}"#, json!({"a": 1})),
            ("{", json!({})),
            ("[1,", json!([1])),
        ] {
            assert_eq!(parse_partial(text), Some(known), "{text}");
        }
    }

    #[test]
    fn what_is_no_beginning_is_nothing() {
        for text in [
            "",
            " ",
            "\"abc",
            "nope",
            "}",
            r#"{"a": nope, "b": 1"#,
            ",",
            "é",
        ] {
            assert_eq!(parse_partial(text), None, "{text}");
        }
    }

    #[test]
    fn any_beginning_of_json_is_one() {
        let whole = r#"{"a": ["\u00fc", -1.5e3, {"b": null}], "c": {"d": "é, \"]"}, "e": false}"#;
        for (end, _) in whole.char_indices().skip(1) {
            assert!(parse_partial(&whole[..end]).is_some(), "{}", &whole[..end]);
        }
    }
}
