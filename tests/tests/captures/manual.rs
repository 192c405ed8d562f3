//! Traces, spans and messages by hand.

use serde_json::json;

use super::Program;
use super::difference::{ERROR_SIGNATURE, ERROR_TYPE, OUTPUT_ONCE};

#[derive(Debug, thiserror::Error)]
#[error("{}", "x".repeat(1500))]
struct ValueError;

#[test]
fn messages_of_every_form() {
    let program = Program::start();
    let trace = program.rollout.trace("chat").start();
    trace.message("system", "Be brief.").internal().record();
    let parts = json!([
        {"type": "text", "text": "Look"},
        {"type": "image_url", "image_url": {"url": "data:,"}},
    ]);
    trace
        .message("user", &parts)
        .content_type("multipart")
        .record();
    trace
        .message("tool", &json!({"temp": 21}))
        .tool_call_id("call_1")
        .attribute("k", "v")
        .record();
    trace.message("assistant", &None::<String>).record();
    trace.end();
    program.matches("05-messages", &[]);
}

#[rollout::trace(
    "support_agent",
    user_id = "cus_1",
    attributes(a = 1),
    capture_input = false
)]
fn support_agent() -> [&'static str; 2] {
    assert!(rollout::current_trace().id().is_some());
    retrieval_pipeline("orders", 2)
}

#[rollout::task(capture_input, capture_output)]
fn retrieval_pipeline(query: &'static str, k: u32) -> [&'static str; 2] {
    let mut span = rollout::span("retrieval")
        .name("search_docs")
        .attribute("index", "docs")
        .input(&json!({"query": query}))
        .start();
    span.in_scope(|| {
        rollout::span("rerank").start().in_scope(|| {
            let said = rollout::message("system", "inside the span");
            said.internal().record();
        });
    });
    span.record_output(&json!({"hits": k}));
    span.end();
    [query, query]
}

#[test]
fn spans_and_tasks_one_inside_the_other() {
    let program = Program::start();
    assert_eq!(program.run(support_agent), ["orders", "orders"]);
    program.matches("06-spans-and-tasks-nested", &[&OUTPUT_ONCE]);
}

/// The reference knows nobody whose error it is.
fn failing() -> Result<(), ValueError> {
    let mut span = rollout::span("retrieval").start();
    let failed = Err(ValueError);
    if let Err(error) = &failed {
        span.record_error(error);
    }
    failed
}

#[test]
fn an_error_leaves_a_span_and_its_trace() {
    let program = Program::start();
    let mut trace = program.rollout.trace("t").start();
    let error = trace.in_scope(failing).unwrap_err();
    trace.record_error(&error);
    trace.end();
    program.matches("07-span-error", &[&ERROR_SIGNATURE, &ERROR_TYPE]);
}
