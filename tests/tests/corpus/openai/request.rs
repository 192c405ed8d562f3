//! Recorded requests as async-openai's.

use async_openai::types::chat::CreateChatCompletionRequest;
use async_openai::types::responses::CreateResponse;
use rollout_tests::corpus::{Interaction, Operation};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::served::to_json;

/// A request that async-openai can send.
#[derive(Clone)]
pub(crate) enum Request {
    Chat(Box<CreateChatCompletionRequest>),
    Responses(Box<CreateResponse>),
}

impl Request {
    /// Returns the recorded request, or, where async-openai has no room for what it says, a small one
    /// for the same model; and whether it is the recorded one.
    pub(super) fn of(interaction: &Interaction) -> (Self, bool) {
        let streaming = match interaction.request.get("stream") {
            Some(stream) => stream == true,
            // Of some answers the request is not known.
            None => interaction.request.is_null() && interaction.streaming,
        };
        let model = interaction.request.get("model").and_then(Value::as_str);
        let asked = json!({"model": model.unwrap_or("in-the-path"), "stream": streaming});
        let small = match interaction.operation {
            Operation::Responses => json!({"input": "hi"}),
            _ => json!({"messages": [{"role": "user", "content": "hi"}]}),
        };
        let recorded = Self::read(interaction.operation, &with(&interaction.request, &asked));
        let is_recorded = recorded.is_some();
        let request = recorded
            .or_else(|| Self::read(interaction.operation, &with(&small, &asked)))
            .unwrap();
        (request, is_recorded)
    }

    fn read(operation: Operation, body: &Value) -> Option<Self> {
        fn read<T: DeserializeOwned>(body: &Value) -> Option<T> {
            serde_json::from_value(body.clone()).ok()
        }
        match operation {
            Operation::Responses => read(body).map(Self::Responses),
            _ => read(body).map(Self::Chat),
        }
    }

    pub(super) fn is_streaming(&self) -> bool {
        let stream = match self {
            Self::Chat(request) => request.stream,
            Self::Responses(request) => request.stream,
        };
        stream == Some(true)
    }

    pub(super) fn to_json(&self) -> Value {
        match self {
            Self::Chat(request) => to_json(request),
            Self::Responses(request) => to_json(request),
        }
    }
}

fn with(body: &Value, members: &Value) -> Value {
    let mut body = body.clone();
    if let (Some(body), Some(members)) = (body.as_object_mut(), members.as_object()) {
        body.extend(members.clone());
    }
    body
}
