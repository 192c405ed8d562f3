use std::fmt;
use std::ops::Deref;

use rollout_core::{CallOptions, LlmCall, Scope, WireFormat};

use super::record;
use super::upstream::{
    self, RequestOptions,
    config::Config,
    error::OpenAIError,
    traits::RequestOptionsBuilder,
    types::chat::{
        ChatCompletionResponseStream, CreateChatCompletionRequest, CreateChatCompletionResponse,
    },
};

/// Chat completions whose calls to a model are recorded.
///
/// The other methods of async-openai's `Chat` are there as they are, as are `header`, `query` and
/// `path` of its `RequestOptionsBuilder`.
///
/// ```no_run
/// # use async_openai_0_43 as async_openai;
/// use async_openai::types::chat::{CreateChatCompletionRequestArgs, ChatCompletionRequestUserMessage};
/// use futures::StreamExt as _;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let openai = rollout::wrap(async_openai::Client::new());
/// let request = CreateChatCompletionRequestArgs::default()
///     .model("gpt-4.1-mini")
///     .messages([ChatCompletionRequestUserMessage::from("Hello!").into()])
///     .build()?;
/// let mut stream = openai.chat().create_stream(request).await?;
/// while let Some(chunk) = stream.next().await {
///     print!("{}", chunk?.choices[0].delta.content.as_deref().unwrap_or_default());
/// }
/// # Ok(())
/// # }
/// ```
pub struct Chat<'c, C: Config> {
    pub(in crate::integrations::openai) inner: upstream::Chat<'c, C>,
    pub(in crate::integrations::openai) scope: &'c Scope,
    client: &'c upstream::Client<C>,
}

impl<'c, C: Config> Chat<'c, C> {
    pub(super) fn new(client: &'c upstream::Client<C>, scope: &'c Scope) -> Self {
        Self {
            inner: client.chat(),
            scope,
            client,
        }
    }

    /// Returns the group whose request carries the call's trace, where the program wants that.
    pub(in crate::integrations::openai) fn propagating(
        &self,
        call: &LlmCall,
    ) -> Option<upstream::Chat<'c, C>> {
        let headers = record::trace_headers(call)?;
        let mut group = self.client.chat();
        *group.options_mut() = self.inner.options().clone();
        Some(group.headers(headers))
    }

    /// Creates a completion, and records the call.
    ///
    /// # Errors
    ///
    /// Returns async-openai's errors, untouched.
    pub async fn create(
        &self,
        request: CreateChatCompletionRequest,
    ) -> Result<CreateChatCompletionResponse, OpenAIError> {
        let call = record::start(self.scope, options(), &request);
        let group = self.propagating(&call);
        let group = group.as_ref().unwrap_or(&self.inner);
        let result = call.instrument(group.create(request)).await;
        record::finish(call, &result);
        result
    }

    /// Creates a completion as a stream, and records the call until the stream ends or is dropped.
    ///
    /// ```no_run
    /// # use async_openai_0_43::types::chat::CreateChatCompletionRequest;
    /// use futures::StreamExt as _;
    ///
    /// # async fn example(
    /// #     openai: rollout::openai::Client,
    /// #     request: CreateChatCompletionRequest,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut chunks = openai.chat().create_stream(request).await?;
    /// while let Some(chunk) = chunks.next().await {
    ///     for choice in chunk?.choices {
    ///         print!("{}", choice.delta.content.unwrap_or_default());
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns async-openai's errors, untouched.
    pub async fn create_stream(
        &self,
        request: CreateChatCompletionRequest,
    ) -> Result<ChatCompletionResponseStream, OpenAIError> {
        let call = record::start(self.scope, record::typed_stream(options()), &request);
        let group = self.propagating(&call);
        let group = group.as_ref().unwrap_or(&self.inner);
        let result = call.instrument(group.create_stream(request)).await;
        record::stream(call, result)
    }
}

#[cfg(feature = "openai-byot")]
impl<C: Config> Chat<'_, C> {
    #[allow(
        clippy::unused_self,
        dead_code,
        reason = "by the group; of no use where that minor has no such methods"
    )]
    pub(in crate::integrations::openai) fn call_options(&self) -> CallOptions {
        options()
    }
}

fn options() -> CallOptions {
    CallOptions::new(WireFormat::OpenAiChat)
}

record::byot!(Chat);

impl<'c, C: Config> Deref for Chat<'c, C> {
    type Target = upstream::Chat<'c, C>;

    fn deref(&self) -> &Self::Target {
        &self.inner
    }
}

impl<C: Config> RequestOptionsBuilder for Chat<'_, C> {
    fn options_mut(&mut self) -> &mut RequestOptions {
        self.inner.options_mut()
    }

    fn options(&self) -> &RequestOptions {
        self.inner.options()
    }
}

impl<C: Config> fmt::Debug for Chat<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("rollout::openai::Chat")
            .finish_non_exhaustive()
    }
}
