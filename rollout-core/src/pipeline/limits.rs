//! What is kept of a value: without credentials, without media, and not too much of it.
//!
//! Most values need nothing done, and are sent on as the text they came in.

mod cut;
mod media;

use serde_json::{Map, Value};

pub(crate) use media::seems_media;

use super::redact::Redactor;
use crate::config::Config;
use crate::protocol::{Event, Json};

/// Makes an event fit, whoever set what is in it.
pub(crate) fn fit_event(event: &mut Event, config: &Config) {
    let (redactor, limit) = (&config.redactor, config.max_value_bytes);
    fit_values(event, redactor, limit);
    fit_maps(event, redactor, limit);
    redactor.fields(event);
}

/// Makes a value fit to be recorded, and says whether something of it is missing.
fn fit(mut json: Json, redactor: &Redactor, limit: usize) -> (Json, bool) {
    if let Some(text) = json.as_raw()
        && text.len() <= limit
        && !media::may_contain(text)
        && !redactor.suspects(text)
    {
        return (json, false);
    }
    let value = json.as_value_mut();
    // First what is long: nobody reads keys out of an image.
    media::replace(value);
    redactor.value(value);
    // Last, so that no part of a key is left by cutting through it.
    let truncated = cut::cut(value, limit);
    (json, truncated)
}

/// Makes what went in and came out fit, and what was said.
fn fit_values(event: &mut Event, redactor: &Redactor, limit: usize) {
    let mut truncated = Vec::new();
    let mut fit_member = |name, json: &mut Option<Json>| {
        if let Some(value) = json.take() {
            let (value, is_cut) = fit(value, redactor, limit);
            *json = Some(value);
            if is_cut {
                truncated.push(name);
            }
        }
    };
    for (name, json) in event.raw_members() {
        fit_member(name, json);
    }
    fit_member("content", &mut event.message.content);
    for name in truncated {
        event.note_truncated(name);
    }
}

/// Makes the values fit that have names of the program's own.
fn fit_maps(event: &mut Event, redactor: &Redactor, limit: usize) {
    let mut truncated = fit_map(&mut event.attributes, redactor, limit);
    let context = &mut event.context;
    for traits in [&mut context.user_traits, &mut context.account_traits] {
        truncated |= traits
            .as_mut()
            .is_some_and(|map| fit_map(map, redactor, limit));
    }
    if truncated {
        event.note_truncated("attributes");
    }
    if fit_map(&mut event.raw.more, redactor, limit) {
        event.note_truncated("raw");
    }
}

/// Makes the values of a map fit, each by itself.
fn fit_map(map: &mut Map<String, Value>, redactor: &Redactor, limit: usize) -> bool {
    let mut truncated = false;
    let may_be_long = |value: &Value| match value {
        // Most are numbers and short texts.
        Value::Array(_) | Value::Object(_) => true,
        value => value.as_str().is_some_and(|text| text.len() > 256),
    };
    for value in map.values_mut().filter(|value| may_be_long(value)) {
        media::replace(value);
    }
    redactor.map(map);
    for value in map.values_mut().filter(|value| may_be_long(value)) {
        truncated |= cut::cut(value, limit);
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
        let json = Json::from_text(text.into()).unwrap();
        let (json, truncated) = fit(json, Redactor::BUILT_IN, 1_000);
        assert_eq!((json.to_text().as_str(), truncated), (text, false));
    }

    #[test]
    fn defect_31_an_image_does_not_remove_the_record_it_is_in() {
        let image = format!("iVBORw0KGgo{}", "Ab1+".repeat(1_000_000));
        let value = json!({"role": "user", "content": [
            {"type": "text", "text": "What is this?"},
            {"type": "image_url", "image_url": {"url": format!("data:image/png;base64,{image}")}},
        ]});
        let json = Json::from_text(value.to_string()).unwrap();
        let (json, truncated) = fit(json, Redactor::BUILT_IN, 10_000);
        let value = json.to_value();
        assert_eq!(value["content"][0]["text"], "What is this?");
        let blob = value["content"][1]["image_url"]["url"].as_str().unwrap();
        assert!(blob.starts_with("rollout-blob:sha256-"), "{blob}");
        assert!(blob.ends_with(";type=image/png;size=3000008"), "{blob}");
        assert!(!truncated);
    }
}
