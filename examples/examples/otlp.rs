//! Runs in a backend of OpenTelemetry: Phoenix, MLflow, Langfuse, Jaeger, a collector …
//!
//! `cargo run --example otlp`
//!
//! It sends to the backend that `OTEL_EXPORTER_OTLP_ENDPOINT` names. Without, it sends to a small one on this
//! machine, and shows what that was told.

use std::error::Error;
use std::io;

use rollout::{Otlp, OtlpProtocol, Usage};
use rollout_examples::local_collector::LocalCollector;
use serde_json::json;

const FOLDER: &str = ".rollout";

/// What the end shows of each span.
const SHOWN: [&str; 6] = [
    "gen_ai.request.model",
    "gen_ai.usage.input_tokens",
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.reasoning.output_tokens",
    "gen_ai.tool.call.arguments",
    "gen_ai.agent.name",
];

#[rollout::agent(conversation_id = conversation)]
fn librarian(conversation: &str, question: &str) -> String {
    let found = search(question);
    let lent = lend(found[1], "u_7").map_err(|error| error.to_string());
    ask(question, &found, lent)
}

/// A step of a type that backends know by itself.
fn search(question: &str) -> Vec<&'static str> {
    let mut search = rollout::span("retrieval")
        .name("catalogue")
        .input(question)
        .start();
    let found = vec!["The Castle", "The Trial"];
    search.record_output(&found);
    found
}

#[rollout::tool]
fn lend(title: &str, to: &str) -> Result<u32, io::Error> {
    Err(io::Error::other(format!("{title} is not there for {to}")))
}

/// Stands for a model. Calls of wrapped clients tell all of this by themselves.
fn ask(question: &str, found: &[&str], lent: Result<u32, String>) -> String {
    let answer = match lent {
        Ok(days) => format!("{} is yours for {days} days.", found[1]),
        Err(_) => format!("{} is lent out, {} is there.", found[1], found[0]),
    };
    let call = rollout::llm("local.generate")
        .provider("llama.cpp")
        .model("qwen3-4b");
    let mut call = call
        .input(&json!({"messages": [{"role": "user", "content": question}]}))
        .start();
    call.set_usage(
        Usage::default()
            .with_input_tokens(120)
            .with_cached_tokens(100)
            .with_output_tokens(40)
            .with_reasoning_tokens(25),
    );
    call.record_output(&json!({"role": "assistant", "content": answer}));
    answer
}

fn main() -> Result<(), Box<dyn Error>> {
    let builder = rollout::builder().agent_name("library").local_dir(FOLDER);
    // Whoever sets the variable needs no code; a program that knows its backend says so.
    let is_set = std::env::var_os("OTEL_EXPORTER_OTLP_ENDPOINT").is_some();
    let collector = (!is_set).then(LocalCollector::start).transpose()?;
    let recording = match &collector {
        None => builder.init()?,
        Some(collector) => {
            let otlp = Otlp::new(collector.url()).protocol(OtlpProtocol::HttpJson);
            builder.otlp(otlp).init()?
        }
    };

    let reader = rollout::user("u_7").session_id("s_1");
    reader.in_scope(|| librarian("c_1", "What do you have by Kafka?"));

    drop(recording); // delivers what is left
    match collector {
        Some(collector) => println!("{}", collector.tree(&SHOWN)),
        None => println!("sent\n"),
    }
    if let Some(run) = rollout::show::latest(FOLDER)? {
        println!("{}", run.tree().width(120));
    }
    Ok(())
}
