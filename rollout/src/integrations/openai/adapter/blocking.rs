//! The same for code that is not asynchronous: what [`Client::blocking`](super::Client::blocking)
//! returns.

use std::fmt;

#[cfg(doc)]
use rollout_core::blocking::StandstillError;
use rollout_core::blocking::{Background, Iter, StartError};
use rollout_core::{Instrumented, Scope};

use super::record;
use super::upstream::{
    self, RequestOptions,
    config::{Config, OpenAIConfig},
    error::OpenAIError,
    traits::RequestOptionsBuilder,
    types::chat::{
        ChatCompletionResponseStream, CreateChatCompletionRequest, CreateChatCompletionResponse,
    },
    types::responses::{CreateResponse, Response, ResponseStream},
};
use crate::integrations::BuiltIn;
use crate::integrations::openai::OpenAiClient;

/// A client whose methods wait until they are done, and whose calls to a model are recorded.
///
/// Inside of an asynchronous runtime it blocks its thread, as every blocking call does. Where it could
/// wait for ever, as the runtime drives a connection of this very client, it returns an error that
/// says so: see [`StandstillError`].
///
/// ```no_run
/// use async_openai_0_43 as async_openai;
/// use async_openai::types::responses::CreateResponseArgs;
///
/// fn main() -> Result<(), Box<dyn std::error::Error>> {
///     let openai = rollout::wrap(async_openai::Client::new()).blocking()?;
///     let request = CreateResponseArgs::default().model("gpt-4.1-mini").input("Hello!").build()?;
///     for event in openai.responses().create_stream(request)? {
///         println!("{:?}", event?);
///     }
///     Ok(())
/// }
/// ```
#[derive(Clone)]
pub struct Client<C: Config = OpenAIConfig> {
    inner: super::Client<C>,
    background: Background,
}

impl<C: Config> Client<C> {
    pub(super) fn new(inner: super::Client<C>) -> Result<Self, StartError> {
        let background = Background::start()?;
        Ok(Self { inner, background })
    }

    /// Returns the chat completions, recorded.
    pub fn chat(&self) -> Chat<'_, C> {
        Chat {
            inner: self.inner.chat(),
            background: &self.background,
        }
    }

    /// Returns the responses, recorded.
    pub fn responses(&self) -> Responses<'_, C> {
        Responses {
            inner: self.inner.responses(),
            background: &self.background,
        }
    }

    /// Returns the configuration of the client.
    pub fn config(&self) -> &C {
        self.inner.config()
    }

    /// Waits for a future, such as a call of [`inner`](Self::inner) that is not recorded.
    ///
    /// ```no_run
    /// # use async_openai_0_43::Client;
    /// # fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let openai = rollout::wrap(Client::new()).blocking()?;
    /// let stored = openai.wait(async { openai.inner().chat().list().await })?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn wait<F: Future>(&self, future: F) -> F::Output {
        self.background.wait(future)
    }

    /// Returns the client that was wrapped, for everything that is not recorded.
    pub fn inner(&self) -> &upstream::Client<C> {
        self.inner.inner()
    }

    /// Gives back the client that was wrapped.
    pub fn into_inner(self) -> upstream::Client<C> {
        self.inner.into_inner()
    }
}

impl<C: Config> fmt::Debug for Client<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("rollout::openai::blocking::Client")
            .finish_non_exhaustive()
    }
}

#[diagnostic::do_not_recommend]
impl<C: Config> Instrumented<BuiltIn> for Client<C> {
    type Wrapped = Self;

    fn instrument(self, _scope: Scope) -> Self {
        self
    }
}

impl<C: Config> OpenAiClient for Client<C> {}

/// Defines a group whose methods wait for those of the group with the same name.
macro_rules! group {
    ($(#[$doc:meta])* $group:ident, $name:literal, $request:ty => $response:ty, $stream:ty) => {
        $(#[$doc])*
        ///
        /// `header`, `query` and `path` of async-openai's `RequestOptionsBuilder` are there as they are.
        pub struct $group<'c, C: Config> {
            inner: super::$group<'c, C>,
            background: &'c Background,
        }

        impl<C: Config> $group<'_, C> {
            /// Waits for the answer, and records the call.
            ///
            /// # Errors
            ///
            /// Returns async-openai's errors, untouched; and `InvalidArgument` where the call could
            /// wait for ever: see [`StandstillError`].
            pub fn create(&self, request: $request) -> Result<$response, OpenAIError> {
                record::may_wait(self.inner.scope)?;
                self.background.wait(self.inner.create(request))
            }

            /// Waits for the answer to begin, and records the call until the stream ends or is
            /// dropped. The iterator waits for each item.
            ///
            /// # Errors
            ///
            /// Returns async-openai's errors, untouched; and `InvalidArgument` where the call could
            /// wait for ever: see [`StandstillError`].
            pub fn create_stream(&self, request: $request) -> Result<Iter<$stream>, OpenAIError> {
                record::may_wait(self.inner.scope)?;
                let stream = self.background.wait(self.inner.create_stream(request))?;
                Ok(self.background.iterate(stream))
            }
        }

        impl<C: Config> RequestOptionsBuilder for $group<'_, C> {
            fn options_mut(&mut self) -> &mut RequestOptions {
                self.inner.options_mut()
            }

            fn options(&self) -> &RequestOptions {
                self.inner.options()
            }
        }

        impl<C: Config> fmt::Debug for $group<'_, C> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct($name).finish_non_exhaustive()
            }
        }
    };
}

group!(
    /// Chat completions whose calls to a model are recorded.
    Chat,
    "rollout::openai::blocking::Chat",
    CreateChatCompletionRequest => CreateChatCompletionResponse,
    ChatCompletionResponseStream
);
group!(
    /// Responses whose calls to a model are recorded.
    Responses,
    "rollout::openai::blocking::Responses",
    CreateResponse => Response,
    ResponseStream
);
