use serde_json::Value;

use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;

use super::OtlpProfile;
use super::encode::{self, Attributes, Resource};
use super::fold::{Fold, Folder};
use crate::protocol::Event;

/// Makes OTLP of events that were recorded before, such as those in the local folder.
///
/// ```
/// # use rollout_core as rollout;
/// use serde_json::json;
///
/// let mut translator = rollout::OtlpTranslator::new(rollout::OtlpProfile::Otel);
/// translator.add(json!({
///     "event_id": "evt_1", "event_type": "span.end", "name": "lookup", "status": "ok",
///     "trace_id": "trace_4bf92f35-77b3-4da6-a3ce-929d0e0e4736", "span_id": "span_00f067aa0ba902b7",
///     "occurred_at": "2026-11-23T10:00:01Z", "started_at": "2026-11-23T10:00:00Z",
/// }))?;
/// let json: serde_json::Value = serde_json::from_slice(&translator.finish().to_json())?;
/// let span = &json["resourceSpans"][0]["scopeSpans"][0]["spans"][0];
/// assert_eq!(span["traceId"], "4bf92f3577b34da6a3ce929d0e0e4736");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub struct OtlpTranslator {
    profile: OtlpProfile,
    folder: Folder<()>,
    spans: Vec<Span>,
    resource: Attributes,
}

/// Spans in OTLP, as they would be sent.
pub struct OtlpTraces {
    spans: Vec<Span>,
    resource: Resource,
}

impl OtlpTranslator {
    /// Returns one that writes for the backends of this profile.
    pub fn new(profile: OtlpProfile) -> Self {
        Self {
            profile,
            folder: Folder::default(),
            spans: Vec::new(),
            resource: Attributes::default(),
        }
    }

    /// Takes an event: what the ingest API would be sent, and a line of the local folder is.
    ///
    /// Those of a trace are to come in the order of their numbers.
    ///
    /// # Errors
    ///
    /// Fails if it is no event; what was taken before stays.
    pub fn add(&mut self, event: Value) -> Result<(), serde_json::Error> {
        self.add_event(serde_json::from_value(event)?);
        Ok(())
    }

    pub(crate) fn add_event(&mut self, event: Event) {
        let text = |name: &str| event.attributes.get(name).and_then(Value::as_str);
        for (name, value) in [
            (
                "service.name",
                text("service_name").or(event.agent.name.as_deref()),
            ),
            ("service.version", text("release")),
            (
                "deployment.environment.name",
                event.agent.environment.as_deref(),
            ),
        ] {
            if !self.resource.has(name) {
                self.resource.set(name, value);
            }
        }
        if let Fold::Done(spans) = self.folder.add(event, ()) {
            let spans = spans.into_iter();
            self.spans
                .extend(spans.map(|(span, _)| encode::encode(span, self.profile)));
        }
    }

    /// Returns the spans; those whose end did not come are unfinished.
    pub fn finish(mut self) -> OtlpTraces {
        let open = self.folder.finish().into_iter();
        self.spans
            .extend(open.map(|(span, _)| encode::encode(span, self.profile)));
        if !self.resource.has("service.name") {
            self.resource.set("service.name", "unknown_service:rust");
        }
        OtlpTraces {
            spans: self.spans,
            resource: Resource::new(self.resource),
        }
    }
}

impl OtlpTraces {
    /// Returns the number of spans.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Returns whether there are no spans.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Returns OTLP's JSON: what `POST /v1/traces` takes, and what the collector's file exporter writes.
    pub fn to_json(&self) -> Vec<u8> {
        encode::to_json(&encode::request(&self.resource, self.spans.clone()))
    }

    /// Returns the same as protobuf.
    pub fn to_protobuf(&self) -> Vec<u8> {
        encode::request(&self.resource, self.spans.clone()).encode_to_vec()
    }
}

impl std::fmt::Debug for OtlpTranslator {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OtlpTranslator({})", self.profile)
    }
}

impl std::fmt::Debug for OtlpTraces {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OtlpTraces({} spans)", self.len())
    }
}
