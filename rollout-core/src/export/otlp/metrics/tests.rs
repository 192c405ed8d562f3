use serde_json::json;

use super::*;
use crate::clock::Timestamp;
use crate::export::otlp::fold::{Fold, Folder};
use crate::protocol::{Event, EventType};

fn event(kind: EventType, span: u64, at_ms: u64) -> Event {
    let mut event = Event::new(kind, Timestamp::from_unix_nanos(at_ms * 1_000_000));
    event.trace_id = Some(format!("{:032x}", 1));
    event.span_id = Some(format!("{span:016x}"));
    event
}

/// Returns a span of so many milliseconds, whose end says this.
fn span(kind: &str, ms: u64, say: impl FnOnce(&mut Event)) -> Folded {
    let mut folder = Folder::default();
    let mut start = event(EventType::SpanStart, 1, 1_000);
    start.span_type = Some(kind.into());
    folder.add(start, ());
    let mut end = event(EventType::SpanEnd, 1, 1_000 + ms);
    (end.span_type, end.name) = (Some(kind.into()), Some("it".into()));
    end.ended_at = Some(end.occurred_at);
    end.status = Some("ok".into());
    say(&mut end);
    let Fold::Done(mut spans) = folder.add(end, ()) else {
        panic!("not done")
    };
    spans.remove(0).0
}

fn call(end: &mut Event) {
    end.model.provider = Some("openai".into());
    end.model.model = Some("gpt-4.1".into());
    end.usage.input_tokens = Some(20);
    end.usage.output_tokens = Some(5);
    end.attributes
        .insert("gen_ai.response.time_to_first_chunk".into(), json!(0.3));
}

/// Its count, its sum, and the names of its attributes.
type Point = (u64, f64, String);

/// Returns each metric's name, its points' counts and sums, and their attributes.
fn told(profile: OtlpProfile, spans: &[Folded]) -> Vec<(String, Vec<Point>)> {
    let mut metrics = Metrics::new(profile, SystemTime::UNIX_EPOCH);
    assert!(metrics.is_empty());
    for span in spans {
        metrics.note(span);
    }
    let request = metrics.request(&Resource::default(), SystemTime::now());
    let all = &request.resource_metrics[0].scope_metrics[0].metrics;
    let told = all.iter().map(|metric| {
        let Some(metric::Data::Histogram(histogram)) = &metric.data else {
            panic!("{metric:?}")
        };
        let points = histogram.data_points.iter().map(|point| {
            assert_eq!(point.bucket_counts.len(), point.explicit_bounds.len() + 1);
            assert_eq!(point.bucket_counts.iter().sum::<u64>(), point.count);
            let attributes = point.attributes.iter().map(|pair| pair.key.clone());
            let attributes: Vec<_> = attributes.collect();
            (point.count, point.sum.unwrap(), attributes.join(" "))
        });
        (metric.name.clone(), points.collect())
    });
    told.collect()
}

const MODEL: &str = "gen_ai.operation.name gen_ai.provider.name gen_ai.request.model";

#[test]
fn calls_are_measured_by_the_names_of_the_profile() {
    let calls = [span("llm", 500, call), span("llm", 1_500, call)];
    let told_now = told(OtlpProfile::Otel, &calls);
    let names: Vec<_> = told_now.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        [
            "gen_ai.client.inference.duration",
            "gen_ai.client.inference.time_to_first_chunk",
            "gen_ai.client.inference.operation.input_tokens",
            "gen_ai.client.inference.operation.output_tokens",
        ]
    );
    assert_eq!(told_now[0].1, [(2, 2.0, MODEL.to_owned())]);
    assert_eq!(told_now[2].1, [(2, 40.0, MODEL.to_owned())]);

    let before = told(OtlpProfile::Otel141, &calls);
    assert_eq!(before[0].0, "gen_ai.client.operation.duration");
    let (name, points) = &before[2];
    assert_eq!(name, "gen_ai.client.token.usage");
    let sums: Vec<_> = points.iter().map(|(_, sum, _)| *sum).collect();
    assert_eq!(sums, [40.0, 10.0], "of both kinds");
    assert!(points[0].2.ends_with("gen_ai.token.type"));
    assert_eq!(before.len(), 3);
}

#[test]
fn tools_agents_and_failures_are_measured_and_what_has_not_ended_is_not() {
    let failed = span("tool", 10, |end| {
        end.status = Some("error".into());
        end.error.r#type = Some("io::Error".into());
    });
    let mut open = span("tool", 10, |_| ());
    open.finished = false;
    let spans = [
        span("tool", 10, |_| ()),
        failed,
        open,
        span("agent", 700, |_| ()),
    ];
    let told = told(OtlpProfile::Otel, &spans);
    assert_eq!(told.len(), 2);
    assert_eq!(told[0].0, "gen_ai.execute_tool.duration");
    let who: Vec<_> = told[0]
        .1
        .iter()
        .map(|(count, _, who)| (*count, who.as_str()))
        .collect();
    assert_eq!(who.len(), 2);
    assert!(
        who.contains(&(1, "gen_ai.tool.name")) && who.contains(&(1, "error.type gen_ai.tool.name"))
    );
    assert_eq!(
        told[1],
        (
            "gen_ai.invoke_agent.duration".into(),
            vec![(1, 0.7, "gen_ai.agent.name".into())]
        )
    );
}

#[test]
fn there_is_an_end_to_different_points() {
    let mut metrics = Metrics::new(OtlpProfile::Otel, SystemTime::UNIX_EPOCH);
    for number in 0..1_100 {
        metrics.note(&span("tool", 10, |end| {
            end.tool.name = Some(format!("tool {number}"));
        }));
    }
    let request = metrics.request(&Resource::default(), SystemTime::now());
    let text = serde_json::to_value(&request).unwrap();
    let points =
        &text["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][0]["histogram"]["dataPoints"];
    let points = points.as_array().unwrap();
    assert_eq!(points.len(), 1_001);
    let rest = points
        .iter()
        .find(|point| point["attributes"][0]["key"] == "otel.metric.overflow");
    assert_eq!(rest.unwrap()["count"], "100");
}
