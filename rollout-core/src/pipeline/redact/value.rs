//! Credentials in JSON values: under the names that tell them, and in the texts.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::names::{Kind, Name};
use super::scan::judge;
use super::{Redactor, mask};

impl Redactor {
    /// Masks what a value has of them, in keys as well.
    pub(crate) fn value(&self, value: &mut Value) {
        match value {
            Value::String(text) => self.change(text),
            Value::Array(items) => self.items(items),
            Value::Object(map) => self.map(map),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Masks what the values of a map have of them.
    pub(crate) fn map(&self, map: &mut Map<String, Value>) {
        if !self.is_on() {
            return;
        }
        // The logarithm of its probability stands beside a token that a model chose.
        let is_choice = map.contains_key("logprob");
        let mut odd_keys = false;
        for (key, value) in map.iter_mut() {
            match self.name(key).filter(|_| !is_choice) {
                Some(name) => self.named(name, value),
                None => self.value(value),
            }
            odd_keys |= matches!(self.text(key), Cow::Owned(_));
        }
        self.described(map);
        if odd_keys {
            let members = std::mem::take(map).into_iter();
            map.extend(members.map(|(key, value)| (self.text(&key).into_owned(), value)));
        }
    }

    /// Masks what stands under a name.
    fn named(&self, name: Name, value: &mut Value) {
        match value {
            Value::String(text) if judge(name, text) => *text = mask(name.label),
            Value::Number(_) if name.kind == Kind::Sure && name.label == "password" => {
                *value = Value::String(mask(name.label));
            }
            Value::Array(items) if name.kind == Kind::Sure => {
                for item in items {
                    match item {
                        Value::String(_) => self.named(name, item),
                        item => self.value(item),
                    }
                }
            }
            Value::Object(cookies) if name.label == "cookie" => {
                for cookie in cookies.values_mut() {
                    self.named(name, cookie);
                }
            }
            value => self.value(value),
        }
    }

    /// Masks the value of a header that is written as `{"name": …, "value": …}`.
    fn described(&self, map: &mut Map<String, Value>) {
        let name = ["name", "key", "header"].iter().find_map(|key| {
            let name = map.get(*key)?.as_str()?;
            self.name(name).filter(|name| name.kind == Kind::Sure)
        });
        if let (Some(name), Some(value)) = (name, map.get_mut("value")) {
            self.named(name, value);
        }
    }

    fn items(&self, items: &mut [Value]) {
        let is_pair = |item: &Value| {
            item.as_array()
                .is_some_and(|pair| pair.len() == 2 && pair.iter().all(Value::is_string))
        };
        // Headers, as a list.
        let are_pairs = !items.is_empty() && items.iter().all(is_pair);
        for item in items {
            if are_pairs
                && let Value::Array(pair) = &mut *item
                && let [Value::String(name), value] = pair.as_mut_slice()
                && let Some(name) = self.name(name)
            {
                self.named(name, value);
                continue;
            }
            self.value(item);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn masked(mut value: Value) -> Value {
        Redactor::BUILT_IN.value(&mut value);
        value
    }

    #[test]
    fn defect_43_credentials_are_masked_and_their_descriptions_kept() {
        let value = json!({
            "extra_headers": {"Authorization": "Bearer s3cret", "X-Api-Key": ["s3cret"]},
            "headers": [["authorization", "s3cret"], ["accept", "text/html"]],
            "more": [{"name": "cookie", "value": "s3cret"}],
            "tools": [
                {"type": "mcp", "authorization": "s3cret", "headers": {"X-Goog-Api-Key": "s3cret"}},
                {"parameters": {"properties": {"password": {"type": "string"}}, "required": ["password"]}},
            ],
            "arguments": "{\"api_key\": \"s3cret\", \"q\": \"a\"}",
            "cookies": {"session": "s3cret"},
            "max_tokens": 5,
        });
        assert!(Redactor::BUILT_IN.suspects(&value.to_string()));
        let text = masked(value).to_string();
        assert!(!text.contains("s3cret"), "{text}");
        for kept in [
            r#""password":{"type":"string"}"#,
            r#""required":["password"]"#,
            r#"["accept","text/html"]"#,
            r#""max_tokens":5"#,
            r#"\"q\": \"a\""#,
            r#""Authorization":"[REDACTED authorization]""#,
        ] {
            assert!(text.contains(kept), "{kept} in {text}");
        }
    }

    #[test]
    fn what_only_sounds_like_a_credential_stays() {
        let value = json!({
            "usage": {"prompt_tokens": 1, "total_tokens": "12345678901234567890"},
            "logprobs": [{"token": "a1b2c3d4e5f6g7", "logprob": -0.1, "top_logprobs": []}],
            "token": "hello",
            "next_page_token": "a1b2c3d4e5f6",
            "prose": "Her secret santa knows the password: it is long. Cookies: 2 cups. token=5",
            "signature": "EqQBCgIYAhIkMDFlNzU2",
            "schema": {"required": ["password", "email"]},
            "text": "the authorization: required before max_tokens=100 of secret::Key",
            "code": "api_key=os.environ[\"KEY\"], token = tokens.pop()",
        });
        assert_eq!(masked(value.clone()), value);
    }

    #[test]
    fn keys_of_objects_are_texts_too() {
        let value = masked(json!({"sk-proj-abcdefghijkl0123": {"a": 1}}));
        assert_eq!(value, json!({"[REDACTED api key]": {"a": 1}}));
    }

    #[test]
    fn passwords_may_be_numbers() {
        let value = masked(json!({"password": 1234, "cookie": 2, "secret": null}));
        assert_eq!(
            value,
            json!({"password": "[REDACTED password]", "cookie": 2, "secret": null})
        );
    }

    #[test]
    fn a_document_with_a_credential_is_suspected_however_it_is_written() {
        for json in [
            r#"{"name":"authorization","value":"x"}"#,
            r#"[["cookie","a=b"]]"#,
            r#"{"password":1234}"#,
            r#"{"a":"\u5bc6\u94a5sk-proj-abcdefghijkl0123"}"#,
            r#"{"a":"line\nsk-proj-abcdefghijkl0123"}"#,
            r#"{"a":"s\u006b-proj-abcdefghijkl0123"}"#,
            "{\"Proxy-Authorization\" :\n \"x\"}",
        ] {
            assert!(Redactor::BUILT_IN.suspects(json), "{json}");
        }
        for json in [
            r#"{"max_tokens":5,"prompt_tokens":1,"text":"the password: x"}"#,
            r#"{"role":"user","content":"What is the weather - today? See https://a.b/c?d=e"}"#,
        ] {
            assert!(!Redactor::BUILT_IN.suspects(json), "{json}");
        }
    }
}
