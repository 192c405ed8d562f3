//! Values as one short line of text.

use serde_json::Value;

use super::glyph::harmless;

/// No line of a terminal shows more.
const LONGEST: usize = 400;

/// Returns the beginning of a value: a text as it is, anything else in the way one would write it.
pub(super) fn of(value: &Value) -> String {
    let mut line = Line::default();
    match value {
        Value::String(text) => line.push(text),
        value => line.write(value),
    }
    line.text
}

/// Returns the arguments of a call, as one would write them between its parentheses. A text is one
/// argument without a name.
pub(super) fn arguments(value: &Value) -> String {
    let mut line = Line::default();
    match value {
        Value::Object(map) => line.members(map),
        // Some frameworks hand on the text that the model wrote.
        Value::String(text) if text.trim_start().starts_with('{') => {
            match serde_json::from_str::<Value>(text) {
                Ok(parsed) => return arguments(&parsed),
                Err(_) => line.push(text),
            }
        }
        value => line.write(value),
    }
    line.text
}

/// Returns a text without line breaks, and no longer than is shown of it.
pub(super) fn text(text: &str) -> String {
    let mut line = Line::default();
    line.push(text);
    line.text
}

#[derive(Default)]
struct Line {
    text: String,
    length: usize,
    full: bool,
}

impl Line {
    /// Adds a text; white space of all kinds becomes one blank.
    fn push(&mut self, text: &str) {
        for character in text.chars() {
            if self.full {
                return;
            }
            let character = if character.is_whitespace() {
                ' '
            } else {
                character
            };
            if character == ' ' && (self.text.is_empty() || self.text.ends_with(' ')) {
                continue;
            }
            if self.length == LONGEST {
                self.text.push('…');
                self.full = true;
                return;
            }
            self.text.push(harmless(character));
            self.length += 1;
        }
    }

    fn write(&mut self, value: &Value) {
        // Nothing is added any more, so there is no reason to go through what may be megabytes.
        if self.full {
            return;
        }
        match value {
            Value::String(text) => {
                self.push("\"");
                for (index, part) in text.split('"').enumerate() {
                    // A quote inside is not the end of it.
                    self.push(if index == 0 { "" } else { "\\\"" });
                    self.push(part);
                    if self.full {
                        return;
                    }
                }
                self.push("\"");
            }
            Value::Array(items) => {
                self.push("[");
                for (index, item) in items.iter().enumerate() {
                    self.push(if index == 0 { "" } else { ", " });
                    self.write(item);
                    if self.full {
                        return;
                    }
                }
                self.push("]");
            }
            Value::Object(map) => {
                self.push("{");
                self.members(map);
                self.push("}");
            }
            value => self.push(&value.to_string()),
        }
    }

    fn members(&mut self, map: &serde_json::Map<String, Value>) {
        for (index, (key, value)) in map.iter().enumerate() {
            self.push(if index == 0 { "" } else { ", " });
            self.push(key);
            self.push(": ");
            self.write(value);
            if self.full {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_is_one_line() {
        assert_eq!(of(&json!("  two\n\tlines ")), "two lines ");
        assert_eq!(
            of(&json!({"a": [1, null], "b": "x\ny"})),
            r#"{a: [1, null], b: "x y"}"#
        );
        assert_eq!(of(&json!(["say \"no\"", ""])), r#"["say \"no\"", ""]"#);
        assert_eq!(of(&json!("say \"no\"")), r#"say "no""#);
        assert_eq!(text("\x1b[2J\u{202e}"), "\u{fffd}[2J\u{fffd}");
        assert_eq!(of(&json!("é".repeat(1000))).chars().count(), LONGEST + 1);
        assert_eq!(of(&json!(vec!["x"; 100_000])).chars().count(), LONGEST + 1);
    }

    #[test]
    fn arguments_are_written_like_a_call() {
        assert_eq!(
            arguments(&json!({"city": "Paris", "days": 2})),
            r#"city: "Paris", days: 2"#
        );
        assert_eq!(
            arguments(&json!(r#"{"city": "Paris"}"#)),
            r#"city: "Paris""#
        );
        assert_eq!(arguments(&json!("A-17")), r#""A-17""#);
        assert_eq!(arguments(&json!("{broken")), "{broken");
    }
}
