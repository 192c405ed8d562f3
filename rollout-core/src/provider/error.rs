//! What a body says went wrong.

use serde_json::Value;

use super::json::{present, string, text};
use super::{CallError, json};

impl CallError {
    /// Returns the error that a body states, or that the status says there is.
    pub(super) fn of(status: Option<u16>, body: &Value) -> Option<Self> {
        let failed = status.is_some_and(|status| status >= 400);
        let stated = stated(body).or(if failed { Some(body) } else { None })?;
        Some(Self {
            status,
            ..Self::described(stated)
        })
    }

    /// Returns the error that a status is, of which no more is known.
    pub(crate) fn of_status(status: Option<u16>) -> Option<Self> {
        Self::of(status, &Value::Null)
    }

    /// Returns the error that an event of a stream is, if it is one.
    pub(super) fn of_event(name: Option<&str>, data: &Value) -> Option<Self> {
        // Such events are about an item: that its call failed is no failure of ours.
        let kind = text(data, "type").or(name);
        let is_progress = kind.is_some_and(|kind| kind.starts_with("response."));
        let stated = stated(data).filter(|_| !is_progress);
        let error = stated.or(if name == Some("error") {
            Some(data)
        } else {
            None
        })?;
        Some(Self {
            mid_stream: true,
            ..Self::described(error)
        })
    }

    /// Returns the error that a body is which is no JSON.
    pub(super) fn of_text(status: Option<u16>, text: &str) -> Self {
        let text = text.trim();
        let message = if text.is_empty() {
            None
        } else {
            Some(text.to_owned())
        };
        Self {
            status,
            message,
            ..Self::default()
        }
    }

    /// Returns the error that a value describes, in whatever dialect.
    pub(super) fn described(error: &Value) -> Self {
        let mut described = Self {
            // Of an event the type says no more than that it is an error.
            kind: string(error, "type").filter(|kind| kind != "error"),
            code: error.get("code").and_then(code),
            param: string(error, "param"),
            message: message(error),
            ..Self::default()
        };
        let unknown = described == Self::default();
        if unknown && !matches!(error, Value::Null) {
            described.message = Some(json::as_text(error));
        }
        described
    }
}

/// Returns the part of a body that says what went wrong, if it says that something did.
fn stated(body: &Value) -> Option<&Value> {
    match body {
        // Google answers with a list of one.
        Value::Array(bodies) => bodies.first().and_then(stated),
        Value::Object(_) => body
            .get("error")
            .filter(|error| !is_nothing(error))
            .or_else(|| {
                let says_so = ["type", "object"]
                    .map(|key| text(body, key))
                    .contains(&Some("error"));
                says_so.then_some(body)
            }),
        _ => None,
    }
}

/// Returns whether an error says that there is none: some servers always send the member.
fn is_nothing(error: &Value) -> bool {
    match error {
        Value::Null => true,
        Value::Bool(failed) => !failed,
        Value::Number(code) => code.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(errors) => errors.is_empty(),
        Value::Object(members) => members.values().all(is_nothing),
    }
}

fn code(code: &Value) -> Option<String> {
    match code {
        Value::String(code) => Some(code.clone()),
        // Where all numbers are floats, codes are as well.
        Value::Number(number) => {
            Some(json::as_index(code).map_or_else(|| number.to_string(), |code| code.to_string()))
        }
        _ => None,
    }
}

/// Returns the message, wherever a gateway has put it. Validators list several.
fn message(error: &Value) -> Option<String> {
    const KEYS: [&str; 7] = [
        "message", "Message", "msg", "detail", "error", "errors", "title",
    ];
    match error {
        Value::String(text) => Some(text.clone()),
        Value::Array(errors) => {
            let messages: Vec<_> = errors.iter().filter_map(message).collect();
            if messages.is_empty() {
                None
            } else {
                Some(messages.join("; "))
            }
        }
        Value::Object(_) => KEYS
            .iter()
            .filter_map(|key| present(error, key))
            .find_map(message),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn of(body: &Value) -> CallError {
        CallError::of(Some(400), body).unwrap()
    }

    #[test]
    fn the_dialects_of_errors_are_understood() {
        let openai =
            of(&json!({"error": {"message": "m", "type": "t", "param": "p", "code": 429}}));
        assert_eq!(openai.message.as_deref(), Some("m"));
        assert_eq!(openai.kind.as_deref(), Some("t"));
        assert_eq!(openai.param.as_deref(), Some("p"));
        assert_eq!(openai.code.as_deref(), Some("429"));
        let floats = of(&json!({"error": {"code": 429.0}}));
        assert_eq!(floats.code.as_deref(), Some("429"));
        let anthropic = of(&json!({"type": "error", "error": {"type": "t", "message": "m"}}));
        assert_eq!(anthropic.kind.as_deref(), Some("t"));
        for body in [
            json!({"error": "m"}),
            json!({"message": "m"}),
            json!({"detail": "m"}),
            json!({"object": "error", "message": "m"}),
            json!({"error": {"message": ["m"], "code": {}, "type": 7}}),
            json!([{"error": {"message": "m"}}]),
            json!({"errors": [{"message": "m"}], "success": false}),
            json!({"detail": [{"loc": ["body"], "msg": "m"}, {"ctx": 1}]}),
            json!({"message": {"detail": [{"msg": "m"}]}}),
            json!("m"),
        ] {
            assert_eq!(of(&body).message.as_deref(), Some("m"), "{body}");
        }
    }

    #[test]
    fn a_good_status_does_not_hide_an_error() {
        assert!(CallError::of(Some(200), &json!({"error": {"message": "m"}})).is_some());
        assert!(CallError::of(None, &json!({"type": "error", "message": "m"})).is_some());
        assert_eq!(
            CallError::of(Some(200), &json!({"error": null, "message": "m"})),
            None
        );
        for nothing in [
            json!(""),
            json!(0),
            json!([]),
            json!({}),
            json!({"code": 0, "message": "", "details": null}),
        ] {
            let body = json!({ "error": nothing });
            assert_eq!(CallError::of(Some(200), &body), None, "{body}");
        }
    }

    #[test]
    fn events_are_errors_by_name_type_or_member() {
        for (name, event) in [
            (Some("error"), json!({"message": "m", "code": "c"})),
            (
                None,
                json!({"type": "error", "code": "c", "message": "m", "param": null}),
            ),
            (
                None,
                json!({"type": "error", "error": {"code": "c", "message": "m"}}),
            ),
            (
                None,
                json!({"error": {"code": "c", "message": "m"}, "choices": []}),
            ),
        ] {
            let error = CallError::of_event(name, &event).unwrap();
            assert!(error.mid_stream);
            assert_eq!(
                (error.code.as_deref(), error.message.as_deref()),
                (Some("c"), Some("m"))
            );
            assert_eq!(error.kind, None);
        }
        for failed in [
            json!({"type": "response.mcp_call.failed", "error": "m"}),
            json!({"error": "m"}),
        ] {
            assert_eq!(
                CallError::of_event(Some("response.mcp_call.failed"), &failed),
                None
            );
        }
    }

    #[test]
    fn an_error_that_says_nothing_known_is_kept_as_it_is() {
        assert_eq!(
            of(&json!({"oops": 1})).message.as_deref(),
            Some(r#"{"oops":1}"#)
        );
        assert_eq!(of(&Value::Null).message, None);
    }
}
