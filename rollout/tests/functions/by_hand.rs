//! Tools that are recorded by hand.

use rollout::protocol::EventType;
use serde_json::json;

use crate::harness::{assert_tree, record};

#[test]
fn a_call_by_hand_is_like_that_of_a_function() {
    let recorded = record(|| {
        let trace = rollout::trace("support").start();
        let call = trace
            .tool("find_order")
            .tool_call_id("call_1")
            .retry_count(2);
        let mut call = call
            .attribute("shop", "north")
            .input(&json!({"id": 7}))
            .start();
        call.in_scope(|| {
            let nested = rollout::tool("look_up").start();
            nested.tool("cache").start().end();
        });
        call.record_output("shipped");
        call.end();
        let mut failed = trace.tool("refund").start();
        failed.record_error(&std::fmt::Error);
    });
    assert_tree(
        &recorded,
        &[
            "trace support ok",
            r#"  tool find_order ok {"id":7} -> "shipped""#,
            "    tool look_up ok",
            "      tool cache ok",
            "  tool refund error !! fmt::Error: an error occurred when formatting an argument",
        ],
    );
    let call = &recorded.events[1];
    assert_eq!(call.event_type(), EventType::ToolCall);
    assert_eq!(call.tool.tool_call_id.as_deref(), Some("call_1"));
    assert_eq!(call.tool.retry_count, Some(2));
    assert!(call.tool.args_shape_hash.is_some());
    assert_eq!(call.attributes.get("shop"), Some(&json!("north")));
}

#[test]
fn the_id_of_a_call_can_come_from_around() {
    let recorded = record(|| {
        let _scope = rollout::tool_call("call_7").enter();
        rollout::tool("find").start().end();
    });
    let result = recorded.only(EventType::ToolResult);
    assert_eq!(result.tool.tool_call_id.as_deref(), Some("call_7"));
}
