//! A support agent over Claude: its answers are streamed, and it looks orders up with a tool.
//!
//! `cargo run --example claude_agent`
//!
//! It asks Anthropic if `ANTHROPIC_API_KEY` is set (and `ANTHROPIC_MODEL` names the model). Without, it
//! asks a small provider on this machine, so nothing is needed to try it. The run is recorded into the
//! folder `.rollout`, and shown at the end.

use std::error::Error;
use std::io::Write as _;

use claude_api::Client;
use claude_api::messages::{
    ContentBlock, CreateMessageRequest, CustomTool, KnownBlock, MessageInput, Tool,
    ToolResultContent,
};
use rollout_examples::local_provider::LocalProvider;
use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

const FOLDER: &str = ".rollout";

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let recording = rollout::builder()
        .agent_name("claude_agent")
        .local_dir(FOLDER)
        .init()?;

    let (client, _provider) = client().await?;
    let claude = rollout::wrap(client); // this object, and nothing else, is recorded
    support(&claude, "Where are my orders 1042 and 1099?").await?;

    drop(recording); // delivers what is left
    if let Some(run) = rollout::show::latest(FOLDER)? {
        println!("\n{}\n\nrecorded into `{FOLDER}`", run.tree().width(120));
    }
    Ok(())
}

/// Answers a customer: lets the model call tools until it has an answer. One call is one trace.
#[rollout::agent(skip(claude))]
async fn support(claude: &rollout::anthropic::Client, question: &str) -> Result<String> {
    println!("> {question}");
    let mut messages = vec![MessageInput::user(question)];
    for _turn in 0..5 {
        let request = CreateMessageRequest::builder()
            .model(model())
            .max_tokens(512)
            .system("You work at the support desk of a shop.")
            .tools(vec![tool()])
            .messages(messages.clone())
            .build()?;
        let stream = claude.messages().create_stream(request).await?;
        let message = stream.on_text_delta(print).aggregate().await?; // claude-api's own message

        let mut text = String::new();
        let mut results = Vec::new();
        for block in &message.content {
            match block.known() {
                Some(KnownBlock::Text { text: piece, .. }) => text += piece,
                Some(KnownBlock::ToolUse { id, name, input }) => {
                    results.push(call(id, name, input).await);
                }
                _ => {}
            }
        }
        if results.is_empty() {
            println!();
            return Ok(text);
        }
        messages.push(MessageInput::assistant(message.content));
        messages.push(MessageInput::user(results));
    }
    Err("the model did not come to an end".into())
}

/// Makes the call that the model asks for, and tells the model what came of it, errors included.
async fn call(id: &str, name: &str, input: &Value) -> ContentBlock {
    let number = input["number"].as_str().unwrap_or_default();
    let result = match name {
        "lookup_order" => lookup_order(id, number).await,
        name => Err(format!("there is no tool {name}")),
    };
    let block = KnownBlock::ToolResult {
        tool_use_id: id.to_owned(),
        is_error: result.is_err().then_some(true),
        content: ToolResultContent::Text(match result {
            Ok(order) => order.to_string(),
            Err(error) => json!({"error": error}).to_string(),
        }),
        cache_control: None,
    };
    block.into()
}

/// Looks an order up. Each call is a span of its own; the id links it to the model's request for it.
#[rollout::tool(tool_call_id = call_id, skip(call_id))]
async fn lookup_order(call_id: &str, number: &str) -> std::result::Result<Value, String> {
    match number {
        "1042" => Ok(json!({"status": "in transit", "expected_on": "Tuesday"})),
        _ => Err(format!("there is no order {number}")),
    }
}

/// Describes the tool to the model.
fn tool() -> Tool {
    let schema = json!({
        "type": "object",
        "properties": {"number": {"type": "string"}},
        "required": ["number"],
    });
    let tool = CustomTool::new("lookup_order", schema);
    Tool::Custom(tool.description("Tells where an order is."))
}

fn print(text: &str) {
    print!("{text}");
    let _ = std::io::stdout().flush();
}

/// Returns a client for Anthropic if there is a key, else for the provider on this machine.
async fn client() -> Result<(Client, Option<LocalProvider>)> {
    if let Ok(key) = std::env::var("ANTHROPIC_API_KEY") {
        return Ok((Client::builder().api_key(key).build()?, None));
    }
    let provider = LocalProvider::start().await?;
    let client = Client::builder()
        .api_key("none is needed here")
        .base_url(provider.url())
        .build()?;
    Ok((client, Some(provider)))
}

fn model() -> String {
    std::env::var("ANTHROPIC_MODEL").unwrap_or_else(|_| "claude-sonnet-4-5".to_owned())
}
