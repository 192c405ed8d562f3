//! Spans in the envelope that they travel in, and whose they are.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::resource::v1;
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};

use super::Attributes;

/// Who sends: attributes of the process, and of what recorded.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Resource {
    attributes: Vec<KeyValue>,
}

impl Resource {
    pub(crate) fn new(mut attributes: Attributes) -> Self {
        attributes.set("telemetry.sdk.name", "rollout");
        attributes.set("telemetry.sdk.language", "rust");
        attributes.set("telemetry.sdk.version", env!("CARGO_PKG_VERSION"));
        Self {
            attributes: attributes.into_list(),
        }
    }

    pub(crate) fn to_proto(&self) -> v1::Resource {
        v1::Resource {
            attributes: self.attributes.clone(),
            ..v1::Resource::default()
        }
    }
}

/// Returns what recorded the spans.
pub(crate) fn scope() -> InstrumentationScope {
    InstrumentationScope {
        name: "rollout".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        ..InstrumentationScope::default()
    }
}

/// Returns the request that carries these spans.
pub(crate) fn request(resource: &Resource, spans: Vec<Span>) -> ExportTraceServiceRequest {
    ExportTraceServiceRequest {
        resource_spans: vec![ResourceSpans {
            resource: Some(resource.to_proto()),
            scope_spans: vec![ScopeSpans {
                scope: Some(scope()),
                spans,
                schema_url: String::new(),
            }],
            schema_url: String::new(),
        }],
    }
}

/// Returns a request as OTLP's JSON.
pub(crate) fn to_json(request: &ExportTraceServiceRequest) -> Vec<u8> {
    // Only maps with keys that are no strings can't be written, and these messages have none.
    serde_json::to_vec(request).unwrap_or_default()
}
