//! Tools.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::Program;
use super::difference::{
    CHAT, ERROR_SIGNATURE, ERROR_TYPE, MODEL_VERSION, OUTPUT_ONCE, TOOL_CALLS, TOOL_SPANS,
    USAGE_ONCE,
};
use super::provider::{self, OpenAi, answering, asked, openai};

#[rollout::tool(
    capture_input = false,
    capture_output = false,
    retry_count = 2,
    attributes(team = "x")
)]
fn quiet(secret: &str) -> usize {
    secret.len()
}

#[rollout::tool]
fn get_weather(city: &str, units: &str) -> Value {
    json!({"city": city, "temp": 21})
}

#[rollout::tool]
async fn search(query: &str) -> Value {
    tokio::task::yield_now().await;
    json!([query, {"n": 1}])
}

#[rollout::agent("run")]
async fn attributed() -> Vec<Value> {
    quiet("hush");
    vec![get_weather("Paris", "C"), search("latest").await]
}

#[test]
fn functions_with_options() {
    let program = Program::start();
    program.block_on(attributed());
    program.matches("12-tools-decorators", &[&TOOL_SPANS]);
}

#[rollout::tool("inner")]
fn inner_tool(x: u32) -> u32 {
    x * 2
}

#[rollout::task]
fn step(x: u32) -> u32 {
    inner_tool(x)
}

#[rollout::tool("outer")]
fn outer_tool(x: u32) -> u32 {
    step(x)
}

#[rollout::agent("run")]
fn nested(x: u32) -> u32 {
    outer_tool(x)
}

#[test]
fn tools_inside_of_tools() {
    let program = Program::start();
    assert_eq!(program.run(|| nested(2)), 4);
    program.matches("13-tools-nested-in-spans", &[&TOOL_SPANS]);
}

#[derive(Debug, thiserror::Error)]
#[error("tool failed")]
struct RuntimeError;

#[rollout::tool]
fn bad(x: u32) -> Result<u32, RuntimeError> {
    if x > 0 { Err(RuntimeError) } else { Ok(x) }
}

#[rollout::agent("run")]
fn failing() -> Result<u32, RuntimeError> {
    bad(1)
}

/// Outside of a trace the reference raises in the program, and this SDK makes one for the tool.
#[test]
fn a_tool_that_fails() {
    let program = Program::start();
    program.run(failing).unwrap_err();
    program.matches(
        "14-tools-errors",
        &[&TOOL_SPANS, &ERROR_SIGNATURE, &ERROR_TYPE],
    );
}

type Tool = Box<dyn Fn(Value) -> Value>;

fn find(arguments: &Value) -> Value {
    let limit = arguments["limit"].as_u64().unwrap_or_default();
    (0..limit).map(|_| arguments["q"].clone()).collect()
}

#[rollout::tool("search", capture_input = false)]
fn searching_alone(q: &str) -> Vec<String> {
    vec![q.to_owned()]
}

#[test]
fn tools_from_a_registry() {
    let program = Program::start();
    let mut map: HashMap<&str, Tool> = HashMap::new();
    map.insert("search", Box::new(|arguments| find(&arguments)));
    let map = rollout::wrap_tools!(map);
    let list = rollout::wrap_tools!([("refund_order", |arguments: Value| async move {
        json!({"refunded": arguments["order_id"]})
    })]);
    let trace = program.rollout.trace("registry").start();
    program.block_on(trace.instrument(async {
        map["search"](json!({"q": "a", "limit": 2}));
        let [(_, refund)] = &list;
        refund(json!({"order_id": "o1"})).await;
        map["search"](json!({"q": "b", "limit": 1}));
    }));
    trace.end();
    // Without a trace around it, a tool has one of its own, and that without being asked.
    assert_eq!(program.run(|| searching_alone("d")), ["d"]);
    program.matches("15-tools-wrap-registry", &[&TOOL_SPANS]);
}

#[rollout::agent("support_agent", skip(client))]
async fn looping(client: &OpenAi, text: &str) -> Option<String> {
    let answer = client.chat().create(asked(json!({}))).await.unwrap();
    let message = serde_json::to_value(&answer.choices[0].message).unwrap();
    let mut messages = vec![
        json!({"role": "user", "content": text}),
        json!({"role": "assistant", "tool_calls": message["tool_calls"]}),
    ];
    for call in message["tool_calls"].as_array().unwrap() {
        let (id, function) = (call["id"].as_str().unwrap(), &call["function"]);
        let name = function["name"].as_str().unwrap().to_owned();
        let arguments: Value =
            serde_json::from_str(function["arguments"].as_str().unwrap()).unwrap();
        let tool = rollout::tool(name).tool_call_id(id).input(&arguments);
        tool.start().record_output(&json!({"ok": true}));
        messages.push(json!({"role": "tool", "tool_call_id": id, "content": "ok"}));
    }
    let request = asked(json!({"messages": messages}));
    let answer = client.chat().create(request).await.unwrap();
    answer.choices[0].message.content.clone()
}

#[test]
fn tools_that_the_model_asked_for() {
    let provider = answering([provider::chat_calls(1), provider::chat(2)]);
    let program = Program::start();
    let client = openai(&provider);
    program.block_on(looping(&client, "Where is my order?"));
    program.matches(
        "16-tools-linked-to-llm-call",
        &[
            &MODEL_VERSION,
            &OUTPUT_ONCE,
            &USAGE_ONCE,
            &CHAT,
            &TOOL_CALLS,
            &TOOL_SPANS,
        ],
    );
}
