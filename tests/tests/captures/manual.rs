//! Traces, spans and messages by hand.

use rollout::Usage;
use serde_json::json;

use super::Program;
use super::difference::{
    CACHED, ERROR_SIGNATURE, ERROR_TYPE, FIRST_CHUNK, OUTPUT_ONCE, TOLD_ONCE, USAGE_ONCE,
};

#[derive(Debug, thiserror::Error)]
#[error("{}", "x".repeat(1500))]
struct ValueError;

#[test]
fn a_call_told_by_hand() {
    let program = Program::start();
    let trace = program.rollout.trace("support_agent").user_id("cus_123");
    let trace = trace.session_id("sess_9").conversation_id("thread_123");
    let trace = trace.attribute("channel", "web").start();
    let question = "Where is my order?";
    trace.message("user", question).record();
    let call = trace.llm("openai.responses").provider("openai");
    let call = call.model("gpt-4.1-mini").model_version("2025-04-14");
    let mut call = call.reasoning_mode("low").temperature(0.2).start();
    call.record_input(&json!({"messages": [{"role": "user", "content": question}]}));
    call.record_output(&json!({"content": "It has shipped."}));
    let usage = Usage::default()
        .with_input_tokens(100)
        .with_output_tokens(30);
    let usage = usage.with_cached_tokens(10).with_reasoning_tokens(5);
    let usage = usage.with_total_tokens(130).with_cost_usd(0.001);
    let usage = usage.with_context_window_tokens(128_000);
    let usage = usage.with_context_used_tokens(130);
    call.set_usage(usage.with_context_utilization(0.001));
    call.end();
    trace.message("assistant", "It has shipped.").record();
    trace.feedback("thumbs_up", true).record();
    let order = json!({"order_id": "ord_1"});
    trace.signal("order_placed", order).record();
    trace.end();
    program.matches(
        "03-manual-trace-llm-span",
        &[&OUTPUT_ONCE, &USAGE_ONCE, &CACHED],
    );
}

#[test]
fn a_stream_told_by_hand() {
    let program = Program::start();
    let trace = program.rollout.trace("support_agent").start();
    let call = trace.llm("openai.responses").model("gpt-4.1-mini");
    let mut call = call.streaming(true).start();
    let question = "Where is my order?";
    call.record_input(&json!({"messages": [{"role": "user", "content": question}]}));
    for piece in ["It ", "has ", "shipped."] {
        call.record_chunk(piece);
    }
    call.record_output("It has shipped.");
    call.set_usage(Usage::default().with_input_tokens(12).with_output_tokens(3));
    call.end();
    trace.end();
    program.matches("04-manual-stream-span", &[&FIRST_CHUNK, &TOLD_ONCE]);
}

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
