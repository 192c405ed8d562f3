//! Chat completions, with the client that most programs use.

use async_openai::types::chat::{
    ChatCompletionMessageToolCalls, CreateChatCompletionRequest, CreateChatCompletionResponse,
    CreateChatCompletionStreamResponse, FinishReason,
};
use futures::StreamExt as _;
use serde_json::{Value, json};

use super::{Client, start};

fn request(messages: Value, more: Value) -> CreateChatCompletionRequest {
    let mut request = json!({"model": "gpt-4.1-mini", "messages": messages});
    for (key, value) in more.as_object().unwrap() {
        request[key] = value.clone();
    }
    serde_json::from_value(request).unwrap()
}

fn tools() -> Value {
    let parameters = json!({
        "type": "object", "properties": {"order": {"type": "string"}}, "required": ["order"],
    });
    json!([{"type": "function", "function": {"name": "lookup_order", "parameters": parameters}}])
}

async fn create(client: &Client, messages: Value, more: Value) -> CreateChatCompletionResponse {
    client.chat().create(request(messages, more)).await.unwrap()
}

async fn stream(
    client: &Client,
    messages: Value,
    mut more: Value,
) -> Vec<CreateChatCompletionStreamResponse> {
    more["stream_options"] = json!({"include_usage": true});
    let stream = client
        .chat()
        .create_stream(request(messages, more))
        .await
        .unwrap();
    stream.map(Result::unwrap).collect().await
}

#[tokio::test]
async fn an_agent_loop_ends_in_an_answer_that_quotes_the_tools() {
    let (_provider, client) = start().await;
    let mut messages = json!([
        {"role": "system", "content": "You are the support desk."},
        {"role": "user", "content": "Where are my orders 1042 and 1043?"},
    ]);
    let first = create(&client, messages.clone(), json!({"tools": tools()})).await;
    assert_eq!(
        first.choices[0].finish_reason,
        Some(FinishReason::ToolCalls)
    );
    let calls = first.choices[0].message.tool_calls.clone().unwrap();
    assert_eq!(calls.len(), 2);

    let list = messages.as_array_mut().unwrap();
    list.push(json!({"role": "assistant", "tool_calls": calls}));
    for call in calls {
        let ChatCompletionMessageToolCalls::Function(call) = call else {
            panic!()
        };
        assert_eq!(call.function.name, "lookup_order");
        let output = r#"{"status": "shipped", "arrival_date": "2026-11-24"}"#;
        list.push(json!({"role": "tool", "tool_call_id": call.id, "content": output}));
    }
    let options = json!({"tools": tools(), "reasoning_effort": "low"});
    let second = create(&client, messages, options).await;
    let text = second.choices[0].message.content.as_deref().unwrap();
    assert!(
        text.contains("Order 1043 is shipped (arrival date: 2026-11-24)."),
        "{text}"
    );
    assert_eq!(second.choices[0].finish_reason, Some(FinishReason::Stop));

    let (first, second) = (first.usage.unwrap(), second.usage.unwrap());
    assert_eq!(first.prompt_tokens_details.unwrap().cached_tokens, Some(0));
    let cached = second.prompt_tokens_details.unwrap().cached_tokens;
    assert_eq!(cached, Some(first.prompt_tokens));
    assert!(second.completion_tokens_details.unwrap().reasoning_tokens > Some(0));
}

#[tokio::test]
async fn a_stream_says_the_same_as_the_whole_answer() {
    let (_provider, client) = start().await;
    let messages = json!([{"role": "user", "content": "Hello"}]);
    let whole = create(&client, messages.clone(), json!({})).await;
    let chunks = stream(&client, messages, json!({})).await;

    let deltas = chunks.iter().flat_map(|chunk| &chunk.choices);
    let text: String = deltas
        .filter_map(|choice| choice.delta.content.clone())
        .collect();
    assert_eq!(Some(text), whole.choices[0].message.content);
    let (last, others) = chunks.split_last().unwrap();
    assert!(last.choices.is_empty());
    assert_eq!(last.usage, whole.usage);
    assert!(others.iter().all(|chunk| chunk.usage.is_none()));
    assert_eq!(
        others.last().unwrap().choices[0].finish_reason,
        Some(FinishReason::Stop)
    );
}

#[tokio::test]
async fn a_stream_of_parallel_calls_can_be_put_together() {
    let (_provider, client) = start().await;
    let messages = json!([{"role": "user", "content": "Where are 1042 and 1043?"}]);
    let chunks = stream(&client, messages, json!({"tools": tools()})).await;
    let mut arguments = [String::new(), String::new()];
    let choices = chunks.iter().flat_map(|chunk| &chunk.choices);
    for call in choices
        .filter_map(|choice| choice.delta.tool_calls.as_ref())
        .flatten()
    {
        let function = call.function.as_ref().unwrap();
        assert_eq!(call.id.is_some(), function.name.is_some());
        arguments[call.index as usize] += function.arguments.as_deref().unwrap();
    }
    assert_eq!(arguments, [r#"{"order":"1042"}"#, r#"{"order":"1043"}"#]);
}

#[tokio::test]
async fn usage_is_streamed_only_when_asked_for() {
    let (_provider, client) = start().await;
    let request = request(json!([{"role": "user", "content": "Hello"}]), json!({}));
    let mut stream = client.chat().create_stream(request).await.unwrap();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.unwrap();
        assert!(chunk.usage.is_none() && !chunk.choices.is_empty());
    }
}
