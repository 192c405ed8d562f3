//! A support agent: it looks up a customer's orders with a tool, answers, and notes the case down.
//!
//! `cargo run --example support_agent`
//!
//! It asks the service that `OPENAI_API_KEY` (and `OPENAI_BASE_URL`, `OPENAI_MODEL`) name. Without, it
//! asks a small provider on this machine, so nothing is needed to try it. The run is recorded into the
//! folder `.rollout`, and shown at the end.

mod orders;

use std::error::Error;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::types::chat::{
    ChatCompletionMessageToolCalls, ChatCompletionRequestAssistantMessage,
    ChatCompletionRequestMessage, ChatCompletionRequestSystemMessage,
    ChatCompletionRequestToolMessage, ChatCompletionRequestUserMessage,
    CreateChatCompletionRequestArgs,
};
use async_openai::types::responses::{CreateResponseArgs, ResponseStreamEvent};
use futures::StreamExt as _;
use rollout_examples::local_provider::LocalProvider;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const FOLDER: &str = ".rollout";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let recording = rollout::builder()
        .agent_name("support_agent")
        .local_dir(FOLDER)
        .init()?;

    let (client, _provider) = client().await?;
    let openai = rollout::wrap(client); // this object, and nothing else, is recorded

    let question = "Where are my orders 1042 and 1099?";
    println!("> {question}\n{}\n", support(&openai, question).await?);

    drop(recording); // delivers what is left
    if let Some(run) = rollout::show::latest(FOLDER)? {
        println!("{}\n\nrecorded into `{FOLDER}`", run.tree().width(120));
    }
    Ok(())
}

/// Answers a customer. One call is one trace.
#[rollout::agent(skip(openai))]
async fn support(openai: &rollout::openai::Client, question: &str) -> Result<String> {
    let answer = answer(openai, question).await?;
    note_down(openai, question, &answer).await?;
    Ok(answer)
}

/// Lets the model call tools until it has an answer.
async fn answer(openai: &rollout::openai::Client, question: &str) -> Result<String> {
    let mut messages: Vec<ChatCompletionRequestMessage> = vec![
        ChatCompletionRequestSystemMessage::from("You work at the support desk of a shop.").into(),
        ChatCompletionRequestUserMessage::from(question).into(),
    ];
    for _turn in 0..5 {
        let request = CreateChatCompletionRequestArgs::default()
            .model(model())
            .messages(messages.clone())
            .tools(orders::tool())
            .build()?;
        let response = openai.chat().create(request).await?; // async-openai's own response
        let choice = response.choices.into_iter().next().ok_or("no choice")?;
        let Some(calls) = choice.message.tool_calls else {
            return Ok(choice.message.content.unwrap_or_default());
        };
        messages.push(
            ChatCompletionRequestAssistantMessage {
                content: choice.message.content.map(Into::into),
                tool_calls: Some(calls.clone()),
                ..Default::default()
            }
            .into(),
        );
        for call in calls {
            let ChatCompletionMessageToolCalls::Function(call) = call else {
                continue;
            };
            let content = orders::call(&call.id, &call.function).await;
            messages.push(
                ChatCompletionRequestToolMessage {
                    content: content.into(),
                    tool_call_id: call.id,
                }
                .into(),
            );
        }
    }
    Err("the model did not come to an end".into())
}

/// Sums the case up in a sentence, by another of the provider's APIs, and streamed.
#[rollout::task]
async fn note_down(
    openai: &rollout::openai::Client,
    question: &str,
    answer: &str,
) -> Result<String> {
    let request = CreateResponseArgs::default()
        .model(model())
        .instructions("Sum this case up in one sentence.")
        .input(format!("Customer: {question}\nDesk: {answer}"))
        .build()?;
    let mut events = openai.responses().create_stream(request).await?;
    let mut note = String::new();
    while let Some(event) = events.next().await {
        if let ResponseStreamEvent::ResponseOutputTextDelta(piece) = event? {
            note.push_str(&piece.delta);
        }
    }
    Ok(note)
}

/// Returns a client for the service that the environment names, else for one on this machine.
async fn client() -> Result<(Client<OpenAIConfig>, Option<LocalProvider>)> {
    if std::env::var_os("OPENAI_API_KEY").is_some() {
        return Ok((Client::new(), None));
    }
    let provider = LocalProvider::start().await?;
    let config = OpenAIConfig::new()
        .with_api_base(provider.base_url())
        .with_api_key("none is needed here");
    Ok((Client::with_config(config), Some(provider)))
}

fn model() -> String {
    std::env::var("OPENAI_MODEL").unwrap_or_else(|_| "gpt-4.1-mini".to_owned())
}
