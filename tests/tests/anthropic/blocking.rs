//! The blocking twin, wherever it is called from.

use std::time::Duration;

use rollout_tests::provider::anthropic::{self, message, text};
use rollout_tests::{Recorder, Reply, ScriptedProvider};

use super::harness::{Way, call_blocking, client, request, runtime};

fn sunny() -> Reply {
    Reply::json(message(&[text("Sunny.")]))
}

#[test]
fn the_trace_and_the_user_of_the_thread_are_kept() {
    let provider = ScriptedProvider::start([
        sunny(),
        Reply::sse(anthropic::frames(&anthropic::events(&[text("Sunny.")]))),
    ]);
    let recorder = Recorder::new();
    let client = recorder.wrap(client(&provider.url())).blocking().unwrap();
    let trace = recorder.rollout().trace("run").user_id("u1").start();
    trace.in_scope(|| {
        call_blocking(&client, Way::Create);
        call_blocking(&client, Way::Stream);
    });
    let calls = recorder.calls();
    assert_eq!(calls.len(), 2);
    for call in calls {
        assert_eq!(call.end.trace_id, trace.id().map(|id| id.to_string()));
        assert_eq!(call.end.context.user_id.as_deref(), Some("u1"));
    }
}

#[test]
fn threads_call_at_the_same_time() {
    let slow = Duration::from_millis(300);
    let provider = ScriptedProvider::start(vec![sunny().after(slow); 8]);
    let recorder = Recorder::new();
    let client = recorder.wrap(client(&provider.url())).blocking().unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| client.messages().create(request()).unwrap());
        }
        // All of them are under way before the first is answered.
        provider.wait_for_requests(8, Duration::from_secs(20));
    });
    assert_eq!(recorder.calls().len(), 8);
}

#[test]
fn inside_of_a_runtime_of_one_thread() {
    let provider = ScriptedProvider::start([sunny(), sunny()]);
    let recorder = Recorder::new();
    let client = recorder.wrap(client(&provider.url())).blocking().unwrap();
    runtime().block_on(async {
        client.messages().create(request()).unwrap();
        let inside = tokio::spawn(async move { client.messages().create(request()) });
        inside.await.unwrap().unwrap();
    });
    assert_eq!(recorder.calls().len(), 2);
}

#[test]
fn inside_of_a_runtime_of_several_threads() {
    const CALLS: usize = 6;
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(2).enable_all().build().unwrap();
    let provider = ScriptedProvider::start(vec![sunny(); 2 * CALLS]);
    let recorder = Recorder::new();
    let client = recorder.wrap(client(&provider.url()));
    for _ in 0..CALLS {
        let client = client.clone();
        let task = runtime.spawn(async move {
            // The connection that this opens is driven by the runtime.
            let message = client.messages().create(request()).await.unwrap();
            let again = client.blocking().unwrap().messages().create(request());
            assert_eq!(again.unwrap(), message);
        });
        runtime.block_on(task).unwrap();
    }
    assert_eq!(recorder.calls().len(), 2 * CALLS);
}

#[test]
fn a_call_that_would_wait_for_ever_is_an_error() {
    let provider = ScriptedProvider::start([sunny(), sunny(), sunny()]);
    let recorder = Recorder::new();
    let client = recorder.wrap(client(&provider.url()));
    let blocking = client.blocking().unwrap();
    let refused = |error: claude_api::Error| {
        let text = error.to_string();
        assert!(text.contains("spawn_blocking"), "{text}");
    };
    let runtime = runtime();
    runtime.block_on(async {
        client.messages().create(request()).await.unwrap();
        refused(blocking.messages().create(request()).unwrap_err());
        refused(blocking.messages().create_stream(request()).unwrap_err());
        // What the message says to do.
        let blocking = blocking.clone();
        let elsewhere = tokio::task::spawn_blocking(move || blocking.messages().create(request()));
        elsewhere.await.unwrap().unwrap();
    });
    refused(blocking.messages().create(request()).unwrap_err());
    drop(runtime);
    blocking.messages().create(request()).unwrap();
    assert_eq!(recorder.calls().len(), 3);
}
