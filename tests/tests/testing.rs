//! Tests of one's agents, as people write them: side by side, asynchronous, with tasks and threads.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::Command;
use std::{env, thread};

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use rollout::testing::{Recording, record};
use rollout::{Context, Instrument as _};
use rollout_tests::provider::openai;
use rollout_tests::{Reply, ScriptedProvider};
use serde_json::json;

#[rollout::tool]
async fn look_up(number: u64) -> Result<u64, String> {
    tokio::task::yield_now().await;
    number.checked_mul(2).ok_or_else(|| "too much".to_owned())
}

#[rollout::agent]
async fn agent(number: u64) -> u64 {
    let task = tokio::spawn(look_up(number).in_current_trace());
    let context = Context::current();
    let thread = tokio::task::spawn_blocking(|| context.in_scope(|| thread_of_its_own(1)));
    task.await.unwrap().unwrap_or_default() + thread.await.unwrap()
}

#[rollout::task]
fn thread_of_its_own(number: u64) -> u64 {
    let context = Context::current();
    thread::scope(|scope| {
        let step = || context.in_scope(|| rollout::span("step").start().in_scope(|| number));
        scope.spawn(step).join().unwrap()
    })
}

async fn check(number: u64) -> Recording {
    let recording = record();
    let sum = recording.instrument(agent(number)).await;
    assert_eq!(sum, number * 2 + 1);
    recording
        .run()
        .assert_ok()
        .assert_tool_called("look_up")
        .with_arguments(json!({"number": number}))
        .with_result(number * 2)
        .once();
    recording
}

#[tokio::test]
async fn tasks_and_threads_are_part_of_the_run() {
    let run = check(4).await.run();
    let inner = run.span("thread_of_its_own").span("step");
    assert_eq!(inner.run().trace_id, run.trace_id);
    assert_eq!(
        (run.input(), run.output()),
        (json!({"number": 4}), json!(9))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn recordings_in_parallel_do_not_mix() {
    let recordings = (0..50).map(|number| tokio::spawn(check(number)));
    for recording in recordings.collect::<Vec<_>>() {
        let recording = recording.await.unwrap();
        // Each on its own clock and with ids of its own, of which the others' would be repetitions.
        let events = recording.events();
        let ids: BTreeSet<_> = events
            .iter()
            .map(rollout::protocol::Event::event_id)
            .collect();
        assert_eq!((events.len(), ids.len()), (8, 8));
    }
}

#[tokio::test]
async fn a_task_that_was_not_taken_along_is_not_in_the_run() {
    #[rollout::agent]
    async fn forgetful() {
        tokio::spawn(look_up(1)).await.unwrap().unwrap();
    }

    let recording = record();
    recording.instrument(forgetful()).await;
    recording.run().assert_tool_not_called("look_up");
}

#[tokio::test]
async fn a_client_that_is_wrapped_by_the_recording_needs_no_trace() {
    let answer = openai::chat(&openai::answer("Tuesday."));
    let provider = ScriptedProvider::start([Reply::json(answer)]);
    let config = OpenAIConfig::new().with_api_base(provider.base_url());
    let recording = record();
    let client = recording.wrap(Client::with_config(config.with_api_key("sk-test")));
    let request = json!({"model": openai::MODEL, "messages": [{"role": "user", "content": "?"}]});
    let request = serde_json::from_value(request).unwrap();
    client.chat().create(request).await.unwrap();

    let run = recording.run();
    let call = run.assert_no_errors().llm_call();
    assert_eq!(call.model.as_deref(), Some(openai::MODEL));
    assert_eq!(call.input()["messages"][0]["content"], "?");
    assert!(call.output()["choices"].is_array());
    assert_eq!(run.usage(), call.usage);
}

/// Fails, one way or another. Run by the test below.
#[test]
#[ignore = "is there to fail"]
fn failing() {
    let recording = record();
    recording.in_scope(|| thread_of_its_own(1));
    match std::env::var("FAIL_BY").as_deref() {
        Ok("kit") => drop(recording.run().tool("refund")),
        _ => assert_eq!(recording.runs().len(), 7),
    }
}

#[test]
fn a_test_that_fails_shows_the_run_once() {
    for (way, message) in [
        ("kit", "there is no call of the tool `refund`"),
        ("assert", "what was recorded:"),
    ] {
        let mut test = Command::new(env::current_exe().unwrap());
        test.args(["failing", "--exact", "--ignored"]);
        let output = test.env("FAIL_BY", way).output().unwrap();
        assert!(!output.status.success());
        let told = String::from_utf8(output.stdout).unwrap();
        assert!(told.contains(message), "{told}");
        assert_eq!(told.matches("└─ ✓ step").count(), 1, "{told}");
    }
}

/// The first test of the guide, and what the guide says that it says when it fails.
#[test]
fn the_guide_shows_what_a_failure_says() {
    #[rollout::tool]
    fn lookup_order(number: u64) -> Result<&'static str, String> {
        match number {
            1042 => Ok("in transit"),
            _ => Err(format!("there is no order {number}")),
        }
    }

    #[rollout::agent]
    fn support(orders: &[u64]) -> String {
        let found = orders
            .iter()
            .filter_map(|number| lookup_order(*number).ok());
        found.collect::<Vec<_>>().join(", ")
    }

    let recording = record();
    recording.in_scope(|| support(&[1042, 1099]));
    let run = recording.run();
    let calls = run.assert_tool_called("lookup_order");
    let wrong = AssertUnwindSafe(|| drop(calls.with_arguments(json!({"number": 7}))));
    let panic = catch_unwind(wrong).unwrap_err();
    let said = panic.downcast_ref::<String>().unwrap().trim();
    let guide = include_str!("../../docs/testing.md");
    assert!(guide.contains(&format!("```text\n{said}\n```")), "{said}");
}
