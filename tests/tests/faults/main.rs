//! Faults that the Python SDK has, seen from outside: a program, a provider, and a server that looks
//! closely at what it is sent. The numbers are those of the package's README.

mod losses;
mod program;
mod record;
mod traces;
mod values;
mod waiting;

use std::time::Duration;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::types::chat::CreateChatCompletionRequest;
use rollout::{Builder, Instrument as _, Rollout};
use rollout_tests::ingest::KEY;
use rollout_tests::provider::openai;
use rollout_tests::{IngestServer, ScriptedProvider};
use serde_json::json;
use tokio::runtime::Runtime;

/// Longer than any test takes, unless it fails.
const LONG: Duration = Duration::from_secs(60);

/// Describes a client that sends to this server, and says nothing.
fn sending_to(ingest: &IngestServer) -> Builder {
    let builder = rollout::builder().api_key(KEY).base_url(ingest.url());
    let builder = builder.spool_dir(ingest.spool_dir());
    builder.shutdown_timeout(LONG).on_diagnostic(|_| ())
}

/// Runs so many agents, each with a step in it.
fn run_agents(rollout: &Rollout, agents: usize) {
    for _ in 0..agents {
        rollout
            .trace("agent")
            .start()
            .in_scope(|| rollout::span("step").input(&"q").start().end());
    }
}

fn client(provider: &ScriptedProvider) -> Client<OpenAIConfig> {
    let config = OpenAIConfig::new().with_api_base(provider.base_url());
    Client::with_config(config.with_api_key("sk-test"))
}

fn request() -> CreateChatCompletionRequest {
    let messages = json!([{"role": "user", "content": "When?"}]);
    serde_json::from_value(json!({"model": openai::MODEL, "messages": messages})).unwrap()
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

/// Runs a future that this client records.
fn block_on<F: Future>(rollout: &Rollout, future: F) -> F::Output {
    runtime().block_on(future.in_context(rollout.context()))
}
