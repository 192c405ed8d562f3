//! The options of the attributes.

use rollout::protocol::EventType;
use serde_json::json;

use crate::harness::{assert_tree, record};

struct Ticket {
    id: u32,
    customer: Option<String>,
}

#[rollout::tool("get_weather", tool_call_id = call.id, skip(call))]
fn weather(call: &Ticket, city: &str) -> String {
    format!("{} {}", city, call.id)
}

#[rollout::span("retrieval", name = "search the manual", capture_input, skip(secret))]
fn search(query: &str, secret: &str) -> usize {
    query.len() + secret.len()
}

#[rollout::task("plan", capture_output = true)]
fn make_a_plan(steps: usize) -> usize {
    steps
}

#[rollout::tool(capture_input = false, capture_output = false)]
fn quiet(secret: &str) -> &str {
    secret
}

#[rollout::trace(
    external_trace_id = format!("ticket-{}", ticket.id),
    user_id = &ticket.customer,
    session_id = "s1",
    conversation_id = ticket.id,
    attributes(queue.name = "support", "ticket.id" = ticket.id, tags = ["a", "b"]),
    flush = "wait",
)]
fn handle(ticket: &Ticket) -> usize {
    make_a_plan(2)
}

#[rollout::tool(user_id = customer, attributes(priority = 1 + 1), retry_count = 2)]
fn refund(customer: &str) -> bool {
    !customer.is_empty()
}

#[test]
fn names_types_and_captures_are_as_told() {
    let ticket = Ticket {
        id: 7,
        customer: None,
    };
    let recorded = record(|| {
        weather(&ticket, "Paris");
        search("abc", "hush");
        make_a_plan(3);
        quiet("hush");
    });
    assert_tree(
        &recorded,
        &[
            "trace get_weather ok",
            r#"  tool get_weather ok {"city":"Paris"} -> "Paris 7""#,
            "trace search the manual ok",
            r#"  retrieval search the manual ok {"query":"abc"}"#,
            "trace plan ok",
            "  task plan ok -> 3",
            "trace quiet ok",
            "  tool quiet ok",
        ],
    );
    assert!(!format!("{:?}", recorded.events).contains("hush"));
}

#[test]
fn the_models_id_of_a_call_is_on_both_halves() {
    let ticket = Ticket {
        id: 7,
        customer: None,
    };
    let recorded = record(|| weather(&ticket, "Paris"));
    for kind in [EventType::ToolCall, EventType::ToolResult] {
        let tool = &recorded.only(kind).tool;
        assert_eq!(tool.tool_call_id.as_deref(), Some("7"));
        assert_eq!(tool.name.as_deref(), Some("get_weather"));
    }
}

#[test]
fn a_trace_knows_on_whose_behalf_it_runs() {
    let ticket = Ticket {
        id: 7,
        customer: Some("u1".into()),
    };
    let recorded = record(|| handle(&ticket));
    let start = recorded.only(EventType::TraceStart);
    assert_eq!(start.external_trace_id.as_deref(), Some("ticket-7"));
    assert_eq!(start.context.user_id.as_deref(), Some("u1"));
    assert_eq!(start.context.session_id.as_deref(), Some("s1"));
    assert_eq!(start.context.conversation_id.as_deref(), Some("7"));
    let attributes = serde_json::Value::from(start.attributes.clone());
    assert_eq!(
        attributes,
        json!({"queue.name": "support", "ticket.id": 7, "tags": ["a", "b"]})
    );
}

#[test]
fn a_span_outside_a_trace_knows_too() {
    let recorded = record(|| refund("u1"));
    let call = recorded.only(EventType::ToolCall);
    assert_eq!(call.context.user_id.as_deref(), Some("u1"));
    assert_eq!(call.attributes.get("priority"), Some(&json!(2)));
    assert_eq!(call.tool.retry_count, Some(2));
}
