//! Real programs, and a server that looks closely at what they send.

mod agents;
mod calls;
mod check;
mod delivery;
mod nothing;
mod properties;
mod streams;
mod values;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use rollout::{Builder, Rollout};
use rollout_tests::ingest::KEY;
use rollout_tests::{IngestServer, ScriptedProvider};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Longer than any test takes, unless it fails.
const LONG: Duration = Duration::from_secs(60);

/// A program that records, and the server that it sends to.
struct Program {
    ingest: IngestServer,
    rollout: Rollout,
    said: Arc<Mutex<Vec<String>>>,
}

impl Program {
    fn start() -> Self {
        Self::with(IngestServer::start(), |builder| builder)
    }

    fn with(ingest: IngestServer, options: impl FnOnce(Builder) -> Builder) -> Self {
        let said = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&said);
        let builder = rollout::builder()
            .api_key(KEY)
            .base_url(ingest.url())
            .spool_dir(ingest.spool_dir())
            .shutdown_timeout(LONG)
            .on_diagnostic(move |diagnostic| sink.lock().unwrap().push(diagnostic.to_string()));
        let rollout = options(builder).build().unwrap();
        Self {
            ingest,
            rollout,
            said,
        }
    }

    /// Runs code that is recorded by this program's client.
    fn run<R>(&self, work: impl FnOnce() -> R) -> R {
        self.rollout.context().in_scope(work)
    }

    /// Runs a future that is.
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().unwrap();
        runtime.block_on(rollout::Instrument::in_context(
            future,
            self.rollout.context(),
        ))
    }

    /// Ends the program, and returns what it sent: all that it recorded, and nothing is wrong with it.
    #[track_caller]
    fn finish(self) -> Vec<Value> {
        let stats = self.rollout.shutdown();
        let said = self.said.lock().unwrap();
        assert_eq!(
            (stats.dropped.total(), stats.exported),
            (0, stats.created),
            "{said:?}"
        );
        let events = self.ingest.events();
        assert_eq!(stats.created, events.len() as u64);
        self.ingest.assert_sound();
        assert!(said.is_empty(), "{said:?}");
        events
    }
}

/// Returns events in short: the type, the name, and how it ended.
fn told(events: &[Value]) -> Vec<String> {
    let words = |event: &Value| {
        let keys = ["event_type", "name", "status"];
        let words: Vec<_> = keys.iter().filter_map(|key| event[key].as_str()).collect();
        words.join(" ")
    };
    events.iter().map(words).collect()
}

/// Returns the only event of this type.
#[track_caller]
fn only<'a>(events: &'a [Value], kind: &str) -> &'a Value {
    let found: Vec<_> = events
        .iter()
        .filter(|event| event["event_type"] == kind)
        .collect();
    assert_eq!(found.len(), 1, "{kind} in {:?}", told(events));
    found[0]
}

/// A client of a scripted provider.
fn openai(provider: &ScriptedProvider) -> Client<OpenAIConfig> {
    openai_at(&provider.base_url())
}

fn openai_at(url: &str) -> Client<OpenAIConfig> {
    let config = OpenAIConfig::new()
        .with_api_base(url)
        .with_api_key("sk-test");
    Client::with_config(config)
}

/// A request to a model, as the client wants it.
fn chat_request<T: DeserializeOwned>() -> T {
    let messages = json!([{"role": "user", "content": "Where is my order?"}]);
    serde_json::from_value(json!({"model": "gpt-4.1-mini", "messages": messages})).unwrap()
}

fn response_request<T: DeserializeOwned>() -> T {
    let request = json!({"model": "gpt-4.1-mini", "input": "Where is my order?"});
    serde_json::from_value(request).unwrap()
}
