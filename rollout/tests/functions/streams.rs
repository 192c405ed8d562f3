//! Streams and iterators: their call lasts as long as they do.

use std::pin::Pin;

use futures::stream::{self, Stream, StreamExt as _};

use crate::harness::{assert_tree, block_on, record};

#[rollout::span("step")]
fn step() {}

#[rollout::tool]
fn numbers(up_to: u32) -> impl Stream<Item = u32> {
    stream::iter(1..=up_to).inspect(|_| step())
}

#[rollout::tool]
async fn numbers_later(up_to: u32) -> Result<impl Stream<Item = u32>, String> {
    if up_to == 0 {
        return Err("nothing to count".into());
    }
    Ok(stream::iter(1..=up_to))
}

#[rollout::tool]
fn boxed(up_to: u32) -> Pin<Box<dyn Stream<Item = Result<u32, String>> + Send>> {
    Box::pin(stream::iter((1..=up_to).map(|n| {
        if n < 2 {
            Ok(n)
        } else {
            Err(format!("{n} is too many"))
        }
    })))
}

#[rollout::span("counting", capture_output)]
fn iterated(up_to: u32) -> impl Iterator<Item = u32> {
    1..=up_to
}

#[test]
fn what_a_stream_does_is_part_of_its_call() {
    let recorded = record(|| {
        let numbers = numbers(2);
        assert_eq!(block_on(numbers.collect::<Vec<_>>()), [1, 2]);
    });
    assert_tree(
        &recorded,
        &[
            "trace numbers ok",
            r#"  tool numbers ok {"up_to":2} -> [1,2]"#,
            "    step step ok",
            "    step step ok",
        ],
    );
}

#[test]
fn a_stream_in_a_result_goes_on_and_an_error_ends() {
    let recorded = record(|| {
        block_on(async {
            let numbers = numbers_later(3).await.unwrap();
            assert_eq!(numbers.count().await, 3);
            assert!(numbers_later(0).await.is_err());
        });
    });
    assert_tree(
        &recorded,
        &[
            "trace numbers_later ok",
            r#"  tool numbers_later ok {"up_to":3} -> [1,2,3]"#,
            "trace numbers_later error !! String: nothing to count",
            r#"  tool numbers_later error {"up_to":0} !! String: nothing to count"#,
        ],
    );
}

#[test]
fn errors_among_the_items_and_early_drops_are_seen() {
    let recorded = record(|| {
        let all = block_on(boxed(2).collect::<Vec<_>>());
        assert_eq!(all[1].as_ref().unwrap_err(), "2 is too many");
        let mut dropped = boxed(3);
        assert_eq!(block_on(dropped.next()), Some(Ok(1)));
    });
    assert_tree(
        &recorded,
        &[
            "trace boxed error !! String: 2 is too many",
            r#"  tool boxed error {"up_to":2} -> [1] !! String: 2 is too many"#,
            "trace boxed cancelled",
            r#"  tool boxed cancelled {"up_to":3} -> [1]"#,
        ],
    );
}

#[test]
fn an_iterator_is_a_stream_without_waiting() {
    let recorded = record(|| assert_eq!(iterated(3).sum::<u32>(), 6));
    assert_tree(
        &recorded,
        &["trace iterated ok", "  counting iterated ok -> [1,2,3]"],
    );
}
