//! The methods with types of the caller's own, recorded: what is sent and answered is JSON, whatever
//! type the caller has for it.

use std::pin::Pin;
use std::task::{self, Poll};

use async_openai_0_43::config::Config;
use async_openai_0_43::error::OpenAIError;
use async_openai_0_43::types::stream::StreamResponse;
use bytes::Bytes;
use futures_core::Stream;
use rollout_core::{CallOptions, LlmCall, LlmStream, Payload, Scope, StreamTap};
use serde::de::{DeserializeOwned, Deserializer, Error as _};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::v0_43::error;
use super::{Chat, Responses};

/// What is recorded of a request at most; it can't be cloned, so it is serialised at once.
const LONGEST: usize = 8 * 1024 * 1024;

/// A value of the caller's type, and the JSON that it was read from.
struct Seen<R> {
    value: R,
    json: Box<RawValue>,
}

impl<'de, R: DeserializeOwned> Deserialize<'de> for Seen<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Box::<RawValue>::deserialize(deserializer)?;
        // serde_json finds the line and the column again in the text of the error.
        let value = serde_json::from_str(json.get()).map_err(D::Error::custom)?;
        Ok(Self { value, json })
    }
}

impl<R> Seen<R> {
    fn payload(json: Box<RawValue>) -> Payload {
        Payload::bytes(Bytes::from(String::from(Box::<str>::from(json))))
    }
}

fn start<T: Serialize>(scope: &Scope, options: CallOptions, request: &T) -> LlmCall {
    LlmCall::start(scope, options, || Payload::serialize(request, LONGEST))
}

fn finish<R>(call: LlmCall, result: Result<Seen<R>, OpenAIError>) -> Result<R, OpenAIError> {
    match result {
        Ok(Seen { value, json }) => {
            call.respond(|| Seen::<R>::payload(json));
            Ok(value)
        }
        Err(error) => {
            error::fail(call, &error);
            Err(error)
        }
    }
}

fn stream<R: Send + 'static>(
    call: LlmCall,
    result: Result<StreamResponse<Seen<R>>, OpenAIError>,
) -> Result<StreamResponse<R>, OpenAIError> {
    match result {
        Ok(stream) => {
            let stream = LlmStream::new(stream, call.stream(), note::<R>);
            Ok(Box::pin(Values(Box::pin(stream))))
        }
        Err(error) => {
            error::fail(call, &error);
            Err(error)
        }
    }
}

fn note<R>(tap: &mut StreamTap<()>, item: &Result<Seen<R>, OpenAIError>) {
    match item {
        Ok(seen) => tap.push_text(seen.json.get()),
        Err(error) => error::note(tap, error),
    }
}

/// The values alone.
struct Values<S>(Pin<Box<S>>);

impl<S, R> Stream for Values<S>
where
    S: Stream<Item = Result<Seen<R>, OpenAIError>>,
{
    type Item = Result<R, OpenAIError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Option<Self::Item>> {
        let next = self.0.as_mut().poll_next(cx);
        next.map(|item| item.map(|item| item.map(|seen| seen.value)))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

/// Defines the methods of a group.
macro_rules! byot {
    ($group:ident) => {
        impl<C: Config> $group<'_, C> {
            /// Sends a request of one's own type, and records the call. What `stream` says in it must
            /// be false, or absent.
            ///
            /// # Errors
            ///
            /// Returns async-openai's errors, untouched.
            pub async fn create_byot<T0, R>(&self, request: T0) -> Result<R, OpenAIError>
            where
                T0: Serialize,
                R: DeserializeOwned,
            {
                let call = start(self.scope, self.call_options(), &request);
                if !call.is_recording() {
                    return self.inner.create_byot(request).await;
                }
                let group = self.propagating(&call);
                let group = group.as_ref().unwrap_or(&self.inner);
                let result = call.instrument(group.create_byot(request)).await;
                finish(call, result)
            }

            /// Sends a request of one's own type whose answer is streamed, and records the call until
            /// the stream ends or is dropped. What `stream` says in it must be true.
            ///
            /// # Errors
            ///
            /// Returns async-openai's errors, untouched.
            pub async fn create_stream_byot<T0, R>(
                &self,
                request: T0,
            ) -> Result<StreamResponse<R>, OpenAIError>
            where
                T0: Serialize,
                R: DeserializeOwned + Send + 'static,
            {
                let options = self.call_options().streaming(true);
                let call = start(self.scope, options, &request);
                if !call.is_recording() {
                    return self.inner.create_stream_byot(request).await;
                }
                let group = self.propagating(&call);
                let group = group.as_ref().unwrap_or(&self.inner);
                let result = call.instrument(group.create_stream_byot(request)).await;
                stream(call, result)
            }
        }
    };
}

byot!(Chat);
byot!(Responses);
