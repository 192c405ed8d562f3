//! The program that is observed goes on as if it were not.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::rc::Rc;

use async_openai::config::{AzureConfig, Config};
use async_openai::types::chat::ChatCompletionResponseStream;
use futures::StreamExt as _;
use rollout::{Context, Rollout, agent, tool};
use rollout_tests::provider::openai;
use rollout_tests::{IngestServer, Recorder, Reply, ScriptedProvider};
use serde_json::json;

use super::{LONG, block_on, client, request, run_agents, runtime, sending_to};

#[agent]
fn take<F: Fn() -> u32>(call: F, path: PathBuf, shared: Rc<str>, error: std::fmt::Error) -> u32 {
    drop((path, shared, error));
    call()
}

#[tool]
fn twice(n: u32) -> u32 {
    2 * n
}

#[test]
fn defect_02_values_of_every_kind_may_be_arguments() {
    let recorder = Recorder::new();
    #[cfg(unix)]
    let path = {
        use std::os::unix::ffi::OsStringExt as _;
        PathBuf::from(std::ffi::OsString::from_vec(vec![b'a', 0xff]))
    };
    #[cfg(not(unix))]
    let path = PathBuf::from("a");
    let context = recorder.rollout().context();
    assert_eq!(
        context.in_scope(|| take(|| 7, path, "s".into(), std::fmt::Error)),
        7
    );
    let events = recorder.events();
    let input = events[0].raw.input.as_ref().unwrap().to_value();
    assert_eq!(input["shared"], "s");
    assert_eq!(input.as_object().unwrap().len(), 4, "{input}");
}

#[test]
fn defect_04_odd_counts_of_tokens_are_no_trouble() {
    for usage in [
        json!({"prompt_tokens": 21.5, "completion_tokens": -3, "total_tokens": "32"}),
        json!({"prompt_tokens": "21", "completion_tokens": null, "total_tokens": 1e30}),
        json!("none"),
    ] {
        let mut body = openai::chat(&openai::answer("Hi."));
        body["usage"] = usage;
        let replies = || [Reply::json(body.clone())];
        let bare = ScriptedProvider::start(replies());
        let expected = runtime().block_on(client(&bare).chat().create(request()));
        let (server, ingest) = (ScriptedProvider::start(replies()), IngestServer::start());
        let rollout = sending_to(&ingest).build().unwrap();
        let layered = rollout::openai::client(client(&server).config().clone());
        let got = block_on(&rollout, layered.chat().create(request()));
        assert_eq!(format!("{got:?}"), format!("{expected:?}"));
        rollout.shutdown();
        ingest.assert_sound();
        assert_eq!(ingest.events().len(), 5);
    }
}

#[agent]
fn explode() {
    panic!("boom");
}

#[test]
fn defect_07_nothing_stays_active_when_something_fails() {
    let recorder = Recorder::new();
    recorder.rollout().context().in_scope(|| {
        catch_unwind(AssertUnwindSafe(explode)).unwrap_err();
        assert_eq!(Context::current().trace_id(), None);
        twice(1);
    });
    let events = recorder.events();
    assert_ne!(events[0].trace_id, events.last().unwrap().trace_id);
}

#[test]
fn defect_08_hooks_that_fail_cost_their_event_and_show_nothing() {
    let ingest = IngestServer::start();
    let rollout = sending_to(&ingest)
        .scrubber(|event| {
            assert!(event.name.as_deref() != Some("step"), "of the hook");
            event.for_each_text(|text| *text = text.replace("secret", "…"));
        })
        .before_send(|mut event| {
            if event.name.as_deref() == Some("bad") {
                (event.trace_id, event.external_trace_id) = (None, Some(String::new()));
            }
            Some(event)
        })
        .build()
        .unwrap();
    run_agents(&rollout, 1);
    rollout.trace("bad").start().end();
    let mut trace = rollout.trace("good").start();
    trace.record_output(&"a secret");
    trace.end();
    let stats = rollout.shutdown();
    assert_eq!(
        (
            stats.exported,
            stats.dropped.hook_panicked,
            stats.dropped.invalid
        ),
        (4, 3, 2)
    );
    assert_eq!(ingest.violations(), []);
    assert!(!format!("{:?}", ingest.events()).contains("secret"));
}

