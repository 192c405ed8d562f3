//! Every form of function.

use std::fmt::Display;
use std::future::Future;
use std::pin::Pin;

use async_trait::async_trait;
use serde::Serialize;

use crate::harness::{assert_tree, block_on, record, record_with};

struct Desk {
    greeting: String,
}

trait Tool {
    fn call(&self, city: &str) -> String;

    #[rollout::tool]
    fn described(&self) -> String {
        self.call("nowhere")
    }
}

#[async_trait]
trait AsyncTool {
    async fn call(&self, city: &str) -> Result<String, std::fmt::Error>;
}

trait NativeAsyncTool {
    fn look_up(&self, id: u32) -> impl Future<Output = u32> + Send;
}

impl Desk {
    #[rollout::span("greeting", capture_output)]
    fn greet<'a>(&'a self) -> &'a str {
        &self.greeting
    }

    #[rollout::task]
    async fn change(&mut self, greeting: impl Into<String>) {
        self.greeting = greeting.into();
    }

    #[rollout::tool]
    fn into_greeting(self) -> String {
        self.greeting
    }
}

impl Tool for Desk {
    #[rollout::tool("get_weather")]
    fn call(&self, city: &str) -> String {
        format!("{} {city}", self.greeting)
    }
}

#[async_trait]
impl AsyncTool for Desk {
    #[rollout::tool]
    async fn call(&self, city: &str) -> Result<String, std::fmt::Error> {
        Ok(format!("{} {city}", self.greeting))
    }
}

impl NativeAsyncTool for Desk {
    #[rollout::tool]
    async fn look_up(&self, id: u32) -> u32 {
        id + 1
    }
}

#[rollout::tool]
fn boxed<'a>(text: &'a str) -> Pin<Box<dyn Future<Output = usize> + Send + 'a>> {
    Box::pin(async move { text.len() })
}

#[rollout::tool]
fn opaque(text: String) -> impl Future<Output = usize> + Send {
    async move { text.len() }
}

#[rollout::tool]
fn generic<'a, T, const N: usize>(items: &'a [T], (first, _): (u8, u8)) -> [usize; N]
where
    T: Serialize + Display,
{
    let length = |item: &'a T| item.to_string().len();
    [items.iter().map(length).sum::<usize>() + usize::from(first); N]
}

#[rollout::tool]
fn mutable(mut count: u32, total: &mut u32) -> Option<u32> {
    count += 1;
    *total += count;
    if *total > 100 {
        return None;
    }
    let total = (*total).checked_sub(1)?;
    Some(total)
}

fn desk() -> Desk {
    Desk {
        greeting: "hi".into(),
    }
}

#[test]
fn methods_capture_their_arguments_but_self() {
    let recorded = record(|| {
        let mut desk = desk();
        desk.greet();
        block_on(desk.change("hello"));
        assert_eq!(desk.into_greeting(), "hello");
    });
    assert_tree(
        &recorded,
        &[
            "trace greet ok",
            r#"  greeting greet ok -> "hi""#,
            "trace change ok",
            "  task change ok",
            "trace into_greeting ok",
            r#"  tool into_greeting ok {} -> "hello""#,
        ],
    );
}

#[test]
fn items_of_traits_and_impls_are_recorded() {
    let recorded = record(|| {
        let desk = desk();
        desk.described();
        block_on(AsyncTool::call(&desk, "Rome")).unwrap();
        assert_eq!(block_on(desk.look_up(1)), 2);
    });
    assert_tree(
        &recorded,
        &[
            "trace described ok",
            r#"  tool described ok {} -> "hi nowhere""#,
            r#"    tool get_weather ok {"city":"nowhere"} -> "hi nowhere""#,
            "trace call ok",
            r#"  tool call ok {"city":"Rome"} -> "hi Rome""#,
            "trace look_up ok",
            r#"  tool look_up ok {"id":1} -> 2"#,
        ],
    );
}

#[test]
fn futures_that_are_returned_are_recorded_when_they_run() {
    let recorded = record(|| {
        let second = opaque("four".into());
        assert_eq!(block_on(boxed("one")), 3);
        assert_eq!(block_on(second), 4);
    });
    assert_tree(
        &recorded,
        &[
            "trace boxed ok",
            r#"  tool boxed ok {"text":"one"} -> 3"#,
            "trace opaque ok",
            r#"  tool opaque ok {"text":"four"} -> 4"#,
        ],
    );
}

#[test]
fn generics_patterns_and_early_returns_stay_as_they_are() {
    let (total, recorded) = record_with(|| {
        assert_eq!(generic::<_, 1>(&[10, 2], (1, 0)), [4]);
        let mut total = 99;
        assert_eq!(mutable(0, &mut total), Some(99));
        assert_eq!(mutable(0, &mut total), None);
        total
    });
    assert_eq!(total, 101);
    assert_tree(
        &recorded,
        &[
            "trace generic ok",
            r#"  tool generic ok {"first":1,"items":[10,2]} -> "[4]""#,
            "trace mutable ok",
            r#"  tool mutable ok {"count":0,"total":99} -> 99"#,
            "trace mutable ok",
            r#"  tool mutable ok {"count":0,"total":100}"#,
        ],
    );
}

#[async_trait]
impl Patterns for Desk {
    #[rollout::tool(skip(hidden))]
    async fn take(&self, (left, right): (u8, u8), hidden: u8) -> u8 {
        left + right + hidden
    }
}

#[async_trait]
trait Patterns {
    async fn take(&self, pair: (u8, u8), hidden: u8) -> u8;
}

/// An agent that another agent calls as a tool.
#[rollout::tool("research")]
#[must_use]
#[rollout::agent]
async fn researcher(number: u8) -> Option<u8> {
    number.checked_sub(1)
}

#[rollout::task]
#[rollout::span("retrieval", name = "middle")]
#[rollout::tool("inner", capture_input = false)]
fn three() {}

#[test]
fn attributes_of_other_crates_and_of_ours_go_together() {
    let recorded = record(|| {
        assert_eq!(block_on(Patterns::take(&desk(), (1, 2), 3)), 6);
        three();
    });
    assert_tree(
        &recorded,
        &[
            "trace take ok",
            r#"  tool take ok {"__arg1":[1,2]} -> 6"#,
            "trace three ok",
            "  task three ok",
            "    retrieval middle ok",
            "      tool inner ok",
        ],
    );
}

#[test]
fn the_first_attribute_is_the_outermost() {
    let recorded = record(|| {
        let trace = rollout::trace("support").start();
        block_on(trace.instrument(researcher(1)));
    });
    assert_tree(
        &recorded,
        &[
            "trace support ok",
            r#"  tool research ok {"number":1} -> 0"#,
            r#"trace researcher ok {"number":1} -> 0"#,
        ],
    );
}

#[tokio::test]
#[rollout::trace]
async fn a_test_can_be_recorded() {
    tokio::task::yield_now().await;
}

#[rollout::trace]
#[tokio::test]
async fn a_test_can_be_recorded_outside() -> Result<(), std::fmt::Error> {
    tokio::task::yield_now().await;
    Ok(())
}
