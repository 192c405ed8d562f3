//! The same recorded by hand through `tracing` and `tracing-opentelemetry`.

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
use tracing_subscriber::layer::SubscriberExt as _;

/// Throws spans away.
#[derive(Debug)]
struct Discard;

impl SpanExporter for Discard {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        std::hint::black_box(batch);
        Ok(())
    }
}

/// A subscriber that is active while this lives.
pub(crate) struct Peer {
    provider: SdkTracerProvider,
    _active: tracing::subscriber::DefaultGuard,
}

impl Peer {
    pub(crate) fn new() -> Self {
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(Discard)
            .build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("bench"));
        let subscriber = tracing_subscriber::registry().with(layer);
        Self {
            provider,
            _active: tracing::subscriber::set_default(subscriber),
        }
    }

    pub(crate) fn flush(&self) {
        let _ = self.provider.force_flush();
    }
}
