//! Functions that are recorded.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rollout::{Instrument as _, agent, task, tool};
use serde_json::{Value, json};

use super::{Program, only, told};

#[agent]
fn shout(text: &str) -> String {
    note(text);
    text.to_uppercase()
}

#[tool]
fn note(text: &str) -> usize {
    text.len()
}

#[task]
async fn think(about: &str) -> String {
    tokio::task::yield_now().await;
    note(about);
    format!("about {about}")
}

#[agent("answering", user_id = "u1", attributes(channel = "mail"))]
async fn answer(question: &str, times: u32) -> Result<String, io::Error> {
    if times == 0 {
        return Err(io::Error::other("no time"));
    }
    Ok(think(question).await)
}

#[agent]
async fn delegate(question: &str) -> Result<String, io::Error> {
    let first = answer(question, 1).await?;
    answer(&first, 0).await
}

#[agent]
fn explode(text: &str) -> usize {
    note(text);
    panic!("no {text}");
}

#[test]
fn a_function() {
    let program = Program::start();
    assert_eq!(program.run(|| shout("hello")), "HELLO");
    let events = program.finish();
    let expected = [
        "trace.start shout",
        "tool.call note",
        "tool.result note ok",
        "trace.end shout ok",
    ];
    assert_eq!(told(&events), expected);
    assert_eq!(events[0]["raw"]["input"], json!({"text": "hello"}));
    assert_eq!(events[2]["raw"]["result"], 5);
    assert_eq!(events[3]["raw"]["output"], "HELLO");
}

#[test]
fn an_async_function_and_what_it_calls() {
    let program = Program::start();
    assert_eq!(program.block_on(answer("it", 1)).unwrap(), "about it");
    let events = program.finish();
    assert_eq!(
        told(&events),
        [
            "trace.start answering",
            "span.start think",
            "tool.call note",
            "tool.result note ok",
            "span.end think ok",
            "trace.end answering ok",
        ]
    );
    assert_eq!(events[2]["parent_span_id"], events[1]["span_id"]);
    for event in &events {
        assert_eq!(event["context"]["user_id"], "u1");
        assert_eq!(event["trace_id"], events[0]["trace_id"]);
    }
    assert_eq!(events[0]["attributes"]["channel"], "mail");
}

#[test]
fn agents_inside_agents_are_traces_of_their_own() {
    let program = Program::start();
    program.block_on(delegate("it")).unwrap_err();
    let events = program.finish();
    let ends: Vec<_> = told(&events)
        .into_iter()
        .filter(|line| line.starts_with("trace.end"))
        .collect();
    assert_eq!(
        ends,
        [
            "trace.end delegate error",
            "trace.end answering ok",
            "trace.end answering error"
        ]
    );
    let outer = &events[0];
    let inner: Vec<_> = events
        .iter()
        .filter(|event| event["event_type"] == "trace.start" && event["name"] == "answering")
        .collect();
    assert_eq!(inner.len(), 2);
    for inner in inner {
        assert_ne!(inner["trace_id"], outer["trace_id"]);
        assert_eq!(
            inner["attributes"]["rollout.parent.trace_id"],
            outer["trace_id"]
        );
    }
}

#[test]
fn an_error_is_told_and_returned() {
    let program = Program::start();
    let error = program.block_on(answer("it", 0)).unwrap_err();
    assert_eq!(error.to_string(), "no time");
    let events = program.finish();
    assert_eq!(
        told(&events),
        ["trace.start answering", "trace.end answering error"]
    );
    assert_eq!(events[1]["error"]["message_preview"], "no time");
    assert_eq!(events[1]["raw"]["output"], Value::Null);
}

#[test]
fn a_panic_is_told_and_goes_on() {
    let program = Program::start();
    let panic = catch_unwind(AssertUnwindSafe(|| program.run(|| explode("matches")))).unwrap_err();
    assert_eq!(panic.downcast_ref::<String>().unwrap(), "no matches");
    let events = program.finish();
    assert_eq!(told(&events).last().unwrap(), "trace.end explode error");
    assert_eq!(only(&events, "trace.end")["error"]["type"], "panic");
}

#[test]
fn many_at_once_on_many_threads() {
    let program = Program::start();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| program.run(|| (0..5).for_each(|_| assert_eq!(shout("a"), "A"))));
        }
    });
    let events = program.finish();
    assert_eq!(events.len(), 8 * 5 * 4);
}

#[test]
fn tasks_that_run_side_by_side_stay_apart() {
    let program = Program::start();
    program.block_on(async {
        let context = program.rollout.context();
        let tasks: Vec<_> = (0..20)
            .map(|_| tokio::spawn(answer("it", 1).in_context(context.clone())))
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
    });
    assert_eq!(program.finish().len(), 20 * 6);
}

#[test]
fn what_people_and_programs_say_about_a_run() {
    let program = Program::start();
    program.run(|| {
        let _user = rollout::user("u7")
            .account_id("acme")
            .with_trait("plan", "pro")
            .enter();
        let trace = rollout::trace("support")
            .external_trace_id("order-7")
            .session_id("s1")
            .start();
        trace.in_scope(|| {
            rollout::message("user", "Hello?").record();
            rollout::message("tool", &json!({"found": null}))
                .tool_call_id("call_1")
                .internal()
                .record();
            rollout::feedback("stars", 5).record();
            rollout::signal("retried", Value::Null)
                .attribute("times", 2)
                .record();
            rollout::span("retrieval").input(&"q").start().end();
        });
        let id = trace.id().unwrap();
        trace.end();
        rollout::feedback("late", "good").trace_id(id).record();
        rollout::feedback("from elsewhere", true)
            .external_trace_id("order-7")
            .record();
        rollout::identify_user("u7").with_trait("seats", 3).record();
    });
    let events = program.finish();
    let message = &events
        .iter()
        .find(|event| event["event_type"] == "message")
        .unwrap();
    assert_eq!(message["message"]["content"], "Hello?");
    assert_eq!(message["context"]["user_traits"], json!({"plan": "pro"}));
    let names: Vec<_> = events
        .iter()
        .filter(|event| event["event_type"] == "feedback")
        .map(|event| &event["name"])
        .collect();
    assert_eq!(names.len(), 3, "{names:?}");
    assert_eq!(only(&events, "identity.update")["context"]["user_id"], "u7");
}

#[test]
fn who_records_is_in_every_event() {
    let ingest = rollout_tests::IngestServer::start();
    let program = Program::with(ingest, |builder| {
        let builder = builder
            .agent_name("support")
            .agent_version("2")
            .environment("test");
        builder.service_name("shop").release("1.2.3")
    });
    program.run(|| shout("a"));
    for event in program.finish() {
        assert_eq!(
            event["agent"],
            json!({"name": "support", "version": "2", "environment": "test"})
        );
        assert_eq!(event["attributes"]["service_name"], "shop");
        assert_eq!(event["attributes"]["release"], "1.2.3");
    }
}
