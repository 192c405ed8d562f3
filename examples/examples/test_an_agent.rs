//! Testing an agent: what it did is recorded in memory, and asserted.
//!
//! `cargo run --example test_an_agent`
//!
//! In a test file this would be a `#[tokio::test]`; `docs/testing.md` is a guide. Here it is `main`,
//! so that it can be run, and it ends with an assertion that does not hold, to show what it says.

use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::types::chat::CreateChatCompletionRequest;
use rollout_examples::local_provider::LocalProvider;
use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[rollout::tool]
fn lookup_order(number: &str) -> Value {
    match number {
        "1042" => json!({"status": "in transit"}),
        _ => json!({"error": "there is no such order"}),
    }
}

/// The agent that is tested: asks, looks up what the model wants to know, and asks again.
#[rollout::agent(skip(openai))]
async fn support(openai: &rollout::openai::Client, question: &str) -> Result<String> {
    let tool = json!({"type": "function", "function": {"name": "lookup_order", "parameters": {
        "type": "object", "properties": {"number": {"type": "string"}}, "required": ["number"],
    }}});
    let mut messages = vec![json!({"role": "user", "content": question})];
    loop {
        let request = json!({"model": "gpt-4.1-mini", "messages": messages, "tools": [tool]});
        let request: CreateChatCompletionRequest = serde_json::from_value(request)?;
        let response = serde_json::to_value(openai.chat().create(request).await?)?;
        let message = &response["choices"][0]["message"];
        let Some(calls) = message["tool_calls"].as_array() else {
            return Ok(message["content"].as_str().unwrap_or_default().to_owned());
        };
        messages.push(message.clone());
        for call in calls {
            let arguments = call["function"]["arguments"].as_str().unwrap_or_default();
            let arguments: Value = serde_json::from_str(arguments)?;
            let number = arguments["number"].as_str().unwrap_or_default();
            let id = call["id"].as_str().unwrap_or_default();
            let result = rollout::tool_call(id)
                .in_scope(|| lookup_order(number))
                .to_string();
            messages.push(json!({"role": "tool", "tool_call_id": id, "content": result}));
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let provider = LocalProvider::start().await?;
    let config = OpenAIConfig::new()
        .with_api_base(provider.base_url())
        .with_api_key("none is needed here");
    let openai = rollout::wrap(Client::with_config(config));

    let recording = rollout::testing::record();
    let answer = recording
        .instrument(support(&openai, "Where is order 1042?"))
        .await?;
    assert!(answer.contains("in transit"));

    let run = recording.run();
    run.assert_ok().assert_no_errors();
    run.assert_tool_called("lookup_order")
        .with_arguments(json!({"number": "1042"}))
        .once();
    let calls = run.llm_calls();
    assert_eq!(calls.len(), 2);
    assert_eq!(calls[1].input()["messages"][2]["role"], "tool");
    println!("{run}");

    std::panic::set_hook(Box::new(|_| ())); // it is printed here
    let calls = run.assert_tool_called("lookup_order");
    let wrong = AssertUnwindSafe(|| drop(calls.with_arguments(json!({"number": "7"}))));
    let panic = catch_unwind(wrong).expect_err("it was called with another number");
    if let Some(message) = panic.downcast_ref::<String>() {
        println!("\nAnd what an assertion says that does not hold:\n\n{message}");
    }
    Ok(())
}
