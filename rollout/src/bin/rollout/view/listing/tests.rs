use super::*;

fn entry(id: &str, status: &str, model: &str, input: &str) -> Entry {
    let summary = Summary {
        id: id.into(),
        status: status.into(),
        models: vec![model.into()],
        input: Some(input.into()),
        started: Some(now() - 7_200_000.0),
        calls: 1,
        errors: u64::from(id == "b"),
        consumed: Consumed {
            cost: (id == "a").then_some(0.5),
            cost_partial: id != "a",
            ..Consumed::default()
        },
        ..Summary::default()
    };
    let words = format!("{id}\n{input}").to_lowercase();
    Entry {
        summary,
        words,
        calls: Vec::new(),
    }
}

fn entries() -> Vec<Arc<Entry>> {
    [
        entry("a", "ok", "gpt", "Where is my Order?"),
        entry("b", "ok", "claude", "A refund for the order"),
        entry("c", "failed", "gpt", "hello"),
    ]
    .map(Arc::new)
    .into()
}

fn found(query: &Query) -> Vec<String> {
    query
        .page(&entries())
        .runs
        .into_iter()
        .map(|run| run.id)
        .collect()
}

#[test]
fn each_filter_narrows_the_list_down() {
    let text = |text: &str| Some(text.to_owned());
    for (query, ids) in [
        (Query::default(), &["a", "b", "c"][..]),
        (
            Query {
                q: text("order"),
                ..Query::default()
            },
            &["a", "b"],
        ),
        (
            Query {
                q: text("ORDER refund"),
                ..Query::default()
            },
            &["b"],
        ),
        (
            Query {
                status: text("failed"),
                ..Query::default()
            },
            &["c"],
        ),
        (
            Query {
                status: text("errors"),
                ..Query::default()
            },
            &["b"],
        ),
        (
            Query {
                model: text("gpt"),
                ..Query::default()
            },
            &["a", "c"],
        ),
        (
            Query {
                since: text("1h"),
                ..Query::default()
            },
            &[],
        ),
        (
            Query {
                since: text("1d"),
                ..Query::default()
            },
            &["a", "b", "c"],
        ),
        (
            Query {
                since: text("nonsense"),
                ..Query::default()
            },
            &["a", "b", "c"],
        ),
        (
            Query {
                offset: Some(1),
                limit: Some(1),
                ..Query::default()
            },
            &["b"],
        ),
    ] {
        assert_eq!(found(&query), ids, "{query:?}");
    }
}

#[test]
fn sums_are_over_all_that_matches_and_say_what_is_unknown() {
    let page = Query {
        limit: Some(1),
        ..Query::default()
    }
    .page(&entries());
    assert_eq!((page.total, page.matched, page.runs.len()), (3, 3, 1));
    assert_eq!((page.sums.failed, page.sums.calls), (1, 3));
    assert_eq!(page.sums.consumed.cost, Some(0.5));
    assert!(page.sums.consumed.cost_partial);
}
