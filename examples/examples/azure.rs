//! Azure: the model is deployed under a name of one's own, and async-openai's `AzureConfig` knows the
//! way there. Its client is wrapped like any other.
//!
//! `cargo run --example azure`
//!
//! It asks the service that `AZURE_OPENAI_ENDPOINT`, `AZURE_OPENAI_API_KEY` and
//! `AZURE_OPENAI_DEPLOYMENT` name, else a small provider on this machine. The answer is streamed; the
//! tree tells when its first token came, and which model answered for the deployment.

use std::env;
use std::error::Error;
use std::io::{self, Write as _};

use async_openai::Client;
use async_openai::config::AzureConfig;
use async_openai::types::chat::{
    ChatCompletionRequestUserMessage, ChatCompletionStreamOptions, CreateChatCompletionRequestArgs,
};
use futures::StreamExt as _;
use rollout::WrapOptions;
use rollout_examples::local_provider::LocalProvider;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const FOLDER: &str = ".rollout";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let recording = rollout::builder().local_dir(FOLDER).init()?;

    let deployment = env::var("AZURE_OPENAI_DEPLOYMENT").unwrap_or_else(|_| "desk".to_owned());
    let (config, _provider) = config(&deployment).await?;
    let options = WrapOptions::new().provider("azure"); // else the spans say `openai`
    let azure = rollout::wrap_with(Client::with_config(config), options);

    let question = "How long does order 1042 take?";
    println!("> {question}");
    ask(&azure, &deployment, question).await?;

    drop(recording); // delivers what is left
    if let Some(run) = rollout::show::latest(FOLDER)? {
        println!("\n{}\n\nrecorded into `{FOLDER}`", run.tree().width(120));
    }
    Ok(())
}

/// Prints the answer while it comes, and returns it.
#[rollout::agent(skip(azure))]
async fn ask(
    azure: &rollout::openai::Client<AzureConfig>,
    deployment: &str,
    question: &str,
) -> Result<String> {
    let request = CreateChatCompletionRequestArgs::default()
        .model(deployment)
        .messages([ChatCompletionRequestUserMessage::from(question).into()])
        // Without, the service does not count the tokens of a stream.
        .stream_options(ChatCompletionStreamOptions {
            include_usage: Some(true),
            ..Default::default()
        })
        .build()?;
    let mut chunks = azure.chat().create_stream(request).await?;
    let mut answer = String::new();
    while let Some(chunk) = chunks.next().await {
        let choice = chunk?.choices.into_iter().next();
        let piece = choice.and_then(|choice| choice.delta.content);
        if let Some(piece) = piece {
            print!("{piece}");
            io::stdout().flush()?;
            answer.push_str(&piece);
        }
    }
    println!();
    Ok(answer)
}

/// Returns where to find the service that the environment names, else a provider on this machine.
async fn config(deployment: &str) -> io::Result<(AzureConfig, Option<LocalProvider>)> {
    let config = AzureConfig::new()
        .with_api_version("2024-10-21")
        .with_deployment_id(deployment);
    if let (Ok(endpoint), Ok(key)) = (
        env::var("AZURE_OPENAI_ENDPOINT"),
        env::var("AZURE_OPENAI_API_KEY"),
    ) {
        let endpoint = endpoint.trim_end_matches('/');
        return Ok((config.with_api_base(endpoint).with_api_key(key), None));
    }
    let provider = LocalProvider::start().await?;
    let config = config
        .with_api_base(provider.azure_endpoint())
        .with_api_key("none is needed here");
    Ok((config, Some(provider)))
}
