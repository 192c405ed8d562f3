//! Calls to a model over a transport inside the process.

use std::hint::black_box;
use std::time::Duration;

use async_openai_0_43::Client;
use async_openai_0_43::config::OpenAIConfig;
use async_openai_0_43::types::chat::CreateChatCompletionRequest;
use futures::StreamExt as _;
use rollout::WrapOptions;
use rollout::openai::TraceLayer;
use tokio::runtime::Runtime;
use tower::Layer as _;
use tracing::Instrument as _;

use super::peer::Peer;
use super::recorder;
use super::transport::{Canned, client, request, response, stream};
use crate::harness::{Side, Table};

const CHUNKS: usize = 200;

pub(crate) fn run(table: &mut Table, runtime: &Runtime) {
    calls(
        table,
        runtime,
        "4 KiB request, 2 KiB response",
        4 * 1024,
        2 * 1024,
        100,
    );
    calls(
        table,
        runtime,
        "100 KiB request, 2 KiB response",
        100 * 1024,
        2 * 1024,
        20,
    );
    streams(table, runtime);
}

fn calls(
    table: &mut Table,
    runtime: &Runtime,
    what: &str,
    sent: usize,
    answered: usize,
    times: usize,
) {
    let canned = Canned::json(response(answered));
    let request = request(sent);
    let bare = client(canned.clone());
    let plain = || Side::new(|times| runtime.block_on(call(&bare, &request, times)));

    for (how, rollout) in [
        (
            "disabled",
            rollout::Rollout::builder().disabled(true).build().unwrap(),
        ),
        ("sampled out", recorder(0.0)),
        ("", recorder(1.0)),
    ] {
        let how = if how.is_empty() {
            String::new()
        } else {
            format!(", {how}")
        };
        let settle = || {
            let _ = rollout.flush(Duration::from_secs(60));
        };
        let wrapped = rollout.wrap(client(canned.clone()));
        table.compare(&format!("wrapped call{how}: {what}"), times, 1, plain(), {
            let (wrapped, request) = (&wrapped, &request);
            Side::new(move |times| {
                runtime.block_on(async {
                    for _ in 0..times {
                        black_box(wrapped.chat().create(request.clone()).await.unwrap());
                    }
                });
            })
            .settled_by(settle)
        });
        let layer = TraceLayer::of(&rollout, WrapOptions::default());
        let layered = client(layer.layer(canned.clone()));
        table.compare(&format!("layered call{how}: {what}"), times, 1, plain(), {
            let (layered, request) = (&layered, &request);
            Side::new(move |times| runtime.block_on(call(layered, request, times)))
                .settled_by(settle)
        });
    }

    let peer = Peer::new();
    table.compare(&format!("  by tracing: {what}"), times, 1, plain(), {
        let (bare, request) = (&bare, &request);
        Side::new(move |times| {
            runtime.block_on(async {
                for _ in 0..times {
                    by_hand(bare, request.clone()).await;
                }
            });
        })
        .settled_by(|| peer.flush())
    });
}

async fn call(client: &Client<OpenAIConfig>, request: &CreateChatCompletionRequest, times: usize) {
    for _ in 0..times {
        black_box(client.chat().create(request.clone()).await.unwrap());
    }
}

/// What one writes without rollout: a span with the request and the response as JSON.
async fn by_hand(client: &Client<OpenAIConfig>, request: CreateChatCompletionRequest) {
    let span = tracing::info_span!(
        "chat",
        otel.kind = "client",
        gen_ai.operation.name = "chat",
        gen_ai.provider.name = "openai",
        gen_ai.request.model = request.model.as_str(),
        gen_ai.input.messages = serde_json::to_string(&request.messages).unwrap().as_str(),
        gen_ai.output.messages = tracing::field::Empty,
        gen_ai.response.id = tracing::field::Empty,
        gen_ai.usage.input_tokens = tracing::field::Empty,
        gen_ai.usage.output_tokens = tracing::field::Empty,
    );
    let response = client
        .chat()
        .create(request)
        .instrument(span.clone())
        .await
        .unwrap();
    let output = serde_json::to_string(&response.choices).unwrap();
    span.record("gen_ai.output.messages", output.as_str());
    span.record("gen_ai.response.id", response.id.as_str());
    if let Some(usage) = &response.usage {
        span.record("gen_ai.usage.input_tokens", usage.prompt_tokens);
        span.record("gen_ai.usage.output_tokens", usage.completion_tokens);
    }
    black_box(response);
}

fn streams(table: &mut Table, runtime: &Runtime) {
    let canned = Canned::events(stream(CHUNKS));
    let request = request(512);
    let bare = client(canned.clone());
    let rollout = recorder(1.0);
    let settle = || {
        let _ = rollout.flush(Duration::from_secs(60));
    };
    let read = |client: &Client<OpenAIConfig>, times: usize| {
        runtime.block_on(async {
            for _ in 0..times {
                let mut stream = client.chat().create_stream(request.clone()).await.unwrap();
                while let Some(chunk) = stream.next().await {
                    black_box(chunk.unwrap());
                }
            }
        });
    };
    let plain = || Side::new(|times| read(&bare, times));
    let wrapped = rollout.wrap(client(canned.clone()));
    table.compare("wrapped stream, a chunk of 200", 5, CHUNKS, plain(), {
        let (wrapped, request) = (&wrapped, &request);
        Side::new(move |times| {
            runtime.block_on(async {
                for _ in 0..times {
                    let mut stream = wrapped.chat().create_stream(request.clone()).await.unwrap();
                    while let Some(chunk) = stream.next().await {
                        black_box(chunk.unwrap());
                    }
                }
            });
        })
        .settled_by(settle)
    });
    let layered = client(TraceLayer::of(&rollout, WrapOptions::default()).layer(canned.clone()));
    table.compare("layered stream, a chunk of 200", 5, CHUNKS, plain(), {
        Side::new(|times| read(&layered, times)).settled_by(settle)
    });
}
