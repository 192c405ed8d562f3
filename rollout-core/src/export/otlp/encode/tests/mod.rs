//! Recordings, and what they are in OTLP by each profile.

mod agents;
mod fixtures;
mod golden;
mod names;
mod schemas;
mod spans;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use serde_json::Value;

use crate::clock::Timestamp;
use crate::export::otlp::fold::{Fold, Folded, Folder};
use crate::export::otlp::{OtlpProfile, OtlpTranslator};
use crate::protocol::{Event, EventType};

pub(super) use fixtures::FIXTURES;

/// Returns a call to a model of which nothing is known.
pub(crate) fn model_call() -> Folded {
    let mut event = Event::new(EventType::SpanEnd, Timestamp::from_unix_nanos(1));
    event.trace_id = Some("trace".into());
    event.span_id = Some("span".into());
    event.span_type = Some("llm".into());
    let mut folder = Folder::default();
    let Fold::Done(mut spans) = folder.add(event, ()) else {
        panic!("the end of a span is a span")
    };
    spans.remove(0).0
}

/// Returns what is sent of these events.
pub(super) fn translate(events: &[Event], profile: OtlpProfile) -> Value {
    let mut translator = OtlpTranslator::new(profile);
    for event in events {
        translator.add_event(event.clone());
    }
    serde_json::from_slice(&translator.finish().to_json()).unwrap()
}

/// Returns the spans that are sent of these events.
pub(super) fn spans(events: &[Event], profile: OtlpProfile) -> Vec<Span> {
    let request: ExportTraceServiceRequest =
        serde_json::from_value(translate(events, profile)).unwrap();
    let resource = request.resource_spans.into_iter().next().unwrap();
    resource.scope_spans.into_iter().next().unwrap().spans
}

/// Returns an attribute as JSON: numbers and texts as they are, lists as lists.
pub(super) fn attribute(span: &Span, name: &str) -> Option<Value> {
    use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
    fn json(value: &Any) -> Value {
        match value {
            Any::StringValue(text) => text.as_str().into(),
            Any::BoolValue(value) => (*value).into(),
            Any::IntValue(value) => (*value).into(),
            Any::DoubleValue(value) => (*value).into(),
            Any::ArrayValue(list) => {
                let items = list.values.iter().filter_map(|item| item.value.as_ref());
                items.map(json).collect()
            }
            other => panic!("{other:?}"),
        }
    }
    let pair = span.attributes.iter().find(|pair| pair.key == name)?;
    Some(json(pair.value.as_ref()?.value.as_ref()?))
}
