//! What is kept of a value: without credentials, without media, and not too much of it.
//!
//! Most values need nothing done, and are sent on as the text they came in.

mod cut;
mod media;
#[cfg(test)]
mod properties;
mod store;

use serde_json::{Map, Value};

pub(crate) use media::seems_media;
pub(crate) use store::MediaStore;

use super::redact::Redactor;
use crate::config::Config;
use crate::protocol::{Event, Json};

/// Makes an event fit, whoever set what is in it.
pub(crate) fn fit_event(event: &mut Event, config: &Config) {
    let limits = Limits {
        redactor: &config.redactor,
        media: config.media.as_deref(),
        bytes: config.max_value_bytes,
    };
    limits.fit_values(event);
    limits.fit_maps(event);
    config.redactor.fields(event);
}

/// What is kept of a value.
#[derive(Clone, Copy)]
pub(crate) struct Limits<'a> {
    pub(crate) redactor: &'a Redactor,
    /// Where media are kept aside.
    pub(crate) media: Option<&'a MediaStore>,
    /// How long its JSON may be.
    pub(crate) bytes: usize,
}

impl Limits<'_> {
    /// Makes a value fit to be recorded, and says whether something of it is missing.
    pub(crate) fn fit(self, mut json: Json) -> (Json, bool) {
        if let Some(text) = json.as_raw()
            && text.len() <= self.bytes
            && !media::may_contain(text)
            && !self.redactor.suspects(text)
        {
            return (json, false);
        }
        let value = json.as_value_mut();
        // First what is long: nobody reads keys out of an image.
        media::replace(value, self.media);
        self.redactor.value(value);
        // Last, so that no part of a key is left by cutting through it.
        let truncated = cut::cut(value, self.bytes);
        (json, truncated)
    }

    /// Makes what went in and came out fit, and what was said.
    fn fit_values(self, event: &mut Event) {
        let mut truncated = Vec::new();
        let mut fit_member = |name, json: &mut Option<Json>| {
            if let Some(value) = json.take() {
                let (value, is_cut) = self.fit(value);
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
    fn fit_maps(self, event: &mut Event) {
        let mut truncated = self.fit_map(&mut event.attributes);
        let context = &mut event.context;
        for traits in [&mut context.user_traits, &mut context.account_traits] {
            truncated |= traits.as_mut().is_some_and(|map| self.fit_map(map));
        }
        if truncated {
            event.note_truncated("attributes");
        }
        if self.fit_map(&mut event.raw.more) {
            event.note_truncated("raw");
        }
    }

    /// Makes the values of a map fit, each by itself, and all of them together.
    fn fit_map(self, map: &mut Map<String, Value>) -> bool {
        /// Most maps have less, and of what is short.
        const FEW: usize = 64;
        const SHORT: usize = 256;
        let may_be_long = |value: &Value| match value {
            Value::Array(_) | Value::Object(_) => true,
            value => value.as_str().is_some_and(|text| text.len() > SHORT),
        };
        let is_large = map.len() > FEW || map.values().any(may_be_long);
        if is_large {
            map.values_mut()
                .filter(|value| may_be_long(value))
                .for_each(|value| media::replace(value, self.media));
        }
        self.redactor.map(map);
        if !is_large {
            return false;
        }
        let mut truncated = false;
        for value in map.values_mut().filter(|value| may_be_long(value)) {
            truncated |= cut::cut(value, self.bytes);
        }
        truncated | cut::cut_map(map, self.bytes.saturating_mul(4))
    }
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

    fn limits(bytes: usize) -> Limits<'static> {
        Limits {
            redactor: Redactor::BUILT_IN,
            media: None,
            bytes,
        }
    }

    #[test]
    fn many_attributes_are_cut_as_one() {
        let many = (0..10_000).map(|n| (format!("key {n}"), json!("x".repeat(100))));
        let mut map: Map<String, Value> = many.collect();
        assert!(limits(10_000).fit_map(&mut map));
        assert!(length(&Value::Object(map.clone())) <= 40_000);
        assert!(map.contains_key("key 0"), "the first ones stay");
        assert!(!limits(10_000).fit_map(&mut map));
    }

    #[test]
    fn an_ordinary_value_is_left_as_it_was() {
        let text = r#"{"model": "gpt-4.1",  "max_tokens": 10}"#;
        let json = Json::from_text(text.into()).unwrap();
        let (json, truncated) = limits(1_000).fit(json);
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
        let (json, truncated) = limits(10_000).fit(json);
        let value = json.to_value();
        assert_eq!(value["content"][0]["text"], "What is this?");
        let blob = value["content"][1]["image_url"]["url"].as_str().unwrap();
        assert!(blob.starts_with("rollout-blob:sha256-"), "{blob}");
        assert!(blob.ends_with(";type=image/png;size=3000008"), "{blob}");
        assert!(!truncated);
    }
}
