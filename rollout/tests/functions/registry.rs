//! Tools in registries.

#![expect(clippy::type_complexity, reason = "the types are what is tested")]
#![expect(
    clippy::needless_pass_by_value,
    reason = "tools are called with values"
)]

use std::collections::{BTreeMap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Waker};

use rollout::protocol::EventType;
use serde::Serialize;
use serde_json::{Value, json};

use crate::harness::{assert_tree, block_on, record, record_with};

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("no order {0}")]
struct Missing(u64);

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
type Tool = Box<dyn Fn(Value) -> Result<Value, Missing> + Send + Sync>;
type AsyncTool = Arc<dyn Fn(Value) -> BoxFuture<'static, Result<Value, Missing>> + Send + Sync>;

fn find(arguments: Value) -> Result<Value, Missing> {
    match arguments.get("id").and_then(Value::as_u64) {
        Some(7) => Ok(json!({"status": "shipped"})),
        id => Err(Missing(id.unwrap_or_default())),
    }
}

#[test]
fn a_map_of_boxed_tools_stays_what_it_is() {
    let mut tools: HashMap<String, Tool> = HashMap::new();
    tools.insert("find_order".into(), Box::new(find));
    tools.insert("echo".into(), Box::new(Ok));
    let tools: HashMap<String, Tool> = rollout::wrap_tools!(tools);
    let recorded = record(|| {
        assert_eq!(
            tools["find_order"](json!({"id": 7})),
            Ok(json!({"status": "shipped"}))
        );
        assert_eq!(tools["find_order"](json!({"id": 8})), Err(Missing(8)));
        assert_eq!(tools["echo"](json!([1])), Ok(json!([1])));
    });
    assert_tree(
        &recorded,
        &[
            "trace find_order ok",
            r#"  tool find_order ok {"id":7} -> {"status":"shipped"}"#,
            "trace find_order error !! Missing: no order 8",
            r#"  tool find_order error {"id":8} !! Missing: no order 8"#,
            "trace echo ok",
            "  tool echo ok [1] -> [1]",
        ],
    );
}

#[test]
fn asynchronous_tools_are_told_by_their_type() {
    let mut tools: BTreeMap<Arc<str>, AsyncTool> = BTreeMap::new();
    tools.insert(
        "find".into(),
        Arc::new(|arguments| Box::pin(async { find(arguments) })),
    );
    let tools: BTreeMap<Arc<str>, AsyncTool> = rollout::wrap_tools!(tools);
    let recorded = record(|| {
        let future = tools["find"](json!({"id": 7}));
        assert!(block_on(future).is_ok());
        assert_eq!(block_on(tools["find"](json!({"id": 1}))), Err(Missing(1)));
        let mut dropped = pin!(tools["find"](json!({})));
        drop(tools["find"](json!("never polled")));
        let _ = dropped
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
    });
    assert_tree(
        &recorded,
        &[
            "trace find ok",
            r#"  tool find ok {"id":7} -> {"status":"shipped"}"#,
            "trace find error !! Missing: no order 1",
            r#"  tool find error {"id":1} !! Missing: no order 1"#,
            "trace find error !! Missing: no order 0",
            "  tool find error {} !! Missing: no order 0",
        ],
    );
}

#[test]
fn functions_and_closures_become_closures() {
    #[derive(Debug)]
    struct Opaque;

    #[derive(Serialize)]
    struct City<'a> {
        name: &'a str,
    }

    async fn later(name: String) -> usize {
        name.len()
    }

    let pointers: [(&str, fn(Value) -> Result<Value, Missing>); 2] =
        [("find", find), ("echo", |value| Ok(value))];
    let closures = vec![("opaque", |opaque: Opaque| drop(Box::new(opaque)))];
    let recorded = record(|| {
        let [(first, find), (second, echo)] = rollout::wrap_tools!(pointers);
        assert_eq!((first, second), ("find", "echo"));
        assert_eq!(find(json!({"id": 3})), Err(Missing(3)));
        assert_eq!(echo(json!(1)), Ok(json!(1)));
        let closures = rollout::wrap_tools!(closures);
        (closures[0].1)(Opaque);
        let weather = rollout::wrap_tool!("weather", |city: &City<'_>| city.name.len());
        assert_eq!(weather(&City { name: "Paris" }), 5);
        let later = rollout::wrap_tool!(format!("{}_later", "weather"), later);
        assert_eq!(block_on(later("Rome".into())), 4);
        let now = rollout::wrap_tool!("now", || 12);
        assert_eq!(now(), 12);
        let soon = rollout::wrap_tool!("soon", || async { 13 });
        assert_eq!(block_on(soon()), 13);
    });
    assert_tree(
        &recorded,
        &[
            "trace find error !! Missing: no order 3",
            r#"  tool find error {"id":3} !! Missing: no order 3"#,
            "trace echo ok",
            "  tool echo ok 1 -> 1",
            "trace opaque ok",
            r#"  tool opaque ok "Opaque""#,
            "trace weather ok",
            r#"  tool weather ok {"name":"Paris"} -> 5"#,
            "trace weather_later ok",
            r#"  tool weather_later ok "Rome" -> 4"#,
            "trace now ok",
            "  tool now ok {} -> 12",
            "trace soon ok",
            "  tool soon ok {} -> 13",
        ],
    );
}

