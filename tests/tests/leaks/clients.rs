//! Clients of every kind, with secrets in what they are made of, asked, and answered.

use std::fmt;

use async_openai::config::OpenAIConfig;
use async_openai::traits::RequestOptionsBuilder as _;
use async_openai::types::chat::CreateChatCompletionRequest;
use async_openai::types::responses::CreateResponse;
use futures::StreamExt as _;
use rollout::{Instrumented, Rollout};
use rollout_tests::provider::{anthropic, openai};
use rollout_tests::{Reply, ScriptedProvider};
use serde_json::{Value, json};

use super::canary::{bare, key};

/// Makes all calls, and returns what the clients say of themselves.
pub(crate) fn call_all(rollout: &Rollout) -> Vec<String> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().build().unwrap();
    runtime.block_on(async {
        vec![
            typed(rollout).await,
            layered().await,
            anthropic_client(rollout).await,
            derived(rollout).await,
        ]
    })
}

fn config(provider: &ScriptedProvider, place: &str) -> OpenAIConfig {
    OpenAIConfig::new()
        .with_api_base(provider.base_url())
        .with_api_key(key(place))
}

fn chat(place: &str) -> CreateChatCompletionRequest {
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----",
        bare(&format!("private key of {place}"))
    );
    let request = json!({
        "model": "gpt-4o",
        "max_tokens": 64,
        "messages": [
            {"role": "system", "content": format!("Use {} for it.", key(&format!("system of {place}")))},
            {"role": "user", "content": "What is the weather in Paris?"},
            {"role": "user", "content": format!("My key: {pem}")},
            {"role": "assistant", "tool_calls": [{"id": "call_1", "type": "function", "function": {
                "name": "login",
                "arguments": json!({"password": bare(&format!("arguments of {place}"))}).to_string(),
            }}]},
            {"role": "tool", "tool_call_id": "call_1", "content":
                json!({"body": json!({"access_token": bare(&format!("inner JSON of {place}"))}).to_string()}).to_string()},
        ],
    });
    serde_json::from_value(request).unwrap()
}

fn refusal(place: &str) -> Reply {
    let message = format!("Incorrect API key provided: {}.", key(place));
    Reply::json(openai::error(
        "invalid_request_error",
        Some("invalid_api_key"),
        &message,
    ))
    .with_status(401)
}

/// An answer, and the pieces in which it is streamed: a key comes in several of them.
fn answer(place: &str) -> String {
    format!("Hello, world! Take {} and go.", key(place))
}

fn streamed(place: &str) -> Reply {
    let chunks = openai::chat_chunks(&openai::answer(&answer(place)));
    let (head, rest): (Vec<_>, Vec<_>) = chunks.into_iter().partition(|chunk| {
        chunk["choices"][0]["delta"]["content"]
            .as_str()
            .is_none_or(str::is_empty)
            && chunk["choices"][0]["finish_reason"].is_null()
            && chunk["usage"].is_null()
    });
    let text = rest
        .iter()
        .find(|chunk| chunk["choices"][0]["delta"]["content"].is_string());
    let text = text.unwrap().clone();
    let letters = answer(place).chars().collect::<Vec<_>>();
    let pieces = letters.chunks(5).map(|piece| {
        let mut chunk = text.clone();
        chunk["choices"][0]["delta"]["content"] = piece.iter().collect::<String>().into();
        chunk
    });
    let is_text = |chunk: &Value| chunk["choices"][0]["delta"]["content"].is_string();
    let tail = rest.iter().filter(|chunk| !is_text(chunk)).cloned();
    let chunks: Vec<_> = head.into_iter().chain(pieces).chain(tail).collect();
    Reply::sse(openai::chat_frames(&chunks))
}

/// async-openai's client, wrapped.
async fn typed(rollout: &Rollout) -> String {
    let provider = ScriptedProvider::start([
        Reply::json(openai::chat(&openai::answer(&answer(
            "answer to a typed call",
        )))),
        refusal("error of a typed call"),
        streamed("stream of a typed call"),
        Reply::json(openai::response(&openai::answer("Hello, world!"))),
    ]);
    let config = config(&provider, "key of a typed client");
    let client = rollout.wrap(async_openai::Client::with_config(config));
    let group = client
        .chat()
        .header("x-api-key", bare("header of a call"))
        .unwrap();
    let group = group
        .query(&[("api_key", bare("query of a call"))])
        .unwrap();
    group.create(chat("a typed call")).await.unwrap();
    client
        .chat()
        .create(chat("a call that fails"))
        .await
        .unwrap_err();
    let stream = client.chat().create_stream(chat("a stream")).await.unwrap();
    assert!(stream.count().await > 8);
    let request: CreateResponse = serde_json::from_value(json!({
        "model": "gpt-4o",
        "input": format!("curl -u me -H 'Authorization: Bearer {}'", bare("header in a text")),
        "tools": [{
            "type": "mcp",
            "server_label": "orders",
            "server_url": format!("https://me:{}@host/mcp?api_key={}",
                bare("password in an address"), bare("key in an address")),
            "authorization": bare("authorization of a server"),
            "headers": {"X-Tenant-Token": format!("Bearer {}", bare("header of a server"))},
        }],
    }))
    .unwrap();
    client.responses().create(request).await.unwrap();
    format!("{client:?} {:?}", provider.unused())
}

