//! Functions that are agents.

use std::future::pending;

use serde_json::{Map, Value, json};

use super::Program;
use super::difference::{CANCELLED, Difference, ERROR_SIGNATURE, ERROR_TYPE};

#[rollout::agent]
fn run_agent(text: &str, lang: &str) -> Value {
    json!({"answer": text.to_uppercase(), "lang": lang})
}

#[rollout::agent(
    "named_agent",
    user_id = "u1",
    session_id = "s1",
    conversation_id = "c1",
    attributes(tier = "gold")
)]
async fn async_agent(text: &str, rest: &[u32], more: Value) -> String {
    tokio::task::yield_now().await;
    text.to_owned()
}

#[test]
fn sync_and_async() {
    let program = Program::start();
    program.run(|| run_agent("hi", "en"));
    program.block_on(async {
        // The attribute knows of no account.
        let account = rollout::user("u1").account_id("acc_1").context();
        let agent = async_agent("hello", &[1, 2], json!({"extra": true}));
        rollout::Instrument::in_context(agent, account).await;
    });
    program.matches("08-agent-sync-and-async", &[]);
}

#[derive(Debug, thiserror::Error)]
#[error("'missing'")]
struct KeyError;

#[rollout::agent]
fn bad() -> Result<(), KeyError> {
    Err(KeyError)
}

#[rollout::agent]
async fn slow() {
    pending::<()>().await;
}

#[test]
fn errors_and_cancellation() {
    let program = Program::start();
    program.run(bad).unwrap_err();
    program.block_on(async {
        tokio::select! {
            biased;
            () = slow() => {}
            () = tokio::task::yield_now() => {}
        }
    });
    program.matches(
        "09-agent-error",
        &[&ERROR_SIGNATURE, &ERROR_TYPE, &CANCELLED],
    );
}

#[rollout::agent(capture_input = false, capture_output = false)]
fn quiet(secret: &str) -> usize {
    secret.len()
}

#[test]
fn without_what_goes_in_and_comes_out() {
    let program = Program::start();
    program.run(|| quiet("hush"));
    program.matches("10-agent-capture-off", &[]);
}

#[rollout::agent]
fn inner(x: u32) -> u32 {
    x + 1
}

#[rollout::agent]
fn outer(x: u32) -> u32 {
    rollout::span("step").start().in_scope(|| inner(x))
}

const OWN_SPANS: Difference = Difference::rule(
    "a trace that begins in another one has none of its spans, and says where it began (defect 50)",
    |both| {
        let mut outer = Map::new();
        both.change(|event| match event["name"].as_str() {
            Some("inner") => {
                event.remove("span_id");
                let mut origin = Map::new();
                origin.insert("rollout.parent.trace_id".into(), outer["trace_id"].clone());
                origin.insert("rollout.parent.span_id".into(), outer["span_id"].clone());
                event.insert("attributes".into(), origin.into());
            }
            Some("step") => outer = event.clone(),
            _ => {}
        })
    },
);

#[test]
fn an_agent_inside_an_agent() {
    let program = Program::start();
    assert_eq!(program.run(|| outer(1)), 2);
    program.matches("11-agent-inside-agent", &[&OWN_SPANS]);
}
