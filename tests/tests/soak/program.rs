//! The program: agents that go on and on, with all that can happen to them.

use std::time::{Duration, Instant};

use async_openai::config::OpenAIConfig;
use async_openai::types::chat::CreateChatCompletionRequest;
use futures::StreamExt as _;
use rollout::{Instrument as _, Rollout, agent, tool};
use rollout_tests::ingest::KEY;
use rollout_tests::provider::openai;
use serde_json::json;

pub(crate) const PROVIDER: &str = "ROLLOUT_SOAK_PROVIDER";
pub(crate) const INGEST: &str = "ROLLOUT_SOAK_INGEST";
pub(crate) const SPOOL: &str = "ROLLOUT_SOAK_SPOOL";
/// How long it goes on, in seconds.
pub(crate) const SECONDS: &str = "ROLLOUT_SOAK_SECONDS";

/// Agents that run at the same time.
const LOOPS: usize = 8;

type Client = rollout::openai::Client;

fn request(model: &str, text: &str) -> CreateChatCompletionRequest {
    let messages = json!([{"role": "user", "content": text}]);
    serde_json::from_value(json!({"model": model, "messages": messages})).unwrap()
}

#[tool]
fn look_up(word: &str, tries: usize) -> Result<usize, std::fmt::Error> {
    if tries % 7 == 3 {
        return Err(std::fmt::Error);
    }
    Ok(word.len() + tries)
}

/// Reads so many chunks of a stream, and drops it.
async fn read(client: &Client, chunks: usize) -> usize {
    let asked = request(openai::MODEL, &"When does it leave? ".repeat(50));
    let stream = client.chat().create_stream(asked).await;
    let Ok(stream) = stream else { return 0 };
    stream.take(chunks).count().await
}

#[agent(skip(client))]
async fn work(client: &Client, turn: usize) -> Result<usize, String> {
    let mut found = look_up("timetable", turn).unwrap_or_default();
    let asked = request(openai::MODEL, &"When does it leave? ".repeat(50));
    found += client
        .chat()
        .create(asked)
        .await
        .map_or(0, |answer| answer.choices.len());
    let span = rollout::span("read").input(&turn).start();
    found += read(client, usize::MAX).await;
    // Half-way, and without a single chunk.
    found += read(client, 4).await + read(client, 0).await;
    span.end();
    if turn.is_multiple_of(5) {
        let refused = client.chat().create(request("unknown", "Hm?")).await;
        return Err(refused.unwrap_err().to_string());
    }
    Ok(found)
}

/// One agent after the other; now and then one is given up half-way, or panics.
async fn work_on(client: Client, number: usize, until: Instant) {
    let mut turn = number;
    while Instant::now() < until {
        turn += LOOPS;
        match turn % 11 {
            3 => {
                let patience = Duration::from_millis(5);
                let _ = tokio::time::timeout(patience, work(&client, turn)).await;
            }
            6 => {
                let client = client.clone();
                let failing = async move {
                    let _unread = client
                        .chat()
                        .create_stream(request(openai::MODEL, "…"))
                        .await;
                    std::panic::resume_unwind(Box::new("at work"));
                };
                let failing = tokio::spawn(failing.in_current_trace());
                assert!(failing.await.is_err());
            }
            _ => {
                let user = rollout::user(format!("user {turn}"));
                let _ = user.instrument(work(&client, turn)).await;
            }
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[test]
#[ignore = "other tests run it as a process of its own"]
fn program() {
    let Ok(ingest) = std::env::var(INGEST) else {
        return;
    };
    let variable = |name| std::env::var(name).unwrap();
    let length = Duration::from_secs(variable(SECONDS).parse().unwrap());
    let rollout = rollout::builder()
        .api_key(KEY)
        .base_url(ingest)
        .spool_dir(variable(SPOOL))
        .shutdown_timeout(Duration::from_secs(60))
        .on_diagnostic(|_| ())
        .build()
        .unwrap();
    let config = OpenAIConfig::new().with_api_base(variable(PROVIDER) + "/v1");
    let config = config.with_api_key("sk-test");
    let client = rollout.wrap(async_openai::Client::with_config(config));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(run(&rollout, &client, length));
    drop(runtime);
    let stats = rollout.shutdown();
    assert_eq!(stats.created, stats.exported, "{stats}");
}

async fn run(rollout: &Rollout, client: &Client, length: Duration) {
    let started = Instant::now();
    let until = started + length;
    let loops: Vec<_> = (0..LOOPS)
        .map(|number| {
            let work = work_on(client.clone(), number, until);
            tokio::spawn(work.in_context(rollout.context()))
        })
        .collect();
    let ticks = u32::try_from(length.as_secs()).unwrap().clamp(1, 40);
    while started.elapsed() < length {
        tokio::time::sleep(length / ticks).await;
        let stats = rollout.stats();
        let known = stats.exported + stats.spooled + stats.queued + stats.dropped.total();
        assert_eq!(stats.created, known, "{stats}");
        let tasks = tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks();
        println!("tick {tasks} {} {stats}", stats.created);
    }
    for each in loops {
        each.await.unwrap();
    }
    rollout.flush(Duration::from_secs(60)).unwrap();
}