#[test]
fn defect_09_defect_57_tools_run_on_any_thread_and_join_where_they_are_told() {
    let recorder = Recorder::new();
    let trace = recorder.rollout().trace("agent").start();
    trace.in_scope(|| {
        let context = Context::current();
        std::thread::scope(|scope| {
            scope.spawn(move || context.in_scope(|| assert_eq!(twice(2), 4)));
            // Of no client, and of a client that is switched off.
            scope.spawn(|| assert_eq!(twice(3), 6));
            scope.spawn(|| {
                let off = Rollout::builder().disabled(true).build().unwrap();
                off.context().in_scope(|| assert_eq!(twice(4), 8));
            });
        });
    });
    trace.end();
    assert_eq!(
        recorder
            .events()
            .iter()
            .map(|event| event.event_type().as_str())
            .collect::<Vec<_>>(),
        ["trace.start", "tool.call", "tool.result", "trace.end"]
    );
}

#[agent]
fn count(to: u32) -> impl futures::Stream<Item = u32> + Send {
    futures::stream::iter(0..to)
}

#[test]
fn defect_10_a_stream_of_an_agent_may_end_in_another_task() {
    let recorder = Recorder::new();
    let mut stream = recorder.rollout().context().in_scope(|| Box::pin(count(3)));
    assert_eq!(runtime().block_on(stream.next()), Some(0));
    std::thread::spawn(move || {
        assert_eq!(runtime().block_on(stream.next()), Some(1));
        drop(stream);
        assert_eq!(Context::current().trace_id(), None);
    })
    .join()
    .unwrap();
    let events = recorder.events();
    let ends: Vec<_> = events
        .iter()
        .filter_map(|event| event.status.as_deref())
        .collect();
    assert_eq!(ends, ["cancelled"]);
}

#[test]
fn defect_14_a_stream_keeps_its_type() {
    fn same<T>(_: &T, _: &T) {}
    let frames = openai::chat_frames(&openai::chat_chunks(&openai::answer("Hi.")));
    let server = ScriptedProvider::start([Reply::sse(frames.clone()), Reply::sse(frames)]);
    let recorder = Recorder::new();
    let wrapped = recorder.wrap(client(&server));
    runtime().block_on(async {
        let bare = client(&server)
            .chat()
            .create_stream(request())
            .await
            .unwrap();
        let ours: ChatCompletionResponseStream =
            wrapped.chat().create_stream(request()).await.unwrap();
        same(&bare, &ours);
    });
}

#[test]
fn defect_16_a_client_of_any_configuration_can_be_wrapped() {
    fn asked<C: Config>(config: C, server: &ScriptedProvider) -> String {
        let recorder = Recorder::new();
        let wrapped = recorder.wrap(async_openai::Client::with_config(config));
        runtime()
            .block_on(wrapped.chat().create(request()))
            .unwrap();
        assert_eq!(recorder.only_call().status(), "ok");
        server.requests().last().unwrap().path.clone()
    }
    let answer = Reply::json(openai::chat(&openai::answer("Hi.")));
    let server = ScriptedProvider::start([answer.clone(), answer]);
    let azure = AzureConfig::new()
        .with_api_base(server.url())
        .with_deployment_id("d");
    assert!(asked(azure, &server).contains("/deployments/d/chat/completions"));
    let boxed: Box<dyn Config> = Box::new(client(&server).config().clone());
    assert_eq!(asked(boxed, &server), "/v1/chat/completions");
}

#[test]
fn defect_29_a_value_that_can_not_be_written_costs_no_other() {
    struct Closed;
    impl serde::Serialize for Closed {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("the file is closed"))
        }
    }
    let ingest = IngestServer::start();
    let rollout = sending_to(&ingest).build().unwrap();
    let mut trace = rollout.trace("t").start();
    trace.in_scope(|| rollout::span("step").input(&Closed).start().end());
    trace.record_output(&Closed);
    trace.end();
    assert_eq!(rollout.flush(LONG), Ok(()));
    ingest.assert_sound();
    assert_eq!(ingest.events().len(), 5);
}
