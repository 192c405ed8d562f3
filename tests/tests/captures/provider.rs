//! What the providers of the captures answered.

use async_openai::middleware::ReqwestService;
use async_openai::middleware::retry::OpenAIRetryLayer;
use rollout_tests::{Reply, ScriptedProvider};
use serde_json::{Value, json};
use tower::Layer as _;

pub(crate) const TEXT: &str = "Your order has shipped and will arrive on Tuesday.";
pub(crate) const THOUGHT: &str = "The user asks about an order. I look up the status first.";
pub(crate) const MODEL: &str = "gpt-4.1-mini";
const ORDER: &str = r#"{"order_id": "4421", "fields": ["status", "eta"]}"#;
const CITY: &str = r#"{"city": "Paris"}"#;

pub(crate) mod anthropic;
pub(crate) mod stream;

/// Who asks a model, in either SDK's program.
pub(crate) type OpenAi = rollout::openai::Client<async_openai::config::OpenAIConfig>;

/// Returns a client of this provider that is recorded.
pub(crate) fn openai(provider: &ScriptedProvider) -> OpenAi {
    rollout::wrap(unwrapped(&provider.base_url()))
}

pub(crate) fn unwrapped(url: &str) -> async_openai::Client<async_openai::config::OpenAIConfig> {
    let config = async_openai::config::OpenAIConfig::new().with_api_base(url);
    async_openai::Client::with_config(config.with_api_key("sk-test"))
}

/// Returns a client that is recorded and does not try again what failed.
pub(crate) fn openai_once(url: &str) -> OpenAi {
    let service = ReqwestService::new(reqwest::Client::new());
    let service = OpenAIRetryLayer::new(0).layer(service);
    rollout::wrap(unwrapped(url).with_http_service(service))
}

/// Returns the request of most programs, with more in it.
pub(crate) fn asked<T: serde::de::DeserializeOwned>(more: Value) -> T {
    let mut request = json!({
        "model": MODEL,
        "messages": [{"role": "user", "content": "Where is my order?"}],
    });
    extend(&mut request, more);
    serde_json::from_value(request).unwrap()
}

/// Returns a request for a response, with more in it.
pub(crate) fn respond<T: serde::de::DeserializeOwned>(input: &str, more: Value) -> T {
    let mut request = json!({"model": MODEL, "input": input});
    extend(&mut request, more);
    serde_json::from_value(request).unwrap()
}

fn extend(request: &mut Value, more: Value) {
    if let (Value::Object(request), Value::Object(more)) = (request, more) {
        request.extend(more);
    }
}

fn chat_usage() -> Value {
    json!({
        "completion_tokens": 11, "prompt_tokens": 21, "total_tokens": 32,
        "completion_tokens_details": {
            "accepted_prediction_tokens": 0, "audio_tokens": 0, "reasoning_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
        "prompt_tokens_details": {"audio_tokens": 0, "cached_tokens": 8},
    })
}

/// Returns the body of the nth answer, a chat completion.
pub(crate) fn chat(nth: u32) -> Value {
    let message = json!({"content": TEXT, "role": "assistant"});
    chat_of(nth, message, "stop")
}

/// Returns the body of one that wants tools called.
pub(crate) fn chat_calls(nth: u32) -> Value {
    let call = |id: &str, name: &str, arguments: &str| {
        let function = json!({"arguments": arguments, "name": name});
        json!({"id": id, "function": function, "type": "function"})
    };
    let calls = json!([
        call("call_mock_1", "lookup_order", ORDER),
        call("call_mock_2", "get_weather", CITY),
    ]);
    chat_of(
        nth,
        json!({"role": "assistant", "tool_calls": calls}),
        "tool_calls",
    )
}

fn chat_of(nth: u32, message: Value, reason: &str) -> Value {
    json!({
        "id": format!("chatcmpl-mock-{nth}"),
        "choices": [{"finish_reason": reason, "index": 0, "message": message}],
        "created": 1_750_000_000, "model": MODEL, "object": "chat.completion",
        "service_tier": "default", "system_fingerprint": "fp_mock", "usage": chat_usage(),
    })
}

/// Returns the body of the nth answer, a response.
pub(crate) fn response(nth: u32) -> Value {
    response_of(nth, &[said(nth)], 0)
}

/// Returns the body of one that was thought about.
pub(crate) fn reasoned_response(nth: u32) -> Value {
    let summary = json!([{"text": THOUGHT, "type": "summary_text"}]);
    let reasoning =
        json!({"id": format!("rs_mock_{nth}"), "summary": summary, "type": "reasoning"});
    response_of(nth, &[reasoning, said(nth)], 64)
}

/// Returns the body of one that wants tools called.
pub(crate) fn response_calls(nth: u32) -> Value {
    let call = |id: &str, name: &str, arguments: &str| {
        json!({
            "arguments": arguments, "call_id": id, "name": name, "type": "function_call",
            "id": format!("fc_{id}"), "status": "completed",
        })
    };
    let calls = [
        call("call_mock_1", "lookup_order", ORDER),
        call("call_mock_2", "get_weather", CITY),
    ];
    response_of(nth, &calls, 0)
}

fn said(nth: u32) -> Value {
    let part = json!({"annotations": [], "text": TEXT, "type": "output_text", "logprobs": []});
    json!({
        "id": format!("msg_mock_{nth}"), "content": [part], "role": "assistant",
        "status": "completed", "type": "message",
    })
}

pub(crate) fn response_of(nth: u32, output: &[Value], reasoning: u32) -> Value {
    json!({
        "id": format!("resp_mock_{nth}"), "created_at": 1_750_000_000, "metadata": {},
        "model": MODEL, "object": "response", "output": output, "parallel_tool_calls": true,
        "temperature": 1.0, "tool_choice": "auto", "tools": [], "top_p": 1.0, "reasoning": {},
        "status": "completed", "text": {"format": {"type": "text"}}, "truncation": "disabled",
        "usage": {
            "input_tokens": 21,
            "input_tokens_details": {"cache_write_tokens": 0, "cached_tokens": 8},
            "output_tokens": 11 + reasoning,
            "output_tokens_details": {"reasoning_tokens": reasoning},
            "total_tokens": 32 + reasoning,
        },
        "store": true,
    })
}

/// Starts a provider that answers with these bodies.
pub(crate) fn answering(bodies: impl IntoIterator<Item = Value>) -> ScriptedProvider {
    ScriptedProvider::start(bodies.into_iter().map(Reply::json))
}
