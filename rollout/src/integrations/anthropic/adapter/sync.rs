//! claude-api's own blocking client, which does not stream.

use std::fmt;
use std::ops::Deref;

use rollout_core::{Instrumented, Scope, register_inspector};

use super::upstream::{
    self, Error,
    messages::{CreateMessageRequest, Message},
};
use super::{error, record};
use crate::integrations::BuiltIn;
use crate::integrations::anthropic::AnthropicClient;

/// A `claude_api::blocking::Client` whose calls to a model are recorded.
///
/// Unlike [`blocking::Client`](super::blocking::Client) it keeps the HTTP client that it was given,
/// and can't be used inside of an asynchronous runtime.
#[derive(Clone)]
pub struct Client {
    inner: upstream::blocking::Client,
    scope: Scope,
}

impl Client {
    /// Returns the messages, recorded.
    pub fn messages(&self) -> Messages<'_> {
        Messages {
            inner: self.inner.messages(),
            scope: &self.scope,
        }
    }

    /// Returns the client that was wrapped, for everything that is not recorded.
    pub fn inner(&self) -> &upstream::blocking::Client {
        &self.inner
    }

    /// Gives back the client that was wrapped.
    pub fn into_inner(self) -> upstream::blocking::Client {
        self.inner
    }
}

impl fmt::Debug for Client {
    /// Shows nothing of the client, which holds a key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("rollout::anthropic::sync::Client")
            .finish_non_exhaustive()
    }
}

#[diagnostic::do_not_recommend]
impl Instrumented<BuiltIn> for upstream::blocking::Client {
    type Wrapped = Client;

    fn instrument(self, scope: Scope) -> Client {
        register_inspector(error::inspect);
        Client { inner: self, scope }
    }
}

#[diagnostic::do_not_recommend]
impl Instrumented<BuiltIn> for Client {
    type Wrapped = Self;

    fn instrument(self, _scope: Scope) -> Self {
        self
    }
}

impl AnthropicClient for upstream::blocking::Client {}
impl AnthropicClient for Client {}

/// Messages whose calls to a model are recorded.
///
/// The other methods of claude-api's `Messages` are there as they are.
pub struct Messages<'c> {
    inner: upstream::blocking::Messages<'c>,
    scope: &'c Scope,
}

impl Messages<'_> {
    /// Creates a message, and records the call.
    ///
    /// # Errors
    ///
    /// Returns claude-api's errors, untouched.
    pub fn create(&self, request: CreateMessageRequest) -> Result<Message, Error> {
        let call = record::start(self.scope, &request);
        let result = call.in_scope(|| self.inner.create(request));
        record::finish(call, &result);
        result
    }

    /// Creates a message with beta headers, and records the call.
    ///
    /// # Errors
    ///
    /// Returns claude-api's errors, untouched.
    pub fn create_with_beta(
        &self,
        request: CreateMessageRequest,
        betas: &[&str],
    ) -> Result<Message, Error> {
        let call = record::start(self.scope, &request);
        let result = call.in_scope(|| self.inner.create_with_beta(request, betas));
        record::finish(call, &result);
        result
    }
}

impl<'c> Deref for Messages<'c> {
    type Target = upstream::blocking::Messages<'c>;

    fn deref(&self) -> &Self::Target {
        &self.inner
    }
}

impl fmt::Debug for Messages<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("rollout::anthropic::sync::Messages")
            .finish_non_exhaustive()
    }
}
