//! A client as one writes it oneself: three types of its own, and a method for each way to call.

use std::pin::Pin;

use futures::stream::{self, Stream};
use rollout::Instrumented;
use serde::Serialize;
use serde_json::{Value, json};

#[derive(Debug, Serialize)]
pub(crate) struct ChatRequest {
    pub(crate) model: String,
    pub(crate) messages: Vec<Message>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Message {
    pub(crate) role: &'static str,
    pub(crate) content: String,
}

#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct ChatResponse {
    pub(crate) id: &'static str,
    pub(crate) model: String,
    pub(crate) choices: Vec<Value>,
    pub(crate) usage: Value,
}

#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Chunk {
    pub(crate) id: &'static str,
    pub(crate) choices: [Value; 1],
}

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("the gateway answered {status}: {message}")]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) message: String,
}

pub(crate) type ChunkStream = Pin<Box<dyn Stream<Item = Result<Chunk, ApiError>> + Send>>;

/// Answers what it is asked, and fails where the question says so.
#[derive(Clone, Debug, Default, Instrumented)]
#[instrumented(provider = "openai", label = "gateway")]
#[instrumented(chat: async fn complete(&self, request: &ChatRequest) -> Result<ChatResponse, ApiError>)]
#[instrumented(chat: fn complete_now(&self, request: &ChatRequest) -> Result<ChatResponse, ApiError>)]
#[instrumented(chat(stream): async fn stream(&self, request: &ChatRequest) -> Result<ChunkStream, ApiError>)]
#[instrumented(chat(stream): fn stream_now(&self, request: &ChatRequest) -> Result<impl Iterator<Item = Result<Chunk, ApiError>> + use<>, ApiError>)]
#[instrumented(responses: fn respond(&self, request: &Value) -> Value)]
pub(crate) struct Gateway {
    pub(crate) api_key: String,
}

impl Gateway {
    pub(crate) async fn complete(&self, request: &ChatRequest) -> Result<ChatResponse, ApiError> {
        tokio::task::yield_now().await;
        self.complete_now(request)
    }

    pub(crate) fn complete_now(&self, request: &ChatRequest) -> Result<ChatResponse, ApiError> {
        let question = question(request)?;
        let message = json!({"role": "assistant", "content": format!("You said: {question}")});
        Ok(ChatResponse {
            id: "chatcmpl-1",
            model: format!("{}-2026-01-01", request.model),
            choices: vec![json!({"index": 0, "message": message, "finish_reason": "stop"})],
            usage: json!({"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}),
        })
    }

    pub(crate) async fn stream(&self, request: &ChatRequest) -> Result<ChunkStream, ApiError> {
        tokio::task::yield_now().await;
        Ok(Box::pin(stream::iter(self.stream_now(request)?)))
    }

    pub(crate) fn stream_now(
        &self,
        request: &ChatRequest,
    ) -> Result<std::vec::IntoIter<Result<Chunk, ApiError>>, ApiError> {
        let question = question(request)?;
        Ok(chunks(question).into_iter())
    }

    pub(crate) fn respond(&self, request: &Value) -> Value {
        json!({
            "id": "resp_1", "object": "response", "status": "completed", "model": request["model"],
            "output": [{
                "type": "message", "role": "assistant", "id": "msg_1", "status": "completed",
                "content": [{"type": "output_text", "text": "Soon.", "annotations": []}],
            }],
            "usage": {"input_tokens": 5, "output_tokens": 2, "total_tokens": 7},
        })
    }
}

/// The words of a question as chunks, with an error in the place of the word `fail`.
pub(crate) fn chunks(question: &str) -> Vec<Result<Chunk, ApiError>> {
    let word = |word: &str| {
        assert_ne!(word, "panic", "in the middle of a stream");
        if word == "fail" {
            return Err(ApiError {
                status: 502,
                message: "connection lost".into(),
            });
        }
        let delta = json!({"role": "assistant", "content": word});
        Ok(Chunk {
            id: "chatcmpl-2",
            choices: [json!({"index": 0, "delta": delta})],
        })
    };
    let end = json!({"index": 0, "delta": {}, "finish_reason": "stop"});
    let end = Ok(Chunk {
        id: "chatcmpl-2",
        choices: [end],
    });
    question
        .split_inclusive(' ')
        .map(word)
        .chain([end])
        .collect()
}

fn question(request: &ChatRequest) -> Result<&str, ApiError> {
    let question = request
        .messages
        .last()
        .map_or("", |message| &message.content);
    match question {
        "refuse" => Err(ApiError {
            status: 429,
            message: "slow down".into(),
        }),
        "explode" => panic!("the client exploded"),
        question => Ok(question),
    }
}

pub(crate) fn asking(question: &str) -> ChatRequest {
    ChatRequest {
        model: "small".into(),
        messages: vec![Message {
            role: "user",
            content: question.into(),
        }],
    }
}
