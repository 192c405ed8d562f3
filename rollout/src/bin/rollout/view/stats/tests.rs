use rollout_core::show;
use serde_json::{Value, json};

use super::*;
use crate::prices::Prices;

fn call(trace: &str, second: u32, took: u32, usage: &Value) -> Value {
    json!({
        "event_type": "span.end", "trace_id": trace, "span_id": format!("s{trace}{second}"), "span_type": "llm",
        "occurred_at": format!("2026-01-01T00:00:{second:02}Z"), "started_at": format!("2026-01-01T00:00:{second:02}Z"),
        "duration_ms": took, "status": "ok", "model": {"model": "m"}, "usage": usage,
    })
}

fn figures(events: &[Value]) -> Figures {
    let runs = show::runs(events);
    let entries: Vec<_> = runs
        .iter()
        .map(|run| Arc::new(Entry::of(run, &Prices::listed().unwrap())))
        .collect();
    Query { since: None }.figures(&entries)
}

#[test]
fn bars_add_up_what_began_in_them() {
    let figures = figures(&[
        call(
            "a",
            1,
            100,
            &json!({"input_tokens": 5, "output_tokens": 1, "cost_usd": 0.25}),
        ),
        call("a", 2, 300, &json!({"input_tokens": 7, "output_tokens": 1})),
        call(
            "b",
            50,
            200,
            &json!({"input_tokens": 1, "output_tokens": 1, "cost_usd": 0.5}),
        ),
    ]);
    assert_eq!((figures.runs, figures.calls, figures.width), (2, 3, 1e3));
    let bars: Vec<_> = figures.bars.iter().filter(|bar| bar.calls > 0).collect();
    assert_eq!(bars.len(), 3);
    let sum: u64 = bars
        .iter()
        .filter_map(|bar| bar.consumed.input_tokens)
        .sum();
    assert_eq!((sum, figures.consumed.input_tokens), (13, Some(13)));
    assert_eq!(
        (figures.consumed.cost, figures.consumed.cost_partial),
        (Some(0.75), true)
    );
    assert_eq!(bars[1].unknown, 1);
}

#[test]
fn a_model_has_a_median_and_a_slowest() {
    let events: Vec<Value> = (0..20)
        .map(|i| call("a", i, (i + 1) * 10, &json!({})))
        .collect();
    let figures = figures(&events);
    let time = figures.models[0].time.as_ref().unwrap();
    assert_eq!((time.p50, time.p95, time.max), (100.0, 190.0, 200.0));
    assert!(figures.models[0].first.is_none());
    assert_eq!(figures.models[0].dots.len(), 20);
}

#[test]
fn an_empty_folder_has_no_bars() {
    let figures = figures(&[]);
    assert!(figures.bars.is_empty() && figures.models.is_empty());
    assert_eq!(figures.consumed.cost, None);
}