/// async-openai's client with the layer below it, which sees what is on the wire.
async fn layered() -> String {
    let provider = ScriptedProvider::start([
        Reply::json(openai::chat(&openai::answer(&answer("answer on the wire")))).with_header(
            "set-cookie",
            &format!("session={}", bare("cookie of an answer")),
        ),
        refusal("error on the wire"),
        streamed("stream on the wire"),
    ]);
    let client = rollout::openai::client(config(&provider, "key of a layered client"));
    let group = client
        .chat()
        .header("cookie", format!("a={}", bare("cookie of a call")))
        .unwrap();
    group.create(chat("a call on the wire")).await.unwrap();
    client
        .chat()
        .create(chat("a refused call on the wire"))
        .await
        .unwrap_err();
    let stream = client
        .chat()
        .create_stream(chat("a stream on the wire"))
        .await
        .unwrap();
    assert!(stream.count().await > 8);
    // Where nobody listens, errors have the address in them.
    let nowhere = OpenAIConfig::new()
        .with_api_base(format!(
            "http://me:{}@127.0.0.1:1/v1",
            bare("password of a base URL")
        ))
        .with_api_key(key("key of a client that reaches nobody"));
    let nowhere = rollout::openai::client(nowhere);
    let call = nowhere
        .chat()
        .query(&[("key", bare("query of a lost call"))])
        .unwrap();
    let request = chat("a lost call");
    tokio::time::timeout(std::time::Duration::from_secs(2), call.create(request))
        .await
        .ok();
    String::new()
}

/// claude-api's client, wrapped.
async fn anthropic_client(rollout: &Rollout) -> String {
    let error = format!("invalid x-api-key: {}", key("error of Anthropic"));
    let provider = ScriptedProvider::start([
        Reply::json(anthropic::message(&[
            anthropic::thinking(&format!("I know {}", key("thoughts"))),
            anthropic::tool_use(
                "toolu_1",
                "login",
                json!({"client_secret": bare("input of a tool")}),
            ),
        ])),
        Reply::json(anthropic::error("authentication_error", &error)).with_status(401),
    ]);
    let client = claude_api::Client::builder()
        .api_key(key("key of Anthropic"))
        .base_url(provider.url())
        .retry(claude_api::retry::RetryPolicy::none())
        .build()
        .unwrap();
    let client = rollout.wrap(client);
    let request = || {
        claude_api::messages::CreateMessageRequest::builder()
            .model("claude-sonnet-4-5")
            .max_tokens(64)
            .system(format!(
                "export AWS_SECRET_ACCESS_KEY={}",
                bare("system of Anthropic")
            ))
            .user(format!(
                "AKIAIOSFODNN7EXAMPLE and Cookie: a={}",
                bare("cookie in a text")
            ))
            .build()
            .unwrap()
    };
    client.messages().create(request()).await.unwrap();
    client.messages().create(request()).await.unwrap_err();
    format!("{client:?}")
}

#[derive(Debug)]
struct GatewayError(String);

impl fmt::Display for GatewayError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused: {}", self.0)
    }
}

impl std::error::Error for GatewayError {}

#[derive(Clone, Instrumented)]
#[instrumented(provider = "openai")]
#[instrumented(chat: async fn complete(&self, request: &Value) -> Result<Value, GatewayError>)]
struct Gateway {
    api_key: String,
}

impl Gateway {
    async fn complete(&self, request: &Value) -> Result<Value, GatewayError> {
        tokio::task::yield_now().await;
        if request["fail"] == true {
            return Err(GatewayError(format!("api_key={}", self.api_key)));
        }
        Ok(openai::chat(&openai::answer("Hello, world!")))
    }
}

/// A client of one's own.
async fn derived(rollout: &Rollout) -> String {
    let client = rollout.wrap(Gateway {
        api_key: key("key of a gateway"),
    });
    let request = |fail: bool| {
        json!({
            "model": "gpt-4o",
            "fail": fail,
            "messages": [{"role": "user", "content": "Hello, world!"}],
            "api_key": bare("key in a request"),
            "extra_headers": {
                "Authorization": format!("Bearer {}", bare("bearer in a request")),
                "Proxy-Authorization": [bare("proxy of a request")],
                "cookie": bare("cookie of a request"),
            },
            "headers": [["x-api-key", bare("list of headers")]],
            "vars": [{"name": "DB_PASSWORD", "value": bare("variable in a request")}],
            "metadata": {key("key of an object"): 1},
        })
    };
    client.complete(&request(false)).await.unwrap();
    client.complete(&request(true)).await.unwrap_err();
    String::new()
}
