//! What is kept of a value: without credentials, without media, and not too much of it.
//!
//! Most values need nothing done, and are sent on as the text they came in.

mod cut;
mod media;
mod secrets;

use serde_json::{Map, Value};

pub(crate) use media::seems_media;

use crate::protocol::{Event, Json};

/// Makes a value fit to be recorded, and says whether something of it is missing.
pub(crate) fn fit(mut json: Json, limit: usize) -> (Json, bool) {
    if let Some(text) = json.as_raw()
        && text.len() <= limit
        && !media::may_contain(text)
        && !secrets::may_contain(text)
    {
        return (json, false);
    }
    let value = json.as_value_mut();
    secrets::mask(value);
    media::replace(value);
    let truncated = cut::cut(value, limit);
    (json, truncated)
}

/// Makes an event fit whose values the program set itself, without going through [`fit`].
pub(crate) fn fit_event(event: &mut Event, limit: usize) {
    let mut truncated = fit_map(&mut event.attributes, limit);
    let context = &mut event.context;
    for traits in [&mut context.user_traits, &mut context.account_traits] {
        truncated |= traits.as_mut().is_some_and(|map| fit_map(map, limit));
    }
    if truncated {
        event.note_truncated("attributes");
    }
    if fit_map(&mut event.raw.more, limit) {
        event.note_truncated("raw");
    }
}

/// Makes the raw members of an event fit.
pub(crate) fn fit_raw(event: &mut Event, limit: usize) {
    let mut truncated = Vec::new();
    for (name, json) in event.raw_members() {
        if let Some(value) = json.take() {
            let (value, is_cut) = fit(value, limit);
            *json = Some(value);
            if is_cut {
                truncated.push(name);
            }
        }
    }
    for name in truncated {
        event.note_truncated(name);
    }
}

/// Makes the values of a map fit, each by itself.
fn fit_map(map: &mut Map<String, Value>, limit: usize) -> bool {
    let mut truncated = false;
    secrets::mask_map(map);
    for value in map.values_mut() {
        // Most are numbers and short texts.
        if matches!(value, Value::Array(_) | Value::Object(_))
            || value.as_str().is_some_and(|text| text.len() > 256)
        {
            media::replace(value);
            truncated |= cut::cut(value, limit);
        }
    }
    truncated
}

/// Returns how long a value is as JSON.
fn length(value: &Value) -> usize {
    /// Counts what is written to it.
    struct Counter(usize);

    impl std::io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    let mut counter = Counter(0);
    let _ = serde_json::to_writer(&mut counter, value);
    counter.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_ordinary_value_is_left_as_it_was() {
        let text = r#"{"model": "gpt-4.1",  "max_tokens": 10}"#;
        let (json, truncated) = fit(Json::from_text(text.into()).unwrap(), 1_000);
        assert_eq!((json.to_text().as_str(), truncated), (text, false));
    }

    #[test]
    fn defect_31_an_image_does_not_remove_the_record_it_is_in() {
        let image = format!("iVBORw0KGgo{}", "Ab1+".repeat(1_000_000));
        let value = json!({"role": "user", "content": [
            {"type": "text", "text": "What is this?"},
            {"type": "image_url", "image_url": {"url": format!("data:image/png;base64,{image}")}},
        ]});
        let (json, truncated) = fit(Json::from_text(value.to_string()).unwrap(), 10_000);
        let value = json.to_value();
        assert_eq!(value["content"][0]["text"], "What is this?");
        let blob = value["content"][1]["image_url"]["url"].as_str().unwrap();
        assert!(blob.starts_with("rollout-blob:sha256-"), "{blob}");
        assert!(blob.ends_with(";type=image/png;size=3000008"), "{blob}");
        assert!(!truncated);
    }
}
