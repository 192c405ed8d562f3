//! What an error of async-openai says.

use std::error::Error;

use bytes::Bytes;
use rollout_core::__private::Probe;
use rollout_core::provider::CallError;
use rollout_core::{Failure, LlmCall, Payload, StreamTap, WireFormat};
use serde::Serialize;

use super::upstream::error::OpenAIError;
use crate::integrations::FailureProvider;

/// Ends a call with an error. A body that async-openai could not read is in the error, and is
/// recorded as what was answered.
pub(in crate::integrations::openai) fn fail(call: LlmCall, error: &OpenAIError) {
    match body(error) {
        Some(body) => call.fail_with_body(|| failure(error), Payload::bytes(body)),
        None => call.fail(|| failure(error)),
    }
}

/// Returns the body that an error quotes, as async-openai could not read it.
pub(in crate::integrations::openai) fn body(error: &OpenAIError) -> Option<Bytes> {
    match error {
        OpenAIError::JSONDeserialize(_, body) => Some(Bytes::copy_from_slice(body.as_bytes())),
        _ => None,
    }
}

/// Notes an error inside a stream. An event that async-openai could not read is in the error, and is
/// recorded like the others.
pub(in crate::integrations::openai) fn note<T: Serialize + Send + 'static>(
    tap: &mut StreamTap<T>,
    error: &OpenAIError,
) {
    if let OpenAIError::JSONDeserialize(_, event) = error {
        tap.push_text(event);
    }
    tap.note_error(|| failure(error));
}

pub(in crate::integrations::openai) fn failure(error: &OpenAIError) -> Failure {
    let failure = match error {
        // Its text repeats the whole body, which has a place of its own.
        OpenAIError::JSONDeserialize(cause, _) => Failure::new(cause)
            .with_message(&format!("failed to deserialize api response: {cause}")),
        error => Failure::new(error),
    };
    let failure = failure.with_kind("OpenAIError");
    match facts(error) {
        Some(provider) => failure.with_provider(provider),
        None => failure,
    }
}

/// Finds async-openai's error in a chain of sources.
pub(in crate::integrations::openai) fn inspect(error: &(dyn Error + 'static)) -> Option<CallError> {
    facts(error.downcast_ref::<OpenAIError>()?)
}

fn facts(error: &OpenAIError) -> Option<CallError> {
    match error {
        // Of a 5xx async-openai makes the whole body the message.
        OpenAIError::ApiError(answer) if answer.status_code.is_server_error() => {
            let (status, body) = (answer.status_code.as_u16(), &answer.api_error.message);
            let format = WireFormat::OpenAiChat;
            format.decode(Some(status), None, body.as_bytes()).1.error
        }
        OpenAIError::ApiError(answer) => {
            let mut facts = CallError::default();
            facts.status = Some(answer.status_code.as_u16());
            facts.kind.clone_from(&answer.api_error.r#type);
            facts.code.clone_from(&answer.api_error.code);
            facts.param.clone_from(&answer.api_error.param);
            facts.message = Some(answer.api_error.message.clone());
            Some(facts)
        }
        OpenAIError::Reqwest(error) => {
            let mut facts = CallError::default();
            facts.status = Some(error.status()?.as_u16());
            Some(facts)
        }
        _ => None,
    }
}

impl FailureProvider for &&&&&&Probe<'_, OpenAIError> {
    fn rollout_failure(&self) -> Failure {
        failure(self.0)
    }
}
