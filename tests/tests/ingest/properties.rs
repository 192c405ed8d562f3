//! Whatever a program puts into an event of its own, what is sent is what a strict server takes.

use proptest::prelude::*;
use rollout::protocol::{Event, EventType};
use serde_json::{Map, Value, json};

use super::Program;

/// Any text: empty, odd, and longer than any field may be.
fn text() -> impl Strategy<Value = Option<String>> {
    prop::option::of(prop_oneof![
        any::<String>(),
        Just(String::new()),
        "[ \t\n\u{0}\u{feff}]{1,3}",
        "(é|🕴|\\PC){0,2000}",
    ])
}

fn number() -> impl Strategy<Value = Option<f64>> {
    prop::option::of(any::<f64>())
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 30, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6).prop_map(|map| json!(map)),
        ]
    })
}

fn map() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::vec((any::<String>(), json_value()), 0..5)
        .prop_map(|members| members.into_iter().collect())
}

fn event() -> impl Strategy<Value = Event> {
    // Those that belong to nothing that has to begin or end.
    let kind = prop::sample::select(vec![
        EventType::EvalResult,
        EventType::Error,
        EventType::Metric,
        EventType::Retrieval,
    ]);
    let texts = prop::collection::vec(text(), 20);
    let numbers = prop::collection::vec(number(), 5);
    let counts = prop::collection::vec(prop::option::of(any::<u64>()), 5);
    let values = prop::collection::vec(prop::option::of(json_value()), 3);
    (kind, texts, numbers, counts, values, map(), map()).prop_map(
        |(kind, texts, numbers, counts, values, attributes, traits)| {
            let mut event = Event::now(kind);
            let mut texts = texts.into_iter();
            for field in [
                &mut event.span_type,
                &mut event.name,
                &mut event.agent.id,
                &mut event.agent.name,
                &mut event.agent.version,
                &mut event.agent.environment,
                &mut event.model.provider,
                &mut event.model.model,
                &mut event.tool.name,
                &mut event.tool.args_shape_hash,
                &mut event.outcome.business_outcome,
                &mut event.outcome.failure_reason,
                &mut event.error.r#type,
                &mut event.error.signature,
                &mut event.error.message_preview,
                &mut event.context.user_id,
                &mut event.context.session_id,
                &mut event.integration.framework,
                &mut event.links.run_id,
                &mut event.links.dataset_id,
            ] {
                *field = texts.next().flatten();
            }
            let mut numbers = numbers.into_iter();
            for field in [
                &mut event.duration_ms,
                &mut event.model.temperature,
                &mut event.usage.cost_usd,
                &mut event.usage.context_utilization,
                &mut event.outcome.eval_score,
            ] {
                *field = numbers.next().flatten();
            }
            let mut counts = counts.into_iter();
            for field in [
                &mut event.usage.input_tokens,
                &mut event.usage.output_tokens,
                &mut event.usage.cached_tokens,
                &mut event.usage.context_window_tokens,
                &mut event.tool.retry_count,
            ] {
                *field = counts.next().flatten();
            }
            let mut values = values.into_iter();
            for field in [
                &mut event.raw.input,
                &mut event.raw.output,
                &mut event.raw.data,
            ] {
                *field = values.next().flatten().map(Into::into);
            }
            event.attributes = attributes;
            event.context.user_traits = Some(traits);
            event
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn any_event_of_ones_own_is_one_that_a_strict_server_takes(
        events in prop::collection::vec(event(), 1..8),
    ) {
        let program = Program::start();
        let count = events.len();
        program.run(|| {
            let trace = rollout::trace("own").start();
            trace.in_scope(|| events.into_iter().for_each(rollout::capture_event));
            trace.end();
        });
        // Checks each against the schema, and that none is missing.
        prop_assert_eq!(program.finish().len(), count + 2);
    }
}
