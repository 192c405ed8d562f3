//! What all recorded methods do: clone, call, hand over.

use http::HeaderMap;
use rollout_core::{CallOptions, LlmCall, LlmStream, Payload, Scope, StreamTap};
use serde::Serialize;

use super::error;
use super::upstream::error::OpenAIError;
use super::upstream::types::stream::StreamResponse;

/// Starts a call with a clone of its request, which is serialised on the worker: serialising takes
/// ten times as long as cloning.
pub(super) fn start<R>(scope: &Scope, options: CallOptions, request: &R) -> LlmCall
where
    R: Clone + Serialize + Send + 'static,
{
    LlmCall::start(scope, options, || Payload::defer(request.clone()))
}

/// The options of a typed stream: async-openai adds `stream: true` to the request, unless its feature
/// `byot` is on.
pub(super) fn typed_stream(options: CallOptions) -> CallOptions {
    options.streaming(true).sets_stream_flag(!super::BYOT)
}

/// Checks that a blocking call can be waited for.
pub(super) fn may_wait(scope: &Scope) -> Result<(), OpenAIError> {
    scope
        .check_blocking()
        .map_err(|error| OpenAIError::InvalidArgument(error.to_string()))
}

/// Returns the headers for the call's request by which its trace goes on elsewhere, where the program
/// wants that.
pub(super) fn trace_headers(call: &LlmCall) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    call.propagate(|name, value| {
        if let Ok(value) = value.parse() {
            headers.insert(name, value);
        }
    });
    (!headers.is_empty()).then_some(headers)
}

/// Ends a call with its result.
pub(super) fn finish<R>(call: LlmCall, result: &Result<R, OpenAIError>)
where
    R: Clone + Serialize + Send + 'static,
{
    match result {
        Ok(response) => call.respond(|| Payload::defer(response.clone())),
        Err(error) => error::fail(call, error),
    }
}

/// Goes on with a call as the stream that it returned, which is the same type as before.
pub(super) fn stream<T>(
    call: LlmCall,
    result: Result<StreamResponse<T>, OpenAIError>,
) -> Result<StreamResponse<T>, OpenAIError>
where
    T: Clone + Serialize + Send + 'static,
{
    match result {
        Ok(stream) if call.is_recording() => Ok(Box::pin(LlmStream::new(
            stream,
            call.stream(),
            note_clone::<T>,
        ))),
        Ok(stream) => Ok(stream),
        Err(error) => {
            error::fail(call, &error);
            Err(error)
        }
    }
}

fn note_clone<T>(tap: &mut StreamTap<T>, item: &Result<T, OpenAIError>)
where
    T: Clone + Serialize + Send + 'static,
{
    match item {
        Ok(chunk) if tap.wants_items() => tap.push(chunk.clone()),
        Ok(_) => {}
        Err(error) => error::note(tap, error),
    }
}

/// The methods with types of the caller's own, which async-openai has with its feature `byot`.
///
/// Without rollout's feature they are there as well, and can't be called: through `Deref` the
/// unrecorded ones would be reached without a word.
macro_rules! byot {
    ($group:ident) => {
        #[cfg(not(feature = "openai-byot"))]
        impl<C: Config> $group<'_, C> {
            /// Needs the cargo feature `openai-byot` of `rollout`.
            #[doc(hidden)]
            pub fn create_byot<T>(&self, _request: T)
            where
                T: super::record::NeedsFeature,
            {
            }

            /// Needs the cargo feature `openai-byot` of `rollout`.
            #[doc(hidden)]
            pub fn create_stream_byot<T>(&self, _request: T)
            where
                T: super::record::NeedsFeature,
            {
            }
        }
    };
}

pub(super) use byot;

/// Implemented by nothing.
#[cfg(not(feature = "openai-byot"))]
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this call would not be recorded",
    label = "needs the cargo feature `openai-byot` of `rollout`",
    note = "turn the feature on, or reach async-openai's own method through `client.inner()`"
)]
pub trait NeedsFeature {}
