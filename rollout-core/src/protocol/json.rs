mod portable;

use std::fmt;

use portable::Trouble;
use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

/// A JSON value that a program or a provider gave: as the text it came in while nobody looks into
/// it, so that it is sent on as it was, and parsed once somebody does.
///
/// ```
/// use rollout_core::protocol::Json;
///
/// // Numbers stay as they are written, which a parsed value can't promise.
/// let json = Json::from_text(r#"{"price": 1.10}"#.into()).expect("this is JSON");
/// assert_eq!(json.to_text(), r#"{"price": 1.10}"#);
/// assert_eq!(json.to_value()["price"], 1.1);
/// ```
#[derive(Clone, Default)]
pub struct Json {
    /// Valid JSON without line breaks, as events are stored a line each. Wins over the value.
    text: Option<Box<RawValue>>,
    value: Value,
}

impl Json {
    /// Returns the JSON of this text; `None` if it is none.
    pub fn from_text(text: String) -> Option<Self> {
        if has_line_break(&text) {
            return Self::parse(&text);
        }
        Some(Self::of_raw(RawValue::from_string(text).ok()?))
    }

    /// Returns the JSON of this text, copied; `None` if it is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if has_line_break(text) {
            return serde_json::from_str::<Value>(text).ok().map(Self::from);
        }
        let raw = serde_json::from_str::<&RawValue>(text).ok()?.to_owned();
        Some(Self::of_raw(raw))
    }

    /// Returns this JSON as the text that it is, unless a server may be unable to read it: one value
    /// like that would cost all events that travel with it.
    fn of_raw(raw: Box<RawValue>) -> Self {
        let value = match portable::trouble(raw.get()) {
            None => None,
            Some(Trouble::Deep) => Some(Value::String(raw.get().to_owned())),
            Some(Trouble::Odd) => match serde_json::from_str::<Value>(raw.get()) {
                Ok(_) => None,
                Err(_) => Some(
                    crate::provider::json::parse(raw.get().as_bytes())
                        .unwrap_or_else(|| Value::String(raw.get().to_owned())),
                ),
            },
        };
        match value {
            Some(value) => value.into(),
            None => Self {
                text: Some(raw),
                value: Value::Null,
            },
        }
    }

    /// Returns the value.
    pub fn to_value(&self) -> Value {
        match &self.text {
            // A number out of `f64`'s range is valid JSON that serde_json can't hold.
            Some(raw) => serde_json::from_str(raw.get())
                .unwrap_or_else(|_| Value::String(raw.get().to_owned())),
            None => self.value.clone(),
        }
    }

    /// Returns the value where somebody has looked into it; `null` where nobody has.
    #[cfg(feature = "otlp")]
    pub(crate) fn as_value(&self) -> &Value {
        &self.value
    }

    /// Returns the value, to be changed in place.
    pub fn as_value_mut(&mut self) -> &mut Value {
        if self.text.is_some() {
            self.value = self.to_value();
            self.text = None;
        }
        &mut self.value
    }

    /// Returns the JSON as text.
    pub fn to_text(&self) -> String {
        self.as_raw()
            .map_or_else(|| self.value.to_string(), str::to_owned)
    }

    /// Returns the text where nobody has looked into it yet.
    pub(crate) fn as_raw(&self) -> Option<&str> {
        self.text.as_deref().map(RawValue::get)
    }

    /// Returns whether this is `null`.
    pub fn is_null(&self) -> bool {
        self.as_raw()
            .map_or(self.value.is_null(), |text| text == "null")
    }
}

/// Outside of strings a line break is only white space; inside it can't stand unescaped.
fn has_line_break(text: &str) -> bool {
    text.contains('\n') || text.contains('\r')
}

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        Self { text: None, value }
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.to_value() == other.to_value()
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_text())
    }
}

#[cfg(feature = "otlp")]
impl<'de> serde::Deserialize<'de> for Json {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::from)
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.text {
            Some(raw) => raw.serialize(serializer),
            None => self.value.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn untouched_text_goes_out_as_it_came_in() {
        let text = r#"{"b":1.50,"a":123456789012345678901234567890}"#;
        let json = Json::from_text(text.into()).unwrap();
        assert_eq!(serde_json::to_string(&json).unwrap(), text);
    }

    #[test]
    fn json_of_several_lines_becomes_one() {
        let json = Json::from_text("{\n  \"a\": 1\n}".into()).unwrap();
        assert_eq!(serde_json::to_string(&json).unwrap(), r#"{"a":1}"#);
    }

    #[test]
    fn a_change_is_kept() {
        let mut json = Json::from_text(r#"{"a":1}"#.into()).unwrap();
        json.as_value_mut()["a"] = json!(2);
        assert_eq!(json.to_text(), r#"{"a":2}"#);
        assert_eq!(Json::from_text("{".into()), None);
    }

    #[test]
    fn a_number_out_of_range_is_kept_as_text() {
        let json = Json::from_text("1e999".into()).unwrap();
        assert_eq!(json.to_value(), json!("1e999"));
        assert_eq!(json.to_text(), r#""1e999""#);
    }

    #[test]
    fn what_a_server_may_be_unable_to_read_is_not_sent_on_as_it_is() {
        let text = |text: &str| Json::from_text(text.into()).unwrap().to_text();
        assert_eq!(text(r#"{"a":"x\ud800"}"#), "{\"a\":\"x\u{fffd}\"}");
        assert_eq!(text(r#"{"a":"\ud83d\ude00"}"#), r#"{"a":"\ud83d\ude00"}"#);
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        assert_eq!(text(&deep), format!("\"{deep}\""));
    }
}
