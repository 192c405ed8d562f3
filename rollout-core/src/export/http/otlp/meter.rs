//! What is measured of spans, sent now and then and at the end.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use super::client::MetricsClient;
use crate::config::OtlpTarget;
use crate::export::http::client::StartError;
use crate::export::http::dispatch::Dispatch;
use crate::export::otlp::{Folded, Metrics, Resource};

pub(super) struct Meter {
    metrics: Mutex<Metrics>,
    client: MetricsClient,
    resource: Resource,
    dispatch: Dispatch,
}

impl Meter {
    /// Starts to measure, and to send what was measured, for as long as the runtime lives.
    pub(super) async fn start(
        target: &OtlpTarget,
        dispatch: &Dispatch,
    ) -> Result<Arc<Self>, StartError> {
        let meter = Arc::new(Self {
            metrics: Mutex::new(Metrics::new(target.profile, SystemTime::now())),
            client: MetricsClient::new(target).await?,
            resource: target.resource.clone(),
            dispatch: dispatch.clone(),
        });
        let (weak, interval) = (Arc::downgrade(&meter), target.metrics_interval);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(interval).await;
                let Some(meter) = weak.upgrade() else { return };
                meter.send().await;
            }
        });
        Ok(meter)
    }

    pub(super) fn note(&self, span: &Folded) {
        self.lock().note(span);
    }

    /// Sends what was measured so far, once: the next time says it as well.
    pub(super) async fn send(&self) {
        let request = {
            let metrics = self.lock();
            if metrics.is_empty() {
                return;
            }
            metrics.request(&self.resource, SystemTime::now())
        };
        if let Err(trouble) = self.client.send(request).await {
            self.dispatch.reporter.metrics_failed(&trouble);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Metrics> {
        self.metrics.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
