//! Attributes: values of JSON in OTLP's types.

use std::borrow::Cow;
use std::collections::BTreeMap;

use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, ArrayValue, KeyValue};
use serde_json::Value;

use super::names::{Type, type_of};

/// Attributes by name, each once.
#[derive(Debug, Default)]
pub(crate) struct Attributes(BTreeMap<Cow<'static, str>, Any>);

impl Attributes {
    /// Sets an attribute, if there is a value for it.
    pub(crate) fn set(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value>) {
        self.set_json(name, value.into());
    }

    /// Sets an attribute to a value of the type that its name asks for, if it can be that.
    pub(crate) fn set_json(&mut self, name: impl Into<Cow<'static, str>>, value: Value) {
        let name = name.into();
        let typed = match type_of(&name) {
            Some(of) => typed(of, value),
            None => natural(value),
        };
        if let Some(value) = typed {
            self.0.insert(name, value);
        }
    }

    pub(super) fn set_any(&mut self, name: &'static str, value: Any) {
        self.0.insert(name.into(), value);
    }

    pub(crate) fn remove(&mut self, name: &str) -> Option<Any> {
        self.0.remove(name)
    }

    /// Gives an attribute another name.
    pub(crate) fn rename(&mut self, from: &str, to: &'static str) {
        if let Some(value) = self.0.remove(from) {
            self.0.insert(to.into(), value);
        }
    }

    pub(super) fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(crate) fn into_list(self) -> Vec<KeyValue> {
        let pairs = self.0.into_iter();
        pairs
            .map(|(key, value)| key_value(key.into_owned(), value))
            .collect()
    }

    pub(crate) fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.0.retain(|name, _| keep(name));
    }
}

fn key_value(key: String, value: Any) -> KeyValue {
    KeyValue {
        key,
        value: Some(AnyValue { value: Some(value) }),
        ..KeyValue::default()
    }
}

/// Returns a value of a type; `None` where it is nothing of the kind.
fn typed(of: Type, value: Value) -> Option<Any> {
    match (of, value) {
        (_, Value::Null) => None,
        (Type::Any, value) => natural(value),
        (Type::Text, Value::String(text)) => Some(Any::StringValue(text)),
        (Type::Text | Type::Json, value) => Some(Any::StringValue(match value {
            Value::String(text) if of == Type::Text => text,
            value => value.to_string(),
        })),
        (Type::Int, value) => value
            .as_i64()
            .or_else(|| whole(value.as_f64()?))
            .map(Any::IntValue),
        (Type::Double, value) => value.as_f64().map(Any::DoubleValue),
        (Type::Bool, value) => value.as_bool().map(Any::BoolValue),
        (Type::Texts, Value::Array(items)) => Some(list(
            items
                .into_iter()
                .map(|item| Any::StringValue(text_of(item))),
        )),
        (Type::Texts, value) => Some(list([Any::StringValue(text_of(value))])),
    }
}

/// Returns a value as what it is: lists of one kind stay lists, what is nested becomes JSON.
fn natural(value: Value) -> Option<Any> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(value) => Any::BoolValue(value),
        Value::Number(number) => match number.as_i64() {
            Some(int) => Any::IntValue(int),
            None => Any::DoubleValue(number.as_f64()?),
        },
        Value::String(text) => Any::StringValue(text),
        Value::Array(items) if !items.is_empty() && items.iter().all(Value::is_string) => {
            list(items.into_iter().filter_map(natural))
        }
        Value::Array(items)
            if !items.is_empty() && items.iter().all(|item| item.as_i64().is_some()) =>
        {
            list(items.into_iter().filter_map(natural))
        }
        other => Any::StringValue(other.to_string()),
    })
}

fn list(values: impl IntoIterator<Item = Any>) -> Any {
    let values = values
        .into_iter()
        .map(|value| AnyValue { value: Some(value) });
    Any::ArrayValue(ArrayValue {
        values: values.collect(),
    })
}

fn text_of(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "checked to be whole and in range"
)]
fn whole(number: f64) -> Option<i64> {
    let in_range = number.abs() < 9.0e15;
    (in_range && number.fract() == 0.0).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn one(name: &'static str, value: Value) -> Option<Any> {
        let mut attributes = Attributes::default();
        attributes.set_json(name, value);
        attributes.0.remove(name)
    }

    #[test]
    fn values_have_the_type_that_the_name_asks_for() {
        assert_eq!(
            one("gen_ai.request.temperature", json!(0)),
            Some(Any::DoubleValue(0.0))
        );
        assert_eq!(
            one("gen_ai.request.max_tokens", json!(9.0)),
            Some(Any::IntValue(9))
        );
        assert_eq!(one("gen_ai.request.max_tokens", json!("many")), None);
        let messages = one("gen_ai.input.messages", json!([{"role": "user"}]));
        assert_eq!(
            messages,
            Some(Any::StringValue(r#"[{"role":"user"}]"#.into()))
        );
        let texts = list([Any::StringValue("stop".into())]);
        assert_eq!(
            one("gen_ai.response.finish_reasons", json!(["stop"])),
            Some(texts.clone())
        );
        assert_eq!(one("http.response.header.x", json!("stop")), Some(texts));
        assert_eq!(
            one("gen_ai.tool.call.result", json!("4")),
            Some(Any::StringValue("\"4\"".into()))
        );
    }

    #[test]
    fn the_programs_own_values_stay_what_they_are() {
        assert_eq!(one("tries", json!(3)), Some(Any::IntValue(3)));
        assert_eq!(one("share", json!(0.5)), Some(Any::DoubleValue(0.5)));
        assert_eq!(
            one("big", json!(u64::MAX)),
            Some(Any::DoubleValue(18_446_744_073_709_551_615.0))
        );
        assert_eq!(
            one("order", json!({"id": 1})),
            Some(Any::StringValue(r#"{"id":1}"#.into()))
        );
        assert!(matches!(
            one("tags", json!(["a", "b"])),
            Some(Any::ArrayValue(_))
        ));
        assert_eq!(
            one("mixed", json!(["a", 1])),
            Some(Any::StringValue(r#"["a",1]"#.into()))
        );
        assert_eq!(one("nothing", Value::Null), None);
    }
}
