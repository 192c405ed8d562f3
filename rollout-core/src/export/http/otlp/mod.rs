//! A backend of OpenTelemetry: events are put together to spans, and these go out in OTLP's requests.
//!
//! The way there is that of the ingest API, with the same inbox, lanes and spool. Events of a span that has not
//! ended wait in the folder, and on disk if there is a spool: nobody waits for them, and if the process ends
//! they go out as a span that did not.

mod answer;
mod client;
mod courier;
#[cfg(feature = "otlp-grpc")]
mod grpc;
mod meter;

pub(super) use self::courier::Courier;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use super::client::StartError;
use crate::config::{OtlpTarget, Secret};

/// Returns the headers of a backend, none of which is shown by `Debug`.
///
/// # Errors
///
/// Fails if one of them can't be sent; the message names it.
pub(super) fn headers(target: &OtlpTarget) -> Result<HeaderMap, StartError> {
    let mut headers = HeaderMap::new();
    for (name, value) in &target.headers {
        let parsed = HeaderName::try_from(name.trim()).ok();
        let Some((name, mut value)) = parsed.zip(HeaderValue::try_from(value.expose()).ok()) else {
            return Err(StartError::Client(format!(
                "the header `{name}` has characters that no header can have"
            )));
        };
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    Ok(headers)
}

/// Returns what opens the backend: what is never to be shown, and what tells one tenant from another.
pub(super) fn secrets(target: &OtlpTarget) -> Vec<Secret> {
    let values = target.headers.iter().map(|(_, value)| value.clone());
    values.collect()
}
