//! The wire: a tower layer below async-openai's client sees each attempt, and the fields that the
//! client's types have no room for.
//!
//! `cargo run --example tower_layer`
//!
//! The service is made to be busy once, so that there is something to try again.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::middleware::HttpRequestFactory;
use async_openai::middleware::retry::OpenAIRetryLayer;
use async_openai::types::responses::CreateResponseArgs;
use rollout::openai::TraceLayer;
use rollout_examples::local_provider::LocalProvider;
use tower::{ServiceBuilder, service_fn};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const FOLDER: &str = ".rollout";

#[rollout::agent(skip(openai))]
async fn support(openai: &Client<OpenAIConfig>, question: &str) -> Result<String> {
    let request = CreateResponseArgs::default()
        .model("gpt-4.1-mini")
        .input(question)
        .build()?;
    let response = openai.responses().create(request).await?;
    Ok(response.output_text().unwrap_or_default())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let recording = rollout::builder().local_dir(FOLDER).init()?;
    let provider = LocalProvider::start().await?;

    let (http, was_busy) = (reqwest::Client::new(), Arc::new(AtomicBool::new(false)));
    let busy_at_first = service_fn(move |request: HttpRequestFactory| {
        let (http, was_busy) = (http.clone(), Arc::clone(&was_busy));
        async move {
            if !was_busy.swap(true, Ordering::Relaxed) {
                let busy = http::Response::builder()
                    .status(503)
                    .header("retry-after", "0");
                let busy = busy.body("").map_err(std::io::Error::other);
                return Ok::<reqwest::Response, OpenAIError>(busy.unwrap_or_default().into());
            }
            Ok(http.execute(request.build().await?).await?)
        }
    });
    let service = ServiceBuilder::new()
        .layer(TraceLayer::new()) // the call, one span however often it is tried
        .layer(OpenAIRetryLayer::default())
        .layer(TraceLayer::new()) // each attempt
        .service(busy_at_first);
    let config = OpenAIConfig::new()
        .with_api_base(provider.base_url())
        .with_api_key("none is needed here");
    let openai = Client::with_config(config).with_http_service(service); // keeps its own type

    println!(
        "{}\n",
        support(&openai, "How long does order 1042 take?").await?
    );
    drop(recording); // delivers what is left
    if let Some(run) = rollout::show::latest(FOLDER)? {
        println!("{}", run.tree().width(120));
    }
    Ok(())
}
