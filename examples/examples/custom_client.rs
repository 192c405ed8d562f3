//! Clients of one's own: one over `reqwest`, asynchronous and streaming, and one over `ureq`, which
//! blocks and knows nothing of runtimes. A derive gives each a twin with the same methods, recorded.
//!
//! `cargo run --example custom_client`
//!
//! Both ask a small provider on this machine.

use std::error::Error;
use std::time::Duration;

use futures::stream::{self, BoxStream, StreamExt as _};
use rollout::{Instrumented, show};
use rollout_examples::local_provider::LocalProvider;
use serde::Serialize;
use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const FOLDER: &str = ".rollout";

/// What the gateway is asked, in OpenAI's format: that is all the recorder needs to know.
#[derive(Serialize)]
struct ChatRequest {
    model: &'static str,
    messages: Vec<Message>,
    stream: bool,
    stream_options: Value,
}

#[derive(Serialize)]
struct Message {
    role: &'static str,
    content: String,
}

/// The asynchronous one. `BoxStream` can be seen to be a stream; behind an alias it would be
/// `chat(stream)`.
#[derive(Instrumented)]
#[instrumented(provider = "openai", label = "shop-gateway")]
#[instrumented(chat: async fn stream(&self, request: &ChatRequest) -> Result<BoxStream<'static, Result<Value>>>)]
struct Gateway {
    http: reqwest::Client,
    url: String,
}

impl Gateway {
    async fn stream(&self, request: &ChatRequest) -> Result<BoxStream<'static, Result<Value>>> {
        let url = format!("{}/chat/completions", self.url);
        let body = serde_json::to_vec(request)?;
        let request = self
            .http
            .post(url)
            .header("content-type", "application/json");
        let response = request.body(body).send().await?.error_for_status()?;
        let events = stream::unfold(
            (response, String::new()),
            |(mut response, mut read)| async {
                let event = next_event(&mut response, &mut read).await.transpose()?;
                Some((event, (response, read)))
            },
        );
        Ok(events.boxed())
    }
}

/// Reads on until an event is whole; `None` at the end.
async fn next_event(response: &mut reqwest::Response, read: &mut String) -> Result<Option<Value>> {
    loop {
        if let Some((event, rest)) = read.split_once("\n\n") {
            let data = event.trim_start_matches("data:").trim();
            let event = (data != "[DONE]")
                .then(|| serde_json::from_str(data))
                .transpose()?;
            *read = rest.to_owned();
            return Ok(event);
        }
        match response.chunk().await? {
            Some(bytes) => read.push_str(std::str::from_utf8(&bytes)?),
            None => return Ok(None),
        }
    }
}

/// The blocking one.
#[derive(Clone, Instrumented)]
#[instrumented(provider = "openai")]
#[instrumented(responses: fn respond(&self, request: &Value) -> Result<Value>)]
struct Desk {
    http: ureq::Agent,
    url: String,
}

impl Desk {
    fn respond(&self, request: &Value) -> Result<Value> {
        let url = format!("{}/responses", self.url);
        Ok(self
            .http
            .post(url)
            .send_json(request)?
            .body_mut()
            .read_json()?)
    }
}

#[rollout::agent(skip(gateway))]
async fn narrate(gateway: &InstrumentedGateway, question: &str) -> Result<String> {
    let request = ChatRequest {
        model: "gpt-4.1-mini",
        messages: vec![Message {
            role: "user",
            content: question.to_owned(),
        }],
        stream: true,
        stream_options: json!({"include_usage": true}),
    };
    let mut chunks = gateway.stream(&request).await?;
    let mut answer = String::new();
    while let Some(chunk) = chunks.next().await {
        answer.push_str(
            chunk?["choices"][0]["delta"]["content"]
                .as_str()
                .unwrap_or_default(),
        );
    }
    Ok(answer)
}

#[rollout::agent(skip(desk))]
fn answer(desk: &InstrumentedDesk, question: &str) -> Result<Value> {
    let response = desk.respond(&json!({"model": "gpt-4.1-mini", "input": question}))?;
    Ok(response["output"][0]["content"][0]["text"].clone())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let recording = rollout::builder().local_dir(FOLDER).init()?;
    let provider = LocalProvider::start().await?;
    let question = "How long does order 1042 take?";

    let gateway = rollout::wrap(Gateway {
        http: reqwest::Client::new(),
        url: provider.base_url(),
    });
    println!("> {question}\n{}\n", narrate(&gateway, question).await?);
    rollout::flush(Duration::from_secs(30))?;
    print_latest()?;

    let desk = rollout::wrap(Desk {
        http: ureq::Agent::new_with_defaults(),
        url: provider.base_url(),
    });
    // It blocks its thread, and the provider needs this one.
    let answer = tokio::task::spawn_blocking(move || answer(&desk, question)).await??;
    println!("> {question}\n{answer}\n");
    drop(recording); // delivers what is left
    print_latest()
}

fn print_latest() -> Result<()> {
    if let Some(run) = show::latest(FOLDER)? {
        println!("{}\n", run.tree().width(120));
    }
    Ok(())
}
