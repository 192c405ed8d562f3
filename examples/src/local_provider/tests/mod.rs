mod chat;
mod messages;
mod responses;
mod script;

use async_openai::config::{AzureConfig, OpenAIConfig};
use async_openai::error::OpenAIError;
use async_openai::types::chat::CreateChatCompletionRequest;
use serde_json::json;

use super::LocalProvider;

type Client = async_openai::Client<OpenAIConfig>;

async fn start() -> (LocalProvider, Client) {
    let provider = LocalProvider::start().await.unwrap();
    let config = OpenAIConfig::new()
        .with_api_base(provider.base_url())
        .with_api_key("");
    (provider, Client::with_config(config))
}

#[tokio::test]
async fn an_unknown_model_is_refused_as_openai_does() {
    let (_provider, client) = start().await;
    let request = json!({"model": "no-such-model", "messages": []});
    let request: CreateChatCompletionRequest = serde_json::from_value(request).unwrap();
    let error = client.chat().create(request.clone()).await.unwrap_err();
    let OpenAIError::ApiError(error) = error else {
        panic!("{error}")
    };
    assert_eq!(error.status_code.as_u16(), 404);
    assert_eq!(error.api_error.code.as_deref(), Some("model_not_found"));
    assert!(client.chat().create_stream(request).await.is_err());
}

#[tokio::test]
async fn a_deployment_on_azure_answers_by_the_name_of_its_model() {
    let (provider, _) = start().await;
    let config = AzureConfig::new()
        .with_api_base(provider.azure_endpoint())
        .with_deployment_id("desk")
        .with_api_version("2024-10-21")
        .with_api_key("");
    let client = async_openai::Client::with_config(config);
    let request = json!({"model": "desk", "messages": [{"role": "user", "content": "Hello!"}]});
    let request: CreateChatCompletionRequest = serde_json::from_value(request).unwrap();
    let response = client.chat().create(request).await.unwrap();
    assert_eq!(response.model, "gpt-4.1-mini-2025-04-14");
}

#[tokio::test]
async fn dropped_it_listens_no_more() {
    let (provider, client) = start().await;
    drop(provider);
    let request = json!({"model": "gpt-4.1-mini", "messages": []});
    let request: CreateChatCompletionRequest = serde_json::from_value(request).unwrap();
    let error = client.chat().create(request).await.unwrap_err();
    assert!(matches!(error, OpenAIError::Reqwest(_)), "{error}");
}
