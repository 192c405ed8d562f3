use std::fmt;

use rollout_core::blocking::StartError;
use rollout_core::{Instrumented, Scope, register_inspector};

use super::upstream;
use super::{Messages, blocking, error};
use crate::integrations::BuiltIn;
use crate::integrations::anthropic::AnthropicClient;

/// A client of claude-api whose calls to a model are recorded.
///
/// [`messages`](Self::messages) has the methods of claude-api's, with the same arguments, results and
/// errors. Everything else is reached through [`inner`](Self::inner); there is no `Deref` to the
/// client, as a function that takes `&Client` would quietly accept this one and record nothing.
///
/// ```no_run
/// use claude_api_0_6 as claude_api;
/// use claude_api::{Client, messages::CreateMessageRequest, types::ModelId};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let claude = rollout::wrap(Client::new(std::env::var("ANTHROPIC_API_KEY")?));
/// let request = CreateMessageRequest::builder()
///     .model(ModelId::SONNET_4_6)
///     .max_tokens(256)
///     .user("Hello!")
///     .build()?;
/// let stream = claude.messages().create_stream(request).await?;
/// let message = stream.on_text_delta(|text| print!("{text}")).aggregate().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    inner: upstream::Client,
    scope: Scope,
}

impl Client {
    /// Returns the messages, recorded.
    pub fn messages(&self) -> Messages<'_> {
        Messages::new(self.inner.messages(), &self.scope)
    }

    /// Returns a client whose methods wait until they are done, recorded like this one's.
    ///
    /// # Errors
    ///
    /// Fails if the thread that it needs can't be started.
    pub fn blocking(&self) -> Result<blocking::Client, StartError> {
        blocking::Client::new(self.clone())
    }

    /// Returns the client that was wrapped, for everything that is not recorded.
    pub fn inner(&self) -> &upstream::Client {
        &self.inner
    }

    /// Gives back the client that was wrapped.
    pub fn into_inner(self) -> upstream::Client {
        self.inner
    }
}

impl fmt::Debug for Client {
    /// Shows nothing of the client, which holds a key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("rollout::anthropic::Client")
            .finish_non_exhaustive()
    }
}

#[diagnostic::do_not_recommend]
impl Instrumented<BuiltIn> for upstream::Client {
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

impl AnthropicClient for upstream::Client {}
impl AnthropicClient for Client {}
