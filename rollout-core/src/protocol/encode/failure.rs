//! What an event says of an error.

use serde_json::json;

use crate::failure::Failure;
use crate::protocol::Event;
use crate::protocol::objects::clip;
use crate::provider::CallError;

/// As long as the beginning of the client's own message may be, in code points.
const LONGEST_MESSAGE: usize = 1000;

pub(super) fn set(event: &mut Event, failure: &Failure) {
    event.error.r#type = Some(failure.kind.clone());
    event.error.signature = Some(failure.signature());
    event.error.message_preview = Some(failure.message.clone());
    if !failure.sources.is_empty() {
        event
            .attributes
            .insert("rollout.error.sources".into(), json!(failure.sources));
    }
    let provider = failure.provider.as_ref();
    let kind = provider.and_then(|error| error.code.as_ref().or(error.kind.as_ref()));
    event
        .attributes
        .insert("error.type".into(), json!(kind.unwrap_or(&failure.kind)));
    if let Some(provider) = provider {
        set_provider(event, provider);
        set_message(event, provider, &failure.message);
    }
}

/// Notes what the provider said, where the client's error does not repeat it: that it could not be
/// read is all that some say.
fn set_message(event: &mut Event, provider: &CallError, told: &str) {
    let Some(message) = &provider.message else {
        return;
    };
    let message = crate::pipeline::redact::text(message);
    if !told.contains(&*message) {
        let mut message = Some(message.into_owned());
        clip(&mut message, LONGEST_MESSAGE);
        event
            .attributes
            .insert("rollout.error.message".into(), json!(message));
    }
}

/// Returns the failure that a provider's error amounts to where nothing else failed.
pub(super) fn of_provider(error: &CallError) -> Failure {
    // Of an error inside of a good answer the status says nothing.
    let of_status = || match error.status {
        Some(status) if status >= 400 => format!("HTTP {status}"),
        _ => "error".to_owned(),
    };
    let named = error.kind.as_ref().or(error.code.as_ref());
    let kind = named.cloned().unwrap_or_else(of_status);
    Failure::default()
        .with_kind(&kind)
        .with_message(error.message.as_deref().unwrap_or_default())
        .with_provider(error.clone())
}

fn set_provider(event: &mut Event, error: &CallError) {
    let attributes = &mut event.attributes;
    if let Some(status) = error.status {
        attributes.insert("http.response.status_code".into(), json!(status));
    }
    for (key, value) in [
        ("rollout.error.kind", &error.kind),
        ("rollout.error.code", &error.code),
        ("rollout.error.param", &error.param),
        ("rollout.request_id", &error.request_id),
    ] {
        if let Some(value) = value {
            attributes.insert(key.into(), json!(value));
        }
    }
    if error.mid_stream {
        attributes.insert("rollout.error.mid_stream".into(), json!(true));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_without_a_name_is_called_by_its_status_if_that_is_bad() {
        for (status, kind) in [
            (Some(503), "HTTP 503"),
            (Some(200), "error"),
            (None, "error"),
        ] {
            let error = CallError {
                status,
                ..CallError::default()
            };
            assert_eq!(of_provider(&error).kind, kind);
        }
    }
}
