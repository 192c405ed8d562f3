//! Streams: shown while they run, and recorded whole however they end.
//!
//! `cargo run --example streaming`
//!
//! The first answer is read to its end. The second is given up half-way: what it brought is kept.

use std::error::Error;
use std::time::Duration;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::types::chat::{
    ChatCompletionRequestUserMessage, ChatCompletionStreamOptions, CreateChatCompletionRequestArgs,
};
use futures::StreamExt as _;
use rollout_examples::local_provider::LocalProvider;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const FOLDER: &str = ".rollout";

/// Reads so many chunks of the answer, and drops the rest.
#[rollout::agent(skip(openai))]
async fn answer(
    openai: &rollout::openai::Client,
    question: &str,
    patience: usize,
) -> Result<String> {
    let request = CreateChatCompletionRequestArgs::default()
        .model("gpt-4.1-mini")
        .messages([ChatCompletionRequestUserMessage::from(question).into()])
        // Without, the service does not count the tokens of a stream.
        .stream_options(ChatCompletionStreamOptions {
            include_usage: Some(true),
            ..Default::default()
        })
        .build()?;
    let mut chunks = openai.chat().create_stream(request).await?.take(patience);
    let mut answer = String::new();
    while let Some(chunk) = chunks.next().await {
        for choice in chunk?.choices {
            answer += &choice.delta.content.unwrap_or_default();
        }
    }
    Ok(answer)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let recording = rollout::builder()
        .local_dir(FOLDER)
        .stream_preview_chars(40) // the last characters of what has come so far; 4,096 by default
        .before_send(|event| {
            if let Some(preview) = &event.raw.stream_preview {
                println!("on its way: …{}", preview.to_text());
            }
            Some(event)
        })
        .init()?;
    let provider = LocalProvider::start().await?;
    let config = OpenAIConfig::new()
        .with_api_base(provider.base_url())
        .with_api_key("none is needed here");
    let openai = rollout::wrap(Client::with_config(config));

    for patience in [100, 9] {
        answer(&openai, "How long does order 1042 take?", patience).await?;
        recording
            .client()
            .flush_async(Duration::from_secs(5))
            .await?;
        if let Some(run) = rollout::show::latest(FOLDER)? {
            println!("\n{}\n", run.tree().width(120));
        }
    }
    Ok(())
}
