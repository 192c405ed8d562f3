//! What is scripted can be read by the client that most programs use.

use async_openai::config::OpenAIConfig;
use async_openai::types::chat::{CreateChatCompletionRequest, CreateChatCompletionResponse};
use async_openai::types::responses::{CreateResponse, ResponseStreamEvent};
use futures::StreamExt as _;

use super::*;
use crate::{Reply, ScriptedProvider};

fn turns() -> [Turn; 3] {
    let paris = json!({"city": "Paris"});
    [
        answer("It arrives on Tuesday."),
        reasoned_answer("The parcel is on its way.", "Soon."),
        calls([
            ("call_1", "weather", paris.clone()),
            ("call_2", "time", paris),
        ]),
    ]
}

fn client(provider: &ScriptedProvider) -> async_openai::Client<OpenAIConfig> {
    let config = OpenAIConfig::new()
        .with_api_base(provider.base_url())
        .with_api_key("");
    async_openai::Client::with_config(config)
}

#[tokio::test]
async fn chat_completions_are_complete() {
    let request = json!({"model": MODEL, "messages": []});
    let request: CreateChatCompletionRequest = serde_json::from_value(request).unwrap();
    for turn in turns() {
        let provider = ScriptedProvider::start([
            Reply::json(chat(&turn)),
            Reply::sse(chat_frames(&chat_chunks(&turn))),
        ]);
        let client = client(&provider);
        let whole: CreateChatCompletionResponse =
            client.chat().create(request.clone()).await.unwrap();
        assert_eq!(whole.choices[0].message.content, turn.text);
        assert_eq!(whole.usage.clone().unwrap().prompt_tokens, 21);

        let stream = client.chat().create_stream(request.clone()).await.unwrap();
        let chunks: Vec<_> = stream.map(Result::unwrap).collect().await;
        assert_eq!(chunks.last().unwrap().usage, whole.usage);
    }
}

#[tokio::test]
async fn responses_are_complete() {
    let request: CreateResponse =
        serde_json::from_value(json!({"model": MODEL, "input": "Where is my order?"})).unwrap();
    for turn in turns() {
        let provider = ScriptedProvider::start([
            Reply::json(response(&turn)),
            Reply::sse(response_frames(&response_events(&turn))),
        ]);
        let client = client(&provider);
        let whole = client.responses().create(request.clone()).await.unwrap();
        assert_eq!(whole.output_text(), turn.text);

        let stream = client
            .responses()
            .create_stream(request.clone())
            .await
            .unwrap();
        let events: Vec<_> = stream.map(Result::unwrap).collect().await;
        let Some(ResponseStreamEvent::ResponseCompleted(last)) = events.last() else {
            panic!()
        };
        assert_eq!(last.response, whole);
    }
}

#[tokio::test]
async fn errors_are_understood() {
    let body = error("rate_limit_error", Some("rate_limit"), "slow down");
    let provider = ScriptedProvider::start([Reply::json(body).with_status(400)]);
    let request: CreateResponse =
        serde_json::from_value(json!({"model": MODEL, "input": ""})).unwrap();
    let error = client(&provider)
        .responses()
        .create(request)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("slow down"), "{error}");
}