/// Stays on its thread, and can't be serialised.
#[derive(Debug)]
struct Local(Rc<str>);

#[test]
fn every_pointer_and_every_argument_is_taken() {
    let prefix = String::from("hi ");
    let borrowing: Box<dyn Fn(&str) -> String + '_> = Box::new(|name| format!("{prefix}{name}"));
    let shared: Rc<dyn Fn(u32) -> Option<u32>> = Rc::new(|n| n.checked_sub(1));
    let bare: Arc<dyn Fn() -> u8 + Send + Sync> = Arc::new(|| 1);
    let local: Box<dyn Fn(Local) -> Pin<Box<dyn Future<Output = Local>>>> =
        Box::new(|text| Box::pin(async { text }));
    let by_reference: Box<dyn Fn(&Value) -> BoxFuture<'_, usize> + Send> =
        Box::new(|value| Box::pin(async { value.to_string().len() }));
    let (result, recorded) = record_with(|| {
        let borrowing: Box<dyn Fn(&str) -> String + '_> =
            rollout::wrap_tool!("borrowing", borrowing);
        let shared: Rc<dyn Fn(u32) -> Option<u32>> = rollout::wrap_tool!("shared", shared);
        let bare: Arc<dyn Fn() -> u8 + Send + Sync> = rollout::wrap_tool!("bare", bare);
        let local = rollout::wrap_tool!("local", local);
        let by_reference: Box<dyn Fn(&Value) -> BoxFuture<'_, usize> + Send> =
            rollout::wrap_tool!("by_reference", by_reference);
        assert_eq!(&*block_on(local(Local("x".into()))).0, "x");
        let length = block_on(by_reference(&json!([1])));
        (borrowing("you"), shared(0), bare(), length)
    });
    assert_eq!(result, ("hi you".into(), None, 1, 3));
    assert_tree(
        &recorded,
        &[
            "trace local ok",
            r#"  tool local ok "Local(\"x\")" -> "Local(\"x\")""#,
            "trace by_reference ok",
            "  tool by_reference ok [1] -> 3",
            "trace borrowing ok",
            r#"  tool borrowing ok "you" -> "hi you""#,
            "trace shared ok",
            "  tool shared ok 0",
            "trace bare ok",
            "  tool bare ok {} -> 1",
        ],
    );
}

#[test]
fn panics_are_recorded_and_go_on() {
    let tool: Box<dyn Fn(u8) -> BoxFuture<'static, u8>> =
        Box::new(|n| Box::pin(async move { panic!("no {n}") }));
    let recorded = record(|| {
        let breaks = rollout::wrap_tool!("breaks", |n: u8| assert!(n == 0, "no {n}"));
        assert!(catch_unwind(AssertUnwindSafe(|| breaks(1))).is_err());
        let tool = rollout::wrap_tool!("breaks_later", tool);
        assert!(catch_unwind(AssertUnwindSafe(|| block_on(tool(2)))).is_err());
    });
    assert_tree(
        &recorded,
        &[
            "trace breaks error !! panic: no 1",
            "  tool breaks error 1 !! panic: no 1",
            "trace breaks_later error !! panic: no 2",
            "  tool breaks_later error 2 !! panic: no 2",
        ],
    );
}

#[test]
fn defect_49_the_id_of_a_call_reaches_the_tool_and_no_further() {
    #[rollout::tool]
    async fn inner(n: u8) -> u8 {
        n
    }

    #[rollout::tool(tool_call_id = id, skip(id))]
    fn named(id: Option<&str>) -> bool {
        id.is_some()
    }

    let tools = [("outer", |n: u8| inner(n))];
    let ids = |recorded: &crate::harness::Recorded| -> Vec<String> {
        let calls = recorded.events.iter();
        let calls = calls.filter(|event| event.event_type() == EventType::ToolCall);
        calls
            .filter_map(|call| call.tool.tool_call_id.clone())
            .collect()
    };
    let recorded = record(|| {
        let [(_, outer)] = rollout::wrap_tools!(tools);
        // The future is made inside of the scope, and runs outside.
        block_on(rollout::tool_call("call_1").in_scope(|| outer(1)));
        // A function that is `async` begins when it is polled, in the scope.
        block_on(rollout::tool_call("call_2").instrument(inner(2)));
        let _scope = rollout::tool_call("call_3").enter();
        named(Some("call_4"));
        rollout::span("dispatch").start().in_scope(|| named(None));
    });
    let ids = ids(&recorded);
    assert_eq!(ids[0], "call_1");
    assert!(ids[1].starts_with("tool_"), "{}", ids[1]);
    assert_eq!(ids[2..], ["call_2", "call_4", "call_3"]);
}
