//! A program without `async`: the wrapped client has a twin whose methods wait, and whose streams are
//! iterators.
//!
//! `cargo run --example blocking`

use std::error::Error;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::types::responses::{CreateResponseArgs, ResponseStreamEvent};
use rollout::openai::blocking;
use rollout_examples::local_provider::LocalProvider;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const FOLDER: &str = ".rollout";

#[rollout::agent(skip(openai))]
fn support(openai: &blocking::Client, question: &str) -> Result<String> {
    let mut request = CreateResponseArgs::default();
    request.model("gpt-4.1-mini").input(question);

    let response = openai.responses().create(request.build()?)?; // async-openai's own response
    println!(
        "> {question}\n{}",
        response.output_text().unwrap_or_default()
    );

    let mut text = String::new();
    for event in openai.responses().create_stream(request.build()?)? {
        if let ResponseStreamEvent::ResponseOutputTextDelta(piece) = event? {
            text += &piece.delta;
        }
    }
    Ok(text)
}

fn main() -> Result<()> {
    let recording = rollout::builder().local_dir(FOLDER).init()?;
    let runtime = tokio::runtime::Runtime::new()?; // for the provider on this machine alone
    let provider = runtime.block_on(LocalProvider::start())?;
    let config = OpenAIConfig::new()
        .with_api_base(provider.base_url())
        .with_api_key("none is needed here");

    let openai = rollout::wrap(Client::with_config(config)).blocking()?;
    support(&openai, "How long does order 1042 take?")?;

    drop(recording); // delivers what is left
    if let Some(run) = rollout::show::latest(FOLDER)? {
        println!("\n{}", run.tree().width(120));
    }
    Ok(())
}
