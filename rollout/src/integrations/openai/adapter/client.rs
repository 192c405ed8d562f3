use std::fmt;

use rollout_core::{Instrumented, Scope, register_inspector};

use super::upstream::{
    self,
    config::{Config, OpenAIConfig},
};
use super::{Chat, Responses, error};
use crate::integrations::BuiltIn;
use crate::integrations::openai::OpenAiClient;

/// A client of async-openai whose calls to a model are recorded.
///
/// [`chat`](Self::chat) and [`responses`](Self::responses) have the methods of async-openai's, with
/// the same arguments, results, streams and errors. Everything else is reached through
/// [`inner`](Self::inner); there is no `Deref` to the client, as a function that takes `&Client` would
/// quietly accept this one and record nothing.
#[derive(Clone)]
pub struct Client<C: Config = OpenAIConfig> {
    inner: upstream::Client<C>,
    scope: Scope,
}

impl<C: Config> Client<C> {
    /// Returns the chat completions, recorded.
    pub fn chat(&self) -> Chat<'_, C> {
        Chat::new(self.inner.chat(), &self.scope)
    }

    /// Returns the responses, recorded.
    pub fn responses(&self) -> Responses<'_, C> {
        Responses::new(self.inner.responses(), &self.scope)
    }

    /// Returns the configuration of the client.
    pub fn config(&self) -> &C {
        self.inner.config()
    }

    /// Returns the client that was wrapped, for everything that is not recorded.
    pub fn inner(&self) -> &upstream::Client<C> {
        &self.inner
    }

    /// Gives back the client that was wrapped.
    pub fn into_inner(self) -> upstream::Client<C> {
        self.inner
    }
}

impl<C: Config> fmt::Debug for Client<C> {
    /// Shows nothing of the configuration, whose headers may hold keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("rollout::openai::Client")
            .finish_non_exhaustive()
    }
}

#[diagnostic::do_not_recommend]
impl<C: Config> Instrumented<BuiltIn> for upstream::Client<C> {
    type Wrapped = Client<C>;

    fn instrument(self, scope: Scope) -> Client<C> {
        register_inspector(error::inspect);
        Client { inner: self, scope }
    }
}

#[diagnostic::do_not_recommend]
impl<C: Config> Instrumented<BuiltIn> for Client<C> {
    type Wrapped = Self;

    fn instrument(self, _scope: Scope) -> Self {
        self
    }
}

impl<C: Config> OpenAiClient for upstream::Client<C> {}
impl<C: Config> OpenAiClient for Client<C> {}
