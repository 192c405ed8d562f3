//! OpenTelemetry: traces in OTLP, for every backend that takes it.

mod content;
mod encode;
mod fold;
mod profile;
mod translate;

pub use profile::{OtlpProfile, ParseProfileError};
pub use translate::{OtlpTraces, OtlpTranslator};
