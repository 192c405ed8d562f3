//! What the processes do. Each says on standard output how far it is.

use std::env::var;
use std::time::Duration;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use futures::StreamExt as _;
use rollout::{Builder, Instrument as _, Rollout};
use rollout_tests::ingest::KEY;
use rollout_tests::provider::openai;
use serde_json::json;

use super::LONG;

/// The variable that names the program to run.
pub(crate) const PROGRAM: &str = "ROLLOUT_TEST_PROGRAM";

/// Spans in each trace of a flood.
pub(crate) const SPANS: usize = 10;

/// Threads that record in a flood.
const THREADS: usize = 8;

#[test]
#[ignore = "other tests run it as a process of its own"]
fn program() {
    match var(PROGRAM).as_deref() {
        Ok("flood") => flood(),
        Ok("stream") => stream(),
        Ok("record") => record(),
        _ => {}
    }
}

/// Returns a client as the environment describes it.
fn client() -> Builder {
    let builder = rollout::builder().shutdown_timeout(LONG);
    let builder = builder.on_diagnostic(|diagnostic| println!("diagnostic {diagnostic}"));
    match var("INGEST") {
        Ok(url) => builder
            .api_key(KEY)
            .base_url(url)
            .spool_dir(var("SPOOL").unwrap()),
        Err(_) => builder,
    }
}

fn number(name: &str) -> usize {
    var(name).unwrap().parse().unwrap()
}

fn report(rollout: &Rollout) {
    let stats = rollout.shutdown();
    let rejected = stats.dropped.rejected;
    println!(
        "stats {} {} {} {rejected} {}",
        stats.created,
        stats.exported,
        stats.spooled,
        stats.dropped.total() - rejected
    );
}

/// Records traces from several threads, and says when each has ended.
fn flood() {
    let (first, traces) = (number("FIRST"), number("TRACES"));
    let builder = client().max_queue_events(100_000).max_queue_bytes(1 << 26);
    let rollout = builder.spool_max_bytes(1 << 30).build().unwrap();
    let context = rollout.context();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let context = &context;
            scope.spawn(move || {
                for n in (first..first + traces).skip(thread).step_by(THREADS) {
                    let name = format!("trace {n}");
                    context.clone().in_scope(|| {
                        let trace = rollout::trace(name).start();
                        trace.in_scope(|| {
                            for step in 0..SPANS {
                                rollout::span("step").input(&step).start().end();
                            }
                        });
                        trace.end();
                    });
                    println!("ended {n}");
                    // An agent has other things to do as well.
                    std::thread::sleep(Duration::from_millis(25));
                }
            });
        }
    });
    report(&rollout);
}

/// Reads a stream, in a tool of an agent.
fn stream() {
    let rollout = client().build().unwrap();
    let config = OpenAIConfig::new().with_api_base(var("PROVIDER").unwrap());
    let client = rollout.wrap(Client::with_config(config.with_api_key("sk-test")));
    let messages = json!([{"role": "user", "content": "Tell me a story."}]);
    let request = json!({"model": openai::MODEL, "messages": messages});
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let reading = async {
        let request = serde_json::from_value(request).unwrap();
        let mut stream = client.chat().create_stream(request).await.unwrap();
        let mut text = String::new();
        while let Some(chunk) = stream.next().await {
            for choice in chunk.unwrap().choices {
                text += choice.delta.content.as_deref().unwrap_or_default();
            }
            println!("text {text}");
        }
    };
    let trace = rollout.trace("storyteller").start();
    let traced = trace.in_scope(|| reading.in_current_trace());
    runtime.block_on(traced);
    trace.end();
    report(&rollout);
}

/// Records traces with a span, and waits until the server has them, or not.
fn record() {
    let rollout = client().build().unwrap();
    for n in 0..number("TRACES") {
        let trace = rollout
            .trace(format!("{} {n}", var("NAME").unwrap()))
            .start();
        trace.in_scope(|| rollout::span("step").start().end());
        trace.end();
    }
    println!("recorded {:?}", rollout.flush(LONG));
    while var("WAITS").is_ok() && rollout.stats().spooled > 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    report(&rollout);
}
