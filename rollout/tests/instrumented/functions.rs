//! `#[llm]` on single functions and methods.

use std::cell::Cell;
use std::pin::Pin;

use futures::stream::{self, Stream, StreamExt as _};
use rollout::protocol::EventType;
use serde_json::{Value, json};

use crate::gateway::{ApiError, ChatRequest, ChatResponse, Chunk, Gateway, asking, chunks};
use crate::harness::{assert_tree, block_on, record};

#[rollout::llm(provider = "openai", operation = "chat")]
async fn complete(request: &ChatRequest) -> Result<ChatResponse, ApiError> {
    if request.messages.is_empty() {
        return Err(ApiError {
            status: 400,
            message: "nothing to answer".into(),
        });
    }
    let response = Gateway::default().complete(request).await?;
    Ok(response)
}

#[rollout::llm(
    "ask claude",
    provider = "anthropic",
    operation = "messages",
    label = "bedrock",
    request = body,
    model = deployment,
    attributes(region = "eu", attempt = attempt),
    capture_output = false
)]
fn invoke(deployment: &str, attempt: u32, body: Value) -> Value {
    assert_eq!(deployment, "claude-deployment");
    let _ = (attempt, body);
    json!({"type": "message", "role": "assistant", "usage": {"input_tokens": 3, "output_tokens": 1}})
}

type Chunks = Pin<Box<dyn Stream<Item = Chunk> + Send>>;

#[rollout::llm(provider = "openai", operation = "chat")]
fn streamed(
    request: &ChatRequest,
) -> Result<impl Stream<Item = Result<Chunk, ApiError>> + use<>, ApiError> {
    let words = request
        .messages
        .last()
        .map_or("", |message| &message.content);
    Ok(stream::iter(chunks(words)))
}

#[rollout::llm(provider = "openai", operation = "chat", stream)]
async fn aliased(request: &ChatRequest) -> Result<Chunks, ApiError> {
    let chunks = streamed(request)?;
    Ok(Box::pin(chunks.map(Result::unwrap)))
}

struct Client {
    calls: Cell<u32>,
}

impl Client {
    #[rollout::llm(provider = "openai", operation = "responses")]
    fn respond(&self, request: Value) -> Value {
        self.calls.set(self.calls.get() + 1);
        Gateway::default().respond(&request)
    }

    #[rollout::llm(provider = "openai", operation = "chat")]
    fn later(&self, request: ChatRequest) -> impl Future<Output = Result<ChatResponse, ApiError>> {
        async move { Gateway::default().complete(&request).await }
    }
}

#[test]
fn a_function_is_recorded_as_a_client_is() {
    let by_function = record(|| block_on(complete(&asking("Hello?"))).unwrap());
    let gateway = rollout::wrap(Gateway::default());
    let by_client = record(|| block_on(gateway.complete(&asking("Hello?"))).unwrap());
    assert_eq!(by_function.tree(), by_client.tree());
    let end = by_function.only(EventType::SpanEnd);
    assert_eq!(end.model.provider.as_deref(), Some("openai"));
    assert_eq!(end.usage.total_tokens, Some(10));
}

#[test]
fn what_a_question_mark_or_an_early_return_gives_back_is_recorded() {
    let recorded = record(|| {
        block_on(complete(&asking("refuse"))).unwrap_err();
        let empty = ChatRequest {
            messages: Vec::new(),
            ..asking("")
        };
        block_on(complete(&empty)).unwrap_err();
    });
    let messages: Vec<_> = recorded
        .events
        .iter()
        .filter(|event| event.event_type() == EventType::SpanEnd)
        .map(|event| event.error.message_preview.as_deref().unwrap())
        .collect();
    let expected = [
        "the gateway answered 429: slow down",
        "the gateway answered 400: nothing to answer",
    ];
    assert_eq!(messages, expected);
}

#[test]
fn options_name_the_span_the_model_and_who_serves_it() {
    let recorded = record(|| invoke("claude-deployment", 2, json!({"max_tokens": 5})));
    assert_tree(
        &recorded,
        &[
            "trace ask claude ok",
            r#"  llm ask claude ok {"max_tokens":5}"#,
        ],
    );
    let end = recorded.only(EventType::SpanEnd);
    assert_eq!(end.model.provider.as_deref(), Some("bedrock"));
    assert_eq!(end.model.model.as_deref(), Some("claude-deployment"));
    assert_eq!(end.attributes["region"], json!("eu"));
    assert_eq!(end.attributes["attempt"], json!(2));
    assert_eq!(end.usage.input_tokens, Some(3));
}

#[test]
fn streams_of_functions_stay_streams() {
    let recorded = record(|| {
        let chunks = streamed(&asking("one two ")).unwrap();
        assert_eq!(block_on(chunks.count()), 3);
    });
    let output = &recorded.only(EventType::LlmStreamEnd).raw.output;
    let output = output.as_ref().unwrap().to_value();
    assert_eq!(output["choices"][0]["message"]["content"], "one two ");

    let recorded = record(|| {
        let chunks: Chunks = block_on(aliased(&asking("one two "))).unwrap();
        assert_eq!(block_on(chunks.count()), 3);
    });
    let calls: Vec<_> = recorded
        .events
        .iter()
        .filter(|event| event.event_type() == EventType::SpanStart)
        .collect();
    let [outer, inner] = calls.as_slice() else {
        panic!("{calls:?}");
    };
    assert_eq!(inner.parent_span_id, outer.span_id);
}

#[test]
fn methods_are_recorded_and_a_future_opens_when_it_is_polled() {
    let client = Client {
        calls: Cell::new(0),
    };
    let recorded = record(|| {
        client.respond(json!({"model": "small", "input": "When?"}));
        drop(client.later(asking("never polled")));
        block_on(client.later(asking("Hello?"))).unwrap();
    });
    assert_eq!(client.calls.get(), 1);
    let names: Vec<_> = recorded
        .events
        .iter()
        .filter(|event| event.event_type() == EventType::SpanEnd)
        .map(|event| event.name.as_deref().unwrap())
        .collect();
    assert_eq!(names, ["openai.responses", "openai.chat.completions"]);
}
