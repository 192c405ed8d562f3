//! Each attribute: what it opens, and what it captures by itself.

use rollout::protocol::EventType;

use crate::harness::{assert_tree, block_on, record};

#[rollout::tool]
fn find_order(id: u32) -> String {
    format!("order {id}")
}

#[rollout::tool]
async fn find_order_later(id: u32) -> String {
    find_order(id)
}

#[rollout::span("retrieval")]
fn search(query: &str) -> usize {
    query.len()
}

#[rollout::task]
fn plan(goal: &str) -> usize {
    find_order(7);
    search(goal)
}

#[rollout::agent]
fn answer(question: &str) -> usize {
    plan(question)
}

#[rollout::trace]
fn import(rows: usize) -> usize {
    search("rows") + rows
}

#[test]
fn each_attribute_opens_what_it_is_named_for() {
    assert_tree(
        &record(|| answer("why?")),
        &[
            r#"trace answer ok {"question":"why?"} -> 4"#,
            "  task plan ok",
            r#"    tool find_order ok {"id":7} -> "order 7""#,
            "    retrieval search ok",
        ],
    );
    assert_tree(
        &record(|| import(1)),
        &["trace import ok", "  retrieval search ok"],
    );
}

#[test]
fn a_tool_is_a_call_and_a_result_with_a_span_of_its_own() {
    let recorded = record(|| block_on(find_order_later(7)));
    let outer = recorded.events.iter().find(|event| {
        event.event_type() == EventType::ToolCall
            && event.name.as_deref() == Some("find_order_later")
    });
    let outer = outer.unwrap();
    assert_eq!(outer.span_type.as_deref(), Some("tool"));
    assert_eq!(outer.tool.name.as_deref(), Some("find_order_later"));
    assert_eq!(outer.tool.status.as_deref(), Some("started"));
    assert!(outer.tool.args_shape_hash.is_some());
    assert!(outer.span_id.is_some());
    let results: Vec<_> = recorded
        .events
        .iter()
        .filter(|event| event.event_type() == EventType::ToolResult)
        .collect();
    assert_eq!(results.len(), 2);
    assert_eq!(
        results[0].parent_span_id, outer.span_id,
        "nested, not beside"
    );
    assert_eq!(results[1].tool.tool_call_id, outer.tool.tool_call_id);
    assert_eq!(results[1].tool.status.as_deref(), Some("ok"));
}

#[test]
fn outside_a_trace_each_gets_one_of_its_own() {
    let recorded = record(|| {
        find_order(1);
        search("x");
        plan("y");
    });
    assert_tree(
        &recorded,
        &[
            "trace find_order ok",
            r#"  tool find_order ok {"id":1} -> "order 1""#,
            "trace search ok",
            "  retrieval search ok",
            "trace plan ok",
            "  task plan ok",
            r#"    tool find_order ok {"id":7} -> "order 7""#,
            "    retrieval search ok",
        ],
    );
}

#[test]
fn without_a_client_everything_runs_as_if_there_were_no_attribute() {
    assert_eq!(answer("why?"), 4);
    assert_eq!(block_on(find_order_later(2)), "order 2");
}
