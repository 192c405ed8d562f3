use std::fmt;
use std::ops::Deref;

use rollout_core::{CallOptions, LlmCall, Scope, WireFormat};

use super::record;
use super::upstream::{
    self, RequestOptions,
    config::Config,
    error::OpenAIError,
    traits::RequestOptionsBuilder,
    types::responses::{CreateResponse, Response, ResponseStream},
};

/// Responses whose calls to a model are recorded.
///
/// The other methods of async-openai's `Responses` are there as they are, as are `header`, `query`
/// and `path` of its `RequestOptionsBuilder`.
///
/// ```no_run
/// # use async_openai_0_43 as async_openai;
/// use async_openai::types::responses::CreateResponseArgs;
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let openai = rollout::wrap(async_openai::Client::new());
/// let request = CreateResponseArgs::default().model("gpt-4.1-mini").input("Hello!").build()?;
/// let response = openai.responses().create(request).await?;
/// println!("{}", response.output_text().unwrap_or_default());
/// # Ok(())
/// # }
/// ```
pub struct Responses<'c, C: Config> {
    pub(in crate::integrations::openai) inner: upstream::Responses<'c, C>,
    pub(in crate::integrations::openai) scope: &'c Scope,
    client: &'c upstream::Client<C>,
}

impl<'c, C: Config> Responses<'c, C> {
    pub(super) fn new(client: &'c upstream::Client<C>, scope: &'c Scope) -> Self {
        Self {
            inner: client.responses(),
            scope,
            client,
        }
    }

    /// Returns the group whose request carries the call's trace, where the program wants that.
    pub(in crate::integrations::openai) fn propagating(
        &self,
        call: &LlmCall,
    ) -> Option<upstream::Responses<'c, C>> {
        let headers = record::trace_headers(call)?;
        let mut group = self.client.responses();
        *group.options_mut() = self.inner.options().clone();
        Some(group.headers(headers))
    }

    /// Creates a response, and records the call.
    ///
    /// # Errors
    ///
    /// Returns async-openai's errors, untouched.
    pub async fn create(&self, request: CreateResponse) -> Result<Response, OpenAIError> {
        let call = record::start(self.scope, options(), &request);
        let group = self.propagating(&call);
        let group = group.as_ref().unwrap_or(&self.inner);
        let result = call.instrument(group.create(request)).await;
        record::finish(call, &result);
        result
    }

    /// Creates a response as a stream, and records the call until the stream ends or is dropped.
    ///
    /// ```no_run
    /// use async_openai_0_43 as async_openai;
    /// use async_openai::types::responses::ResponseStreamEvent;
    /// # use async_openai::types::responses::CreateResponse;
    /// use futures::StreamExt as _;
    ///
    /// # async fn example(
    /// #     openai: rollout::openai::Client,
    /// #     request: CreateResponse,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut events = openai.responses().create_stream(request).await?;
    /// while let Some(event) = events.next().await {
    ///     if let ResponseStreamEvent::ResponseOutputTextDelta(piece) = event? {
    ///         print!("{}", piece.delta);
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
        request: CreateResponse,
    ) -> Result<ResponseStream, OpenAIError> {
        let call = record::start(self.scope, record::typed_stream(options()), &request);
        let group = self.propagating(&call);
        let group = group.as_ref().unwrap_or(&self.inner);
        let result = call.instrument(group.create_stream(request)).await;
        record::stream(call, result)
    }
}

#[cfg(feature = "openai-byot")]
impl<C: Config> Responses<'_, C> {
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
    CallOptions::new(WireFormat::OpenAiResponses)
}

record::byot!(Responses);

impl<'c, C: Config> Deref for Responses<'c, C> {
    type Target = upstream::Responses<'c, C>;

    fn deref(&self) -> &Self::Target {
        &self.inner
    }
}

impl<C: Config> RequestOptionsBuilder for Responses<'_, C> {
    fn options_mut(&mut self) -> &mut RequestOptions {
        self.inner.options_mut()
    }

    fn options(&self) -> &RequestOptions {
        self.inner.options()
    }
}

impl<C: Config> fmt::Debug for Responses<'_, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("rollout::openai::Responses")
            .finish_non_exhaustive()
    }
}
