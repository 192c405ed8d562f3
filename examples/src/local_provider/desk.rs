//! Who answers: finds the API that is asked for, and remembers what was said.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use hyper::StatusCode;
use serde_json::{Value, json};

use super::usage::Usage;
use super::{Stamp, chat, messages, responses, responses_stream, script};

/// The model behind each deployment of what looks like Azure.
const DEPLOYED: &str = "gpt-4.1-mini-2025-04-14";

/// An answer that worked.
pub(super) enum Answer {
    Whole(Value, Usage),
    /// The server-sent events.
    Stream(Vec<String>),
}

/// An answer that did not.
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    message: String,
    code: Option<&'static str>,
    /// Whether it is said in Anthropic's words.
    anthropic: bool,
}

impl Refusal {
    fn new(status: StatusCode, message: impl Into<String>, code: Option<&'static str>) -> Self {
        Self {
            status,
            message: message.into(),
            code,
            anthropic: false,
        }
    }

    pub(super) fn body(&self) -> Value {
        if self.anthropic {
            let kind = match self.status {
                StatusCode::NOT_FOUND => "not_found_error",
                _ => "invalid_request_error",
            };
            return messages::error(kind, &self.message);
        }
        json!({"error": {
            "message": self.message,
            "type": "invalid_request_error",
            "param": null,
            "code": self.code,
        }})
    }
}

#[derive(Default)]
pub(super) struct Desk {
    /// All items up to a response, by its id, for requests that refer to it.
    history: Mutex<HashMap<String, Vec<Value>>>,
}

impl Desk {
    pub(super) fn answer(&self, route: &str, body: &[u8], id: String) -> Result<Answer, Refusal> {
        self.find(route, body, id).map_err(|refusal| Refusal {
            anthropic: route == "POST /v1/messages",
            ..refusal
        })
    }

    fn find(&self, route: &str, body: &[u8], id: String) -> Result<Answer, Refusal> {
        let deployment = route.strip_prefix("POST /openai/deployments/");
        let deployment = deployment.and_then(|rest| rest.split_once('/'));
        let answer = match (route, deployment) {
            ("POST /v1/chat/completions", _) | (_, Some((_, "chat/completions"))) => Self::chat,
            ("POST /v1/responses", _) => Self::responses,
            ("POST /v1/messages", _) => Self::messages,
            _ => {
                let message = format!("Invalid URL ({route})");
                return Err(Refusal::new(StatusCode::NOT_FOUND, message, None));
            }
        };
        let mut request: Value = serde_json::from_slice(body).map_err(|error| {
            let message = format!("could not parse the JSON body of your request: {error}");
            Refusal::new(StatusCode::BAD_REQUEST, message, None)
        })?;
        if deployment.is_some() && request.is_object() {
            // Whatever the request says, what is deployed there answers.
            request["model"] = json!(DEPLOYED);
        }
        let Some(model) = request["model"].as_str() else {
            let message = "you must provide a model parameter";
            return Err(Refusal::new(StatusCode::BAD_REQUEST, message, None));
        };
        if model == "no-such-model" {
            let message = format!("The model `{model}` does not exist");
            return Err(Refusal::new(
                StatusCode::NOT_FOUND,
                message,
                Some("model_not_found"),
            ));
        }
        let created = SystemTime::UNIX_EPOCH
            .elapsed()
            .unwrap_or_default()
            .as_secs();
        answer(self, &request, &Stamp { id, created })
    }

    fn chat(&self, request: &Value, stamp: &Stamp) -> Result<Answer, Refusal> {
        let turn = script::next(&chat::conversation(request));
        Ok(if request["stream"] == true {
            Answer::Stream(chat::frames(&chat::chunks(request, &turn, stamp)))
        } else {
            Answer::Whole(chat::body(request, &turn, stamp), turn.usage)
        })
    }

    fn messages(&self, request: &Value, stamp: &Stamp) -> Result<Answer, Refusal> {
        let turn = script::next(&messages::conversation(request));
        Ok(if request["stream"] == true {
            // Framed as those of the responses API are.
            let events = messages::events(request, &turn, stamp);
            Answer::Stream(responses_stream::frames(&events))
        } else {
            Answer::Whole(messages::body(request, &turn, stamp), turn.usage)
        })
    }

    fn responses(&self, request: &Value, stamp: &Stamp) -> Result<Answer, Refusal> {
        let mut history = self.history.lock().unwrap_or_else(PoisonError::into_inner);
        let mut items = match request["previous_response_id"].as_str() {
            Some(id) => history.get(id).cloned().ok_or_else(|| {
                let message = format!("Previous response with id '{id}' not found.");
                let code = Some("previous_response_not_found");
                Refusal::new(StatusCode::BAD_REQUEST, message, code)
            })?,
            None => Vec::new(),
        };
        items.extend_from_slice(responses::input(request));
        let turn = script::next(&responses::conversation(request, &items));
        let body = responses::body(request, &turn, stamp);
        items.extend(body["output"].as_array().into_iter().flatten().cloned());
        history.insert(format!("resp_{}", stamp.id), items);
        Ok(if request["stream"] == true {
            let events = responses_stream::events(request, &turn, stamp);
            Answer::Stream(responses_stream::frames(&events))
        } else {
            Answer::Whole(body, turn.usage)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_requests_are_refused_with_a_reason() {
        for (route, body, status, reason) in [
            ("GET /v1/models", "", StatusCode::NOT_FOUND, "Invalid URL"),
            ("POST /v1/responses", "{", StatusCode::BAD_REQUEST, "JSON"),
            ("POST /v1/responses", "{}", StatusCode::BAD_REQUEST, "model"),
            (
                "POST /openai/deployments/desk/images",
                "{}",
                StatusCode::NOT_FOUND,
                "Invalid URL",
            ),
            (
                "POST /openai/deployments/desk/chat/completions",
                "[]",
                StatusCode::BAD_REQUEST,
                "model",
            ),
        ] {
            let answer = Desk::default().answer(route, body.as_bytes(), "1".into());
            let refusal = answer.err().unwrap();
            assert_eq!(refusal.status, status);
            let message = refusal.body()["error"]["message"].to_string();
            assert!(message.contains(reason), "{message}");
        }
    }
}
