//! The same for code that is not asynchronous: what [`Client::blocking`](super::Client::blocking)
//! returns.

mod stream;

use std::fmt;

#[cfg(doc)]
use rollout_core::blocking::StandstillError;
use rollout_core::blocking::{Background, StartError};
use rollout_core::{Instrumented, Scope};

use super::record;
use super::upstream::{
    self, Error,
    messages::{CountTokensRequest, CountTokensResponse, CreateMessageRequest, Message},
};
pub use stream::EventStream;

use crate::integrations::BuiltIn;
use crate::integrations::anthropic::AnthropicClient;

/// A client whose methods wait until they are done, and whose calls to a model are recorded.
///
/// Inside of an asynchronous runtime it blocks its thread, as every blocking call does. Where it could
/// wait for ever, as the runtime drives a connection of this very client, it returns an error that
/// says so: see [`StandstillError`].
///
/// ```no_run
/// # use claude_api_0_6 as claude_api;
/// # use claude_api::{Client, messages::CreateMessageRequest};
/// # fn example(client: Client, request: CreateMessageRequest) -> Result<(), Box<dyn std::error::Error>> {
/// let claude = rollout::wrap(client).blocking()?;
/// let message = claude.messages().create(request)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    inner: super::Client,
    background: Background,
}

impl Client {
    pub(super) fn new(inner: super::Client) -> Result<Self, StartError> {
        let background = Background::start()?;
        Ok(Self { inner, background })
    }

    /// Returns the messages, recorded.
    pub fn messages(&self) -> Messages<'_> {
        Messages {
            inner: self.inner.messages(),
            background: &self.background,
        }
    }

    /// Waits for a future, such as a call of [`inner`](Self::inner) that is not recorded.
    pub fn wait<F: Future>(&self, future: F) -> F::Output {
        self.background.wait(future)
    }

    /// Returns the client that was wrapped, for everything that is not recorded.
    pub fn inner(&self) -> &upstream::Client {
        self.inner.inner()
    }

    /// Gives back the client that was wrapped.
    pub fn into_inner(self) -> upstream::Client {
        self.inner.into_inner()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("rollout::anthropic::blocking::Client")
            .finish_non_exhaustive()
    }
}

#[diagnostic::do_not_recommend]
impl Instrumented<BuiltIn> for Client {
    type Wrapped = Self;

    fn instrument(self, _scope: Scope) -> Self {
        self
    }
}

impl AnthropicClient for Client {}

/// Messages whose calls to a model are recorded.
pub struct Messages<'c> {
    inner: super::Messages<'c>,
    background: &'c Background,
}

impl Messages<'_> {
    /// Creates a message, and records the call.
    ///
    /// # Errors
    ///
    /// Returns claude-api's errors, untouched; and one of the kind `Deadlock` where the call could
    /// wait for ever: see [`StandstillError`].
    pub fn create(&self, request: CreateMessageRequest) -> Result<Message, Error> {
        record::may_wait(self.inner.scope)?;
        self.background.wait(self.inner.create(request))
    }

    /// Creates a message with beta headers, and records the call.
    ///
    /// # Errors
    ///
    /// Returns claude-api's errors, untouched; and one of the kind `Deadlock` where the call could
    /// wait for ever: see [`StandstillError`].
    pub fn create_with_beta(
        &self,
        request: CreateMessageRequest,
        betas: &[&str],
    ) -> Result<Message, Error> {
        record::may_wait(self.inner.scope)?;
        self.background
            .wait(self.inner.create_with_beta(request, betas))
    }

    /// Creates a message as a stream, and records the call until the stream ends or is dropped.
    ///
    /// # Errors
    ///
    /// Returns claude-api's errors, untouched; and one of the kind `Deadlock` where the call could
    /// wait for ever: see [`StandstillError`].
    pub fn create_stream(&self, request: CreateMessageRequest) -> Result<EventStream, Error> {
        record::may_wait(self.inner.scope)?;
        let stream = self.background.wait(self.inner.create_stream(request))?;
        Ok(EventStream::new(stream, self.background))
    }

    /// Creates a message as a stream, with beta headers, and records the call until the stream ends
    /// or is dropped.
    ///
    /// # Errors
    ///
    /// Returns claude-api's errors, untouched; and one of the kind `Deadlock` where the call could
    /// wait for ever: see [`StandstillError`].
    pub fn create_stream_with_beta(
        &self,
        request: CreateMessageRequest,
        betas: &[&str],
    ) -> Result<EventStream, Error> {
        record::may_wait(self.inner.scope)?;
        let stream = self
            .background
            .wait(self.inner.create_stream_with_beta(request, betas))?;
        Ok(EventStream::new(stream, self.background))
    }

    /// Counts the input tokens of a request. No call to a model, and so not recorded.
    ///
    /// # Errors
    ///
    /// Returns claude-api's errors, untouched; and one of the kind `Deadlock` where the call could
    /// wait for ever: see [`StandstillError`].
    pub fn count_tokens(&self, request: CountTokensRequest) -> Result<CountTokensResponse, Error> {
        record::may_wait(self.inner.scope)?;
        self.background.wait(self.inner.count_tokens(request))
    }

    /// Counts the input tokens of a request, with beta headers. Not recorded.
    ///
    /// # Errors
    ///
    /// Returns claude-api's errors, untouched; and one of the kind `Deadlock` where the call could
    /// wait for ever: see [`StandstillError`].
    pub fn count_tokens_with_beta(
        &self,
        request: CountTokensRequest,
        betas: &[&str],
    ) -> Result<CountTokensResponse, Error> {
        record::may_wait(self.inner.scope)?;
        self.background
            .wait(self.inner.count_tokens_with_beta(request, betas))
    }
}

impl fmt::Debug for Messages<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("rollout::anthropic::blocking::Messages")
            .finish_non_exhaustive()
    }
}
