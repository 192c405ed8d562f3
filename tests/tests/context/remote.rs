//! Traces that begin in one process and go on in another.

use proptest::prelude::*;
use rollout::testing::{Recording, record, record_with};
use rollout::{Context, TraceId};
use serde_json::Value;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";

fn parent(flags: &str) -> String {
    format!("00-{TRACE}-{SPAN}-{flags}")
}

/// Runs what a service does with a request that has this header.
fn served(recording: &Recording, traceparent: &str, work: impl FnOnce()) -> Vec<Value> {
    recording.in_scope(|| Context::from_traceparent(traceparent).in_scope(work));
    let events = recording.events().into_iter();
    events
        .map(|event| serde_json::to_value(event).unwrap())
        .collect()
}

#[rollout::agent]
fn warehouse(number: u32) -> u32 {
    rollout::span("retrieval").start().end();
    rollout::feedback("fast", true).record();
    number + 1
}

#[test]
fn an_agent_is_a_span_below_the_one_that_asked() {
    let events = served(&record(), &parent("01"), || {
        assert_eq!(warehouse(41), 42);
        rollout::span("after").start().end();
    });
    let trace = TRACE.parse::<TraceId>().unwrap().to_string();
    let told: Vec<_> = events
        .iter()
        .map(|event| {
            assert_eq!(event["trace_id"], *trace);
            let kind = event["event_type"].as_str().unwrap();
            let parent = event["parent_span_id"].as_str().unwrap_or_default();
            (kind, event["sequence"].as_u64().unwrap(), parent.to_owned())
        })
        .collect();
    let remote = format!("span_{SPAN}");
    let own = events[0]["span_id"].as_str().unwrap().to_owned();
    let (remote, own) = (remote.as_str(), own.as_str());
    let expected = [
        ("span.start", 1, remote),
        ("span.update", 2, remote),
        ("span.start", 3, own),
        ("span.end", 4, own),
        ("feedback", 5, ""),
        ("span.end", 6, remote),
        ("span.start", 7, remote),
        ("span.end", 8, remote),
    ];
    let expected = expected.map(|(kind, number, parent)| (kind, number, parent.to_owned()));
    assert_eq!(told, expected);
    assert_eq!(events[0]["name"], "warehouse");
    assert_eq!(events[0]["span_type"], "agent");
    assert_eq!(events[1]["raw"]["input"]["number"], 41);
    assert_eq!(events[5]["raw"]["output"], 42);
}

#[test]
fn both_halves_are_one_run() {
    let recording = record();
    recording.in_scope(|| {
        let trace = rollout::trace("desk").start();
        let call = trace.tool("ask_warehouse").start();
        let header = call.context().traceparent().unwrap();
        // The other process has nothing active but what the header says.
        std::thread::scope(|threads| {
            let context = recording.context();
            threads.spawn(move || {
                let _client = context.attach();
                Context::from_headers([("Traceparent", header)]).in_scope(|| warehouse(1));
            });
        });
        call.end();
    });
    let run = recording.run();
    assert_eq!(run.name, "desk");
    let asked = run.tool("ask_warehouse");
    let below = asked.span("warehouse");
    assert_eq!(below.output(), 2);
    assert_eq!(below.span("retrieval").label, "retrieval");
}

#[test]
fn what_is_not_kept_there_is_not_kept_here_and_the_other_way_round() {
    let events = served(&record(), &parent("00"), || {
        let handed_on = Context::current().traceparent();
        assert_eq!(handed_on.as_deref(), Some(&*parent("00")));
        warehouse(1);
    });
    assert_eq!(events.len(), 0);
    let keeps_none = record_with(|options| options.sample_rate(0.0));
    assert_ne!(
        served(&keeps_none, &parent("01"), || {
            warehouse(1);
        })
        .len(),
        0
    );
    let recording = record_with(|options| options.sample_rate(0.0));
    recording.in_scope(|| {
        let trace = rollout::trace("t").start();
        let header = trace.context().traceparent().unwrap();
        assert!(header.ends_with("-00"), "{header}");
    });
}

#[test]
fn ids_are_those_that_open_telemetry_knows() {
    let recording = record();
    recording.in_scope(|| {
        let trace = rollout::trace("t").start();
        let span = trace.span("step").start();
        let header = span.context().traceparent().unwrap();
        let (id, step) = (trace.id().unwrap().to_hex(), span.id().unwrap().to_hex());
        assert_eq!(header, format!("00-{id}-{step}-01"));
        let of_trace = trace.context().traceparent().unwrap();
        assert_eq!(
            of_trace,
            format!("00-{id}-{}-01", trace.id().unwrap().root_span().to_hex())
        );
    });
    assert_eq!(Context::default().traceparent(), None);
}

#[test]
fn an_id_of_ones_own_and_a_nested_agent_are_other_traces() {
    let events = served(&record(), &parent("01"), || {
        rollout::trace("own")
            .trace_id(TraceId::random())
            .start()
            .end();
        let outer = rollout::trace("outer").start();
        outer.in_scope(|| warehouse(1));
    });
    let own = events
        .iter()
        .filter(|event| event["event_type"] == "trace.start");
    assert_eq!(own.count(), 2);
}

#[test]
fn headers_are_taken_as_the_crates_for_http_have_them() {
    let mut headers = reqwest::header::HeaderMap::new();
    headers.insert("traceparent", parent("01").parse().unwrap());
    headers.insert("tracestate", "vendor=1".parse().unwrap());
    headers.insert(
        "odd",
        reqwest::header::HeaderValue::from_bytes(&[0xff]).unwrap(),
    );
    let context = Context::from_headers(&headers);
    assert_eq!(
        context.trace_id().map(TraceId::to_hex).as_deref(),
        Some(TRACE)
    );
    let mut passed_on = reqwest::header::HeaderMap::new();
    let recording = record();
    recording.in_scope(|| {
        Context::from_headers(&headers).in_scope(|| {
            let span = rollout::span("call").start();
            span.context().inject(|name, value| {
                passed_on.insert(name, value.parse().unwrap());
            });
        });
    });
    assert_eq!(passed_on["tracestate"], "vendor=1");
    let parent = passed_on["traceparent"].to_str().unwrap();
    assert!(
        parent.starts_with(&format!("00-{TRACE}-")) && !parent.contains(SPAN),
        "{parent}"
    );
}

proptest! {
    #[test]
    fn no_header_whatever_does_harm(text in "\\PC*", bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
        Context::from_traceparent(&text);
        Context::from_headers([("traceparent", &bytes), ("tracestate", &bytes)]);
    }

    #[test]
    fn every_context_that_goes_out_comes_in(trace in 1_u128.., span in 1_u64.., flags in 0_u8..) {
        let header = format!("00-{trace:032x}-{span:016x}-{flags:02x}");
        let context = Context::from_traceparent(&header);
        let kept = flags & 1;
        let expected = format!("00-{trace:032x}-{span:016x}-{kept:02x}");
        prop_assert_eq!(context.traceparent(), Some(expected));
    }
}
