//! A gateway: OpenRouter speaks OpenAI's protocol, so the same client is wrapped, under the gateway's
//! name.
//!
//! `cargo run --example openrouter`
//!
//! It asks OpenRouter if `OPENROUTER_API_KEY` is set, else a small provider on this machine. One model
//! after the other is asked until one answers. The first does not exist, to show a call that fails.

use std::error::Error;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::types::chat::{
    ChatCompletionRequestUserMessage, CreateChatCompletionRequestArgs,
};
use rollout::WrapOptions;
use rollout_examples::local_provider::LocalProvider;

const FOLDER: &str = ".rollout";
const MODELS: [&str; 2] = ["no-such-model", "openai/gpt-4.1-mini"];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let recording = rollout::builder().local_dir(FOLDER).init()?;

    let (config, _provider) = config().await?;
    let options = WrapOptions::new().provider("openrouter"); // else the spans say `openai`
    let gateway = rollout::wrap_with(Client::with_config(config), options);

    let question = "How long does order 1042 take?";
    println!("> {question}\n{}\n", ask(&gateway, question).await?);

    drop(recording); // delivers what is left
    if let Some(run) = rollout::show::latest(FOLDER)? {
        println!("{}\n\nrecorded into `{FOLDER}`", run.tree().width(120));
    }
    Ok(())
}

/// Asks one model after the other, and returns the first answer.
#[rollout::agent(skip(gateway))]
async fn ask(gateway: &rollout::openai::Client, question: &str) -> Result<String, OpenAIError> {
    let mut last = OpenAIError::InvalidArgument("there is no model to ask".to_owned());
    for model in MODELS {
        match complete(gateway, model, question).await {
            Ok(answer) => return Ok(answer),
            Err(error) => last = error,
        }
    }
    Err(last)
}

async fn complete(
    gateway: &rollout::openai::Client,
    model: &str,
    question: &str,
) -> Result<String, OpenAIError> {
    let request = CreateChatCompletionRequestArgs::default()
        .model(model)
        .messages([ChatCompletionRequestUserMessage::from(question).into()])
        .build()?;
    let response = gateway.chat().create(request).await?;
    let answer = response.choices.into_iter().next();
    Ok(answer
        .and_then(|choice| choice.message.content)
        .unwrap_or_default())
}

/// Returns where to find OpenRouter, else a provider on this machine.
async fn config() -> std::io::Result<(OpenAIConfig, Option<LocalProvider>)> {
    if let Ok(key) = std::env::var("OPENROUTER_API_KEY") {
        let config = OpenAIConfig::new()
            .with_api_base("https://openrouter.ai/api/v1")
            .with_api_key(key);
        return Ok((config, None));
    }
    let provider = LocalProvider::start().await?;
    let config = OpenAIConfig::new()
        .with_api_base(provider.base_url())
        .with_api_key("none is needed here");
    Ok((config, Some(provider)))
}
