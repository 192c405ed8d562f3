//! A client of async-openai whose requests are answered inside the process.

use async_openai_0_43::config::OpenAIConfig;
use async_openai_0_43::error::OpenAIError;
use async_openai_0_43::middleware::HttpRequestFactory;
use async_openai_0_43::types::chat::{
    ChatCompletionRequestSystemMessage, ChatCompletionRequestUserMessage,
    CreateChatCompletionRequest, CreateChatCompletionRequestArgs,
};
use bytes::Bytes;
use serde_json::json;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Builds each request, as a real transport would, and answers with the same bytes.
#[derive(Clone)]
pub(crate) struct Canned {
    body: Bytes,
    content_type: &'static str,
}

impl Canned {
    pub(crate) fn json(body: String) -> Self {
        Self {
            body: body.into(),
            content_type: "application/json",
        }
    }

    pub(crate) fn events(body: String) -> Self {
        Self {
            body: body.into(),
            content_type: "text/event-stream",
        }
    }
}

impl tower::Service<HttpRequestFactory> for Canned {
    type Response = reqwest::Response;
    type Error = OpenAIError;
    type Future = Pin<Box<dyn Future<Output = Result<reqwest::Response, OpenAIError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), OpenAIError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, factory: HttpRequestFactory) -> Self::Future {
        let canned = self.clone();
        Box::pin(async move {
            let request = factory.build().await?;
            std::hint::black_box(&request);
            let response = http::Response::builder()
                .header("content-type", canned.content_type)
                .header("x-request-id", "req_1")
                .body(reqwest::Body::from(canned.body))
                .unwrap();
            Ok(response.into())
        })
    }
}

pub(crate) fn client<S>(service: S) -> async_openai_0_43::Client<OpenAIConfig>
where
    S: tower::Service<HttpRequestFactory, Response = reqwest::Response>
        + Clone
        + Send
        + Sync
        + 'static,
    S::Future: Send + 'static,
    S::Error: Into<OpenAIError> + Send + Sync + 'static,
{
    let config = OpenAIConfig::new()
        .with_api_base("http://in.process/v1")
        .with_api_key("sk-none");
    async_openai_0_43::Client::with_config(config).with_http_service(service)
}

/// A request of about `bytes` bytes of JSON, in messages of half a KiB.
pub(crate) fn request(bytes: usize) -> CreateChatCompletionRequest {
    let text = "The parcel left the depot on Monday, said the clerk. ".repeat(9);
    let count = bytes / 512;
    let mut messages = vec![ChatCompletionRequestSystemMessage::from(text.as_str()).into()];
    messages
        .extend((1..count).map(|_| ChatCompletionRequestUserMessage::from(text.as_str()).into()));
    CreateChatCompletionRequestArgs::default()
        .model("gpt-4.1-mini")
        .temperature(0.2)
        .messages(messages)
        .build()
        .unwrap()
}

/// A response of about `bytes` bytes of JSON.
pub(crate) fn response(bytes: usize) -> String {
    let text = "It will arrive on Tuesday, all being well. ".repeat((bytes - 500) / 43);
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1_750_000_000,
        "model": "gpt-4.1-mini-2025-04-14", "system_fingerprint": "fp_1", "service_tier": "default",
        "choices": [{"index": 0, "finish_reason": "stop", "logprobs": null,
            "message": {"role": "assistant", "content": text, "refusal": null}}],
        "usage": {"prompt_tokens": 900, "completion_tokens": 400, "total_tokens": 1300,
            "prompt_tokens_details": {"cached_tokens": 0, "audio_tokens": 0},
            "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0,
                "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0}},
    })
    .to_string()
}

/// A stream of so many chunks of text.
pub(crate) fn stream(chunks: usize) -> String {
    let chunk = |delta: serde_json::Value, finish: Option<&str>| {
        let chunk = json!({
            "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_750_000_000,
            "model": "gpt-4.1-mini-2025-04-14", "system_fingerprint": "fp_1",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": null}],
        });
        format!("data: {chunk}\n\n")
    };
    let mut events = chunk(json!({"role": "assistant", "content": ""}), None);
    for _ in 2..chunks {
        events.push_str(&chunk(json!({"content": " arrive"}), None));
    }
    events.push_str(&chunk(json!({}), Some("stop")));
    events.push_str("data: [DONE]\n\n");
    events
}
