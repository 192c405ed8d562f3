//! A hash of the types of a tool's arguments: alike for calls that differ in values alone.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;
use sha2::{Digest, Sha256};

/// Returns the first 24 hexadecimal digits of the SHA-256 over the description of the types.
pub(crate) fn hash(value: &Value) -> String {
    let digest = Sha256::digest(describe(value));
    digest
        .iter()
        .take(12)
        .fold(String::with_capacity(24), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Describes a value by its types, in the words of the protocol (which are Python's).
fn describe(value: &Value) -> String {
    match value {
        Value::Null => "NoneType".into(),
        Value::Bool(_) => "bool".into(),
        Value::Number(number) if number.is_f64() => "float".into(),
        Value::Number(_) => "int".into(),
        Value::String(_) => "str".into(),
        Value::Array(items) => {
            let shapes: BTreeSet<_> = items.iter().map(describe).collect();
            format!(
                "array({})",
                shapes.into_iter().collect::<Vec<_>>().join(",")
            )
        }
        Value::Object(map) => {
            let mut members: Vec<_> = map.iter().collect();
            members.sort_by_key(|(key, _)| *key);
            let shapes = members
                .into_iter()
                .map(|(key, value)| format!("{key}:{}", describe(value)));
            format!("object({})", shapes.collect::<Vec<_>>().join(","))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn hashes_are_those_of_the_protocol() {
        for (arguments, expected) in [
            (json!({}), "5fb384a34b41a4801e97d9cb"),
            (json!({"city": "Paris"}), "7087b08142c1bd2949104fc3"),
            (
                json!({"a": 1, "b": 2.5, "c": null, "d": true}),
                "3f5deaa9d8ed9ab1a1515c86",
            ),
            (json!({"x": [1, "a", 2]}), "0c6e1e53ee509ed2e777a507"),
            (json!({"x": []}), "cda19fe2c5847034ed39effd"),
            (
                json!({"o": {"z": 1, "a": [{"k": 1}, {"k": 2}]}}),
                "0e4cfd42ca5c9b506d299723",
            ),
            (json!([1, 2]), "2d83f1232de293f0b8d0f105"),
        ] {
            assert_eq!(hash(&arguments), expected, "{arguments}");
        }
    }
}
