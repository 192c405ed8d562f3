//! Cutting a value that is too long: its texts first, then its lists, and never its structure.

use serde_json::{Map, Value, json};

use super::length;
use crate::capture::split_at_most;

/// Cuts a value to about `limit` bytes of JSON, and says whether that was needed.
pub(super) fn cut(value: &mut Value, limit: usize) -> bool {
    let before = length(value);
    if before <= limit {
        return false;
    }
    // In steps, so that short texts stay whole as long as possible.
    for longest in [64 * 1024, 16 * 1024, 4 * 1024, 1024, 256] {
        cut_texts(value, longest);
        if length(value) <= limit {
            return true;
        }
    }
    for longest in [256, 64, 16, 4] {
        cut_lists(value, longest);
        if length(value) <= limit {
            return true;
        }
    }
    *value = json!(format!("[cut: {before} bytes of JSON]"));
    if length(value) > limit {
        *value = json!("[cut]");
    }
    true
}

/// Cuts a map with more members than fit: the last ones go.
pub(super) fn cut_map(map: &mut Map<String, Value>, limit: usize) -> bool {
    let mut room = limit;
    let mut kept = 0;
    for (key, value) in map.iter() {
        // With quotes, colon and comma, and a little for what is escaped.
        let needed = key.len() + key.len() / 8 + 4 + length(value);
        let Some(left) = room.checked_sub(needed) else {
            break;
        };
        room = left;
        kept += 1;
    }
    if kept == map.len() {
        return false;
    }
    let members = std::mem::take(map).into_iter();
    map.extend(members.take(kept));
    true
}

fn cut_texts(value: &mut Value, longest: usize) {
    match value {
        Value::String(text) if text.len() > longest => {
            // The beginning says what it is, the end how it went.
            let (head, rest) = split_at_most(text, longest * 3 / 4);
            let (middle, tail) = split_at_most(rest, rest.len().saturating_sub(longest / 4));
            *text = format!("{head}… [{} bytes cut] …{tail}", middle.len());
        }
        Value::Array(items) => items.iter_mut().for_each(|item| cut_texts(item, longest)),
        Value::Object(map) => map.values_mut().for_each(|item| cut_texts(item, longest)),
        _ => {}
    }
}

fn cut_lists(value: &mut Value, longest: usize) {
    match value {
        Value::Array(items) => {
            if items.len() > longest {
                let missing = items.len() - longest;
                let head = longest / 2;
                items.splice(
                    head..head + missing,
                    [json!(format!("… [{missing} items cut] …"))],
                );
            }
            for item in items {
                cut_lists(item, longest);
            }
        }
        Value::Object(map) => map.values_mut().for_each(|item| cut_lists(item, longest)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_keeps_its_beginning_and_its_end() {
        let text = format!("start {} end", "x".repeat(100_000));
        let mut value = json!({"role": "user", "content": text});
        assert!(cut(&mut value, 70_000));
        let content = value["content"].as_str().unwrap();
        assert!(content.starts_with("start xxx") && content.ends_with("xxx end"));
        assert!(content.contains("bytes cut]"));
        assert_eq!(value["role"], "user");
    }

    #[test]
    fn whatever_it_is_it_fits_afterwards() {
        let values = [
            json!(vec!["é".repeat(300); 10_000]),
            json!({"deep": vec![vec![vec![7; 50]; 50]; 50]}),
            Value::Object((0..10_000).map(|n| (n.to_string(), json!(n))).collect()),
        ];
        for mut value in values {
            assert!(cut(&mut value, 4_000));
            assert!(length(&value) <= 4_000, "{}", length(&value));
        }
    }

    #[test]
    fn a_value_that_fits_is_left_alone() {
        let mut value = json!({"a": "b"});
        assert!(!cut(&mut value, 100));
        assert_eq!(value, json!({"a": "b"}));
    }
}
