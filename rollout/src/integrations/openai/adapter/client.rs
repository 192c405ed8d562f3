use std::fmt;

use rollout_core::blocking::StartError;
use rollout_core::{Instrumented, Scope, register_inspector};

use super::upstream::{
    self,
    config::{Config, OpenAIConfig},
};
use super::{Chat, Responses, blocking, error};
use crate::integrations::BuiltIn;
use crate::integrations::openai::OpenAiClient;

/// A client of async-openai whose calls to a model are recorded.
///
/// [`chat`](Self::chat) and [`responses`](Self::responses) have the methods of async-openai's, with
/// the same arguments, results, streams and errors. Everything else is reached through
/// [`inner`](Self::inner); there is no `Deref` to the client, as a function that takes `&Client` would
/// quietly accept this one and record nothing.
///
/// ```no_run
/// use async_openai_0_43 as async_openai;
/// use async_openai::types::chat::{
///     ChatCompletionRequestUserMessage, CreateChatCompletionRequestArgs,
/// };
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let openai = rollout::wrap(async_openai::Client::new());
/// let request = CreateChatCompletionRequestArgs::default()
///     .model("gpt-4.1-mini")
///     .messages([ChatCompletionRequestUserMessage::from("Hello!").into()])
///     .build()?;
/// let completion = openai.chat().create(request).await?; // recorded, and unchanged
/// let config = openai.inner().config(); // the client itself, which records nothing
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client<C: Config = OpenAIConfig> {
    inner: upstream::Client<C>,
    scope: Scope,
}

impl<C: Config> Client<C> {
    /// Returns the chat completions, recorded.
    pub fn chat(&self) -> Chat<'_, C> {
        Chat::new(&self.inner, &self.scope)
    }

    /// Returns the responses, recorded.
    pub fn responses(&self) -> Responses<'_, C> {
        Responses::new(&self.inner, &self.scope)
    }

    /// Returns a client whose methods wait until they are done, recorded like this one's.
    ///
    /// ```no_run
    /// use async_openai_0_43 as async_openai;
    /// use async_openai::types::responses::CreateResponseArgs;
    ///
    /// # fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let openai = rollout::wrap(async_openai::Client::new()).blocking()?;
    /// let request = CreateResponseArgs::default().model("gpt-4.1-mini").input("Hello!").build()?;
    /// let response = openai.responses().create(request)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the thread that it needs can't be started.
    pub fn blocking(&self) -> Result<blocking::Client<C>, StartError>
    where
        C: Clone,
    {
        self.clone().into_blocking()
    }

    /// Turns this client into one whose methods wait, as [`blocking`](Self::blocking) does; for a
    /// configuration that can't be cloned.
    ///
    /// # Errors
    ///
    /// Fails if the thread that it needs can't be started.
    pub fn into_blocking(self) -> Result<blocking::Client<C>, StartError> {
        blocking::Client::new(self)
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
