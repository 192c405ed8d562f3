//! Tools.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::Program;
use super::difference::{ERROR_SIGNATURE, ERROR_TYPE, TOOL_SPANS};

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
