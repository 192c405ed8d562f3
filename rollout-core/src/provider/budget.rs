//! How much of a stream is kept in memory.

use serde_json::{Map, Value};

/// How many bytes of a stream are kept, roughly; what goes beyond is counted.
///
/// Two orders of magnitude above what the longest answers of today's models need.
pub(super) const LARGEST_STREAM: usize = 8 * 1024 * 1024;

/// What a value costs beside its text.
const VALUE: usize = 32;

/// What is left to be kept, and how much was not.
#[derive(Debug)]
pub(super) struct Budget {
    left: usize,
    dropped: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            left: LARGEST_STREAM,
            dropped: 0,
        }
    }
}

impl Budget {
    /// Returns whether something had to be left out.
    pub(super) fn is_exceeded(&self) -> bool {
        self.dropped > 0
    }

    /// Says in the attributes what had to be left out.
    pub(super) fn note(&self, attributes: &mut Map<String, Value>) {
        if self.is_exceeded() {
            attributes.insert("rollout.truncated".to_owned(), true.into());
            attributes.insert("rollout.truncated_bytes".to_owned(), self.dropped.into());
        }
    }

    /// Takes so much off what is left, if it is left.
    pub(super) fn take(&mut self, size: usize) -> bool {
        if let Some(left) = self.left.checked_sub(size) {
            self.left = left;
            true
        } else {
            self.dropped = self.dropped.saturating_add(size as u64);
            false
        }
    }

    /// Appends what of a text can be kept.
    pub(super) fn append(&mut self, onto: &mut String, text: &str) {
        let mut fits = text.len().min(self.left);
        while !text.is_char_boundary(fits) {
            fits -= 1;
        }
        let (kept, lost) = text.split_at(fits);
        onto.push_str(kept);
        self.left -= kept.len();
        self.dropped = self.dropped.saturating_add(lost.len() as u64);
    }

    /// Appends a text to the string under a key; what else is there gives way to it.
    pub(super) fn append_to(&mut self, object: &mut Map<String, Value>, key: &str, text: &str) {
        let known = object.get_mut(key);
        if let Some(Value::String(onto)) = known {
            self.append(onto, text);
        } else if text.is_empty() && known.is_some_and(|known| !known.is_null()) {
            // Nothing is no reason to forget something.
        } else if self.take(VALUE + key.len()) {
            let mut onto = String::new();
            self.append(&mut onto, text);
            object.insert(key.to_owned(), Value::String(onto));
        }
    }

    /// Puts a value under a key, in the place of what is there.
    pub(super) fn put(&mut self, object: &mut Map<String, Value>, key: &str, value: &Value) {
        // Chunks repeat themselves.
        if object.get(key) == Some(value) {
            return;
        }
        if let Some(old) = object.remove(key) {
            self.give_back(key.len() + weight(&old));
        }
        if self.take(key.len() + weight(value)) {
            object.insert(key.to_owned(), value.clone());
        }
    }

    /// Adds a value to a list.
    pub(super) fn push(&mut self, list: &mut Vec<Value>, value: &Value) {
        if self.take(weight(value)) {
            list.push(value.clone());
        }
    }

    /// Puts a value under a key unless it is null; the members of objects each in their own place.
    pub(super) fn overlay(&mut self, object: &mut Map<String, Value>, key: &str, value: &Value) {
        match (object.get_mut(key), value) {
            (Some(_), Value::Null) => {}
            (Some(Value::Object(onto)), Value::Object(over)) => {
                for (key, value) in over {
                    self.overlay(onto, key, value);
                }
            }
            (_, value) => self.put(object, key, value),
        }
    }

    /// Does what [`overlay`](Self::overlay) does, but lets lists grow.
    pub(super) fn merge(&mut self, object: &mut Map<String, Value>, key: &str, value: &Value) {
        match (object.get_mut(key), value) {
            (Some(Value::Array(onto)), Value::Array(more)) => {
                for value in more {
                    self.push(onto, value);
                }
            }
            (Some(Value::Object(onto)), Value::Object(more)) => {
                for (key, value) in more {
                    self.merge(onto, key, value);
                }
            }
            _ => self.overlay(object, key, value),
        }
    }

    fn give_back(&mut self, size: usize) {
        self.left = self.left.saturating_add(size).min(LARGEST_STREAM);
    }
}

/// Returns roughly how much memory a value takes.
pub(super) fn weight(value: &Value) -> usize {
    VALUE
        + match value {
            Value::String(text) => text.len(),
            Value::Array(list) => list.iter().map(weight).sum(),
            Value::Object(object) => object.iter().map(|(key, v)| key.len() + weight(v)).sum(),
            Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_text_is_cut_between_characters_and_the_rest_counted() {
        let mut budget = Budget {
            left: 4,
            dropped: 0,
        };
        let mut text = String::new();
        budget.append(&mut text, "aéé");
        assert_eq!(text, "aé");
        budget.append(&mut text, "bc");
        assert_eq!(text, "aéb");
        let mut attributes = Map::new();
        budget.note(&mut attributes);
        assert_eq!(attributes["rollout.truncated"], true);
        assert_eq!(attributes["rollout.truncated_bytes"], 3);
    }

    #[test]
    fn what_replaces_something_costs_the_difference() {
        let mut budget = Budget::default();
        let mut object = Map::new();
        for round in 0..1000 {
            budget.put(
                &mut object,
                "timings",
                &json!({ "round": round, "text": "x".repeat(20_000) }),
            );
        }
        assert!(!budget.is_exceeded());
        assert_eq!(object["timings"]["round"], 999);
    }

    #[test]
    fn a_merge_lets_lists_grow_and_an_overlay_replaces_them() {
        let (mut merged, mut laid) = (Map::new(), Map::new());
        let mut budget = Budget::default();
        for value in [
            json!({"a": [1], "b": 1, "c": 1}),
            json!({"a": [2], "b": null, "c": 2}),
        ] {
            budget.merge(&mut merged, "x", &value);
            budget.overlay(&mut laid, "x", &value);
        }
        assert_eq!(
            Value::Object(merged),
            json!({"x": {"a": [1, 2], "b": 1, "c": 2}})
        );
        assert_eq!(
            Value::Object(laid),
            json!({"x": {"a": [2], "b": 1, "c": 2}})
        );
    }
}
