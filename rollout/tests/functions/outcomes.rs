//! Errors, panics and cancellation: recorded, and passed on.

use std::io;
use std::panic::catch_unwind;
use std::pin::pin;
use std::task::{Context, Waker};

use crate::harness::{assert_tree, block_on, record, record_with};

#[derive(Debug, thiserror::Error)]
#[error("no order {id}")]
struct Missing {
    id: u32,
    source: io::Error,
}

#[rollout::tool]
fn find(id: u32) -> Result<String, Missing> {
    let source = io::Error::other("no connection");
    Err(Missing { id, source })
}

#[rollout::span("retrieval")]
async fn search(id: u32) -> Result<String, Missing> {
    let found = find(id)?;
    Ok(found)
}

#[rollout::task]
fn breaks() {
    panic!("at the disco");
}

#[rollout::tool]
async fn breaks_later() -> u8 {
    std::future::ready(()).await;
    panic!("later");
}

#[rollout::tool]
async fn never() {
    std::future::pending::<()>().await;
}

#[test]
fn errors_are_recorded_and_returned_as_they_were() {
    let (result, recorded) = record_with(|| block_on(search(7)));
    let error = result.unwrap_err();
    assert_eq!((error.id, &*error.source.to_string()), (7, "no connection"));
    assert_tree(
        &recorded,
        &[
            "trace search error !! Missing: no order 7",
            "  retrieval search error !! Missing: no order 7",
            r#"    tool find error {"id":7} !! Missing: no order 7"#,
        ],
    );
}

#[test]
fn panics_are_recorded_and_go_on() {
    let (result, recorded) = record_with(|| catch_unwind(breaks));
    assert_eq!(result.unwrap_err().downcast_ref(), Some(&"at the disco"));
    assert_tree(
        &recorded,
        &[
            "trace breaks error !! panic: at the disco",
            "  task breaks error !! panic: at the disco",
        ],
    );
    let recorded = record(|| catch_unwind(|| block_on(breaks_later())).unwrap_err());
    assert_tree(
        &recorded,
        &[
            "trace breaks_later error !! panic: later",
            "  tool breaks_later error {} !! panic: later",
        ],
    );
}

#[test]
fn a_future_that_is_dropped_was_cancelled() {
    let recorded = record(|| {
        let mut future = pin!(never());
        let mut context = Context::from_waker(Waker::noop());
        assert!(future.as_mut().poll(&mut context).is_pending());
    });
    assert_tree(
        &recorded,
        &["trace never cancelled", "  tool never cancelled {}"],
    );
}

#[test]
fn a_future_that_was_never_polled_leaves_nothing() {
    assert_tree(&record(|| drop(never())), &[]);
}
