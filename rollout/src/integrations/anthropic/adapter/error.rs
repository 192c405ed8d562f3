//! What an error of claude-api says.

use std::error::Error as StdError;

use rollout_core::__private::Probe;
use rollout_core::Failure;
use rollout_core::provider::CallError;

use super::upstream::Error;
use super::upstream::error::{ApiErrorKind, StreamError};
use crate::integrations::FailureProvider;

pub(super) fn failure(error: &Error) -> Failure {
    let failure = Failure::new(error).with_kind("claude_api::Error");
    match facts(error) {
        Some(provider) => failure.with_provider(provider),
        None => failure,
    }
}

/// Finds claude-api's error in a chain of sources.
pub(super) fn inspect(error: &(dyn StdError + 'static)) -> Option<CallError> {
    facts(error.downcast_ref::<Error>()?)
}

fn facts(error: &Error) -> Option<CallError> {
    let mut facts = CallError::default();
    match error {
        Error::Api {
            status,
            request_id,
            kind,
            message,
            ..
        } => {
            facts.status = Some(status.as_u16());
            facts.kind = name(*kind);
            facts.message = Some(message.clone());
            facts.request_id.clone_from(request_id);
        }
        Error::Stream(StreamError::Server { kind, message }) => {
            facts.kind = name(*kind);
            facts.message = Some(message.clone());
            facts.mid_stream = true;
        }
        Error::Network(error) => facts.status = Some(error.status()?.as_u16()),
        _ => return None,
    }
    Some(facts)
}

/// Returns a kind of error as it is on the wire; `None` for one that claude-api does not know.
fn name(kind: ApiErrorKind) -> Option<String> {
    match serde_json::to_value(kind) {
        Ok(serde_json::Value::String(name)) if kind != ApiErrorKind::Other => Some(name),
        _ => None,
    }
}

impl FailureProvider for &&&&&&Probe<'_, Error> {
    fn rollout_failure(&self) -> Failure {
        failure(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_named_as_on_the_wire() {
        assert_eq!(
            name(ApiErrorKind::OverloadedError).as_deref(),
            Some("overloaded_error")
        );
        assert_eq!(name(ApiErrorKind::Other), None);
    }

    #[test]
    fn an_error_of_the_program_is_none_of_the_provider() {
        let error = Error::InvalidConfig("no key".into());
        let failure = failure(&error);
        assert_eq!(failure.provider, None);
        assert_eq!(failure.kind, "claude_api::Error");
    }

    #[test]
    fn an_error_inside_of_a_stream_is_recognised_below_another() {
        let error = Error::from(StreamError::Server {
            kind: ApiErrorKind::OverloadedError,
            message: "busy".into(),
        });
        let facts = inspect(&error).unwrap();
        assert!(facts.mid_stream);
        assert_eq!(facts.kind.as_deref(), Some("overloaded_error"));
    }
}
