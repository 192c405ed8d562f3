//! Anthropic's messages, with the client that the example uses.

use claude_api::messages::{CreateMessageRequest, CustomTool, Tool};
use claude_api::{Client, Error};
use serde_json::{Value, json};

use super::super::LocalProvider;

async fn start() -> (LocalProvider, Client) {
    let provider = LocalProvider::start().await.unwrap();
    let builder = Client::builder().api_key("none").base_url(provider.url());
    (provider, builder.build().unwrap())
}

fn request(question: &str, messages: &Value) -> CreateMessageRequest {
    let schema = json!({
        "type": "object", "properties": {"number": {"type": "string"}}, "required": ["number"],
    });
    let tool = Tool::Custom(CustomTool::new("lookup_order", schema));
    let mut request = CreateMessageRequest::builder()
        .model("claude-sonnet-4-5")
        .max_tokens(256)
        .system("You are the support desk.")
        .user(question)
        .tools(vec![tool])
        .build()
        .unwrap();
    let more: Vec<_> = serde_json::from_value(messages.clone()).unwrap();
    request.messages.extend(more);
    request
}

const QUESTION: &str = "Where are my orders 1042 and 1043?";

#[tokio::test]
async fn an_agent_loop_ends_in_an_answer_that_quotes_the_tools() {
    let (_provider, client) = start().await;
    let messages = client.messages();
    let first = messages
        .create(request(QUESTION, &json!([])))
        .await
        .unwrap();
    let first = serde_json::to_value(first).unwrap();
    assert_eq!(first["stop_reason"], "tool_use");
    let calls = first["content"].as_array().unwrap();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[0]["input"], json!({"number": "1042"}));

    let results: Vec<Value> = calls
        .iter()
        .map(|call| {
            let content = json!({"status": "in transit"}).to_string();
            json!({"type": "tool_result", "tool_use_id": call["id"], "content": content})
        })
        .collect();
    let turn = json!([
        {"role": "assistant", "content": calls},
        {"role": "user", "content": results},
    ]);
    let last = messages.create(request(QUESTION, &turn)).await.unwrap();
    let last = serde_json::to_value(last).unwrap();
    assert_eq!(last["stop_reason"], "end_turn");
    let text = last["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("Order 1043 is in transit"), "{text}");
    assert!(last["usage"]["cache_read_input_tokens"].as_u64().unwrap() > 0);
}

#[tokio::test]
async fn a_stream_says_what_the_whole_does() {
    let (_provider, client) = start().await;
    for question in [QUESTION, "Hello!"] {
        let messages = client.messages();
        let whole = messages.create(request(question, &json!([]))).await;
        let stream = messages.create_stream(request(question, &json!([]))).await;
        let mut streamed = stream.unwrap().aggregate().await.unwrap();
        let whole = whole.unwrap();
        // Each answer has an id of its own.
        streamed.id.clone_from(&whole.id);
        assert_eq!(streamed, whole);
    }
}

#[tokio::test]
async fn an_unknown_model_is_refused_as_anthropic_does() {
    let (_provider, client) = start().await;
    let mut request = request(QUESTION, &json!([]));
    request.model = "no-such-model".into();
    let error = client.messages().create(request).await.unwrap_err();
    assert!(error.request_id().is_some_and(|id| id.starts_with("req_")));
    let Error::Api { status, kind, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(status, 404);
    assert_eq!(kind, claude_api::error::ApiErrorKind::NotFoundError);
}
