use std::fmt;
use std::ops::Deref;

use rollout_core::Scope;

use super::upstream::{
    self, Error,
    messages::{CreateMessageRequest, Message},
};
use super::{EventStream, record};

/// Messages whose calls to a model are recorded.
///
/// The other methods of claude-api's `Messages` are there as they are.
///
/// ```no_run
/// # use claude_api_0_6 as claude_api;
/// use claude_api::{Client, messages::CreateMessageRequest, types::ModelId};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let claude = rollout::wrap(Client::new(std::env::var("ANTHROPIC_API_KEY")?));
/// let request = CreateMessageRequest::builder()
///     .model(ModelId::SONNET_4_6)
///     .max_tokens(256)
///     .user("Hello!")
///     .build()?;
/// let message = claude.messages().create(request).await?;
/// println!("{:?}", message.usage);
/// # Ok(())
/// # }
/// ```
pub struct Messages<'c> {
    inner: upstream::messages::Messages<'c>,
    pub(super) scope: &'c Scope,
}

impl<'c> Messages<'c> {
    pub(super) fn new(inner: upstream::messages::Messages<'c>, scope: &'c Scope) -> Self {
        Self { inner, scope }
    }

    /// Creates a message, and records the call.
    ///
    /// # Errors
    ///
    /// Returns claude-api's errors, untouched.
    pub async fn create(&self, request: CreateMessageRequest) -> Result<Message, Error> {
        let call = record::start(self.scope, &request);
        let result = call.instrument(self.inner.create(request)).await;
        record::finish(call, &result);
        result
    }

    /// Creates a message with beta headers, and records the call.
    ///
    /// # Errors
    ///
    /// Returns claude-api's errors, untouched.
    pub async fn create_with_beta(
        &self,
        request: CreateMessageRequest,
        betas: &[&str],
    ) -> Result<Message, Error> {
        let call = record::start(self.scope, &request);
        let result = call
            .instrument(self.inner.create_with_beta(request, betas))
            .await;
        record::finish(call, &result);
        result
    }

    /// Creates a message as a stream, and records the call until the stream ends or is dropped.
    ///
    /// # Errors
    ///
    /// Returns claude-api's errors, untouched.
    pub async fn create_stream(&self, request: CreateMessageRequest) -> Result<EventStream, Error> {
        let call = record::start_stream(self.scope, &request);
        let result = call.instrument(self.inner.create_stream(request)).await;
        record::stream(call, result)
    }

    /// Creates a message as a stream, with beta headers, and records the call until the stream ends
    /// or is dropped.
    ///
    /// # Errors
    ///
    /// Returns claude-api's errors, untouched.
    pub async fn create_stream_with_beta(
        &self,
        request: CreateMessageRequest,
        betas: &[&str],
    ) -> Result<EventStream, Error> {
        let call = record::start_stream(self.scope, &request);
        let result = call
            .instrument(self.inner.create_stream_with_beta(request, betas))
            .await;
        record::stream(call, result)
    }
}

impl<'c> Deref for Messages<'c> {
    type Target = upstream::messages::Messages<'c>;

    fn deref(&self) -> &Self::Target {
        &self.inner
    }
}

impl fmt::Debug for Messages<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("rollout::anthropic::Messages")
            .finish_non_exhaustive()
    }
}
