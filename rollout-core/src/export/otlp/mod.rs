//! OpenTelemetry: traces in OTLP, for every backend that takes it.

mod content;
mod encode;
mod fold;
mod metrics;
mod profile;
mod translate;

pub(crate) use encode::{Attributes, Resource, encode, request, to_json};
pub(crate) use fold::{Fold, Folded, Folder};
pub(crate) use metrics::Metrics;
pub use profile::{OtlpProfile, ParseProfileError};
pub use translate::{OtlpTraces, OtlpTranslator};
