// #[derive(Instrumented)]
// #[instrumented(provider = "openai")]
// #[instrumented(
//     chat:async
//     fn
//     complete(&self, request:&ChatRequest)->Result<ChatResponse,
//     ApiError>
// )]
// #[instrumented(
//     chat:async
//     fn
//     stream(&self, request:&ChatRequest)->Result<impl
//     Stream<Item = Chunk>+use<>,
//     ApiError>
// )]
// #[instrumented(
//     chat(stream):async
//     fn
//     boxed(&self, request:&ChatRequest)->Result<ChunkStream,
//     ApiError>
// )]
// pub struct Gateway {
//     api_key: String,
// }

/// A [`Gateway`] whose calls to a model are recorded.
///
/// Everything that is not recorded is reached through [`inner`](Self::inner).
pub struct InstrumentedGateway {
    inner: Gateway,
    scope: ::rollout::Scope,
}
impl InstrumentedGateway {
    /// Calls `Gateway::complete`, and records the call to the model.
    ///
    /// # Errors
    ///
    /// Returns the errors of `Gateway::complete`, untouched.
    pub async fn complete(
        &self,
        request: &ChatRequest,
    ) -> Result<ChatResponse, ApiError> {
        let mut __rollout_call = ::rollout::__private::instrumented::Prepared::new(
                &self.scope,
                const {
                    &::rollout::__private::instrumented::Operation::new(
                        ::rollout::__private::instrumented::WireFormat::OpenAiChat,
                    )
                },
                &request,
            )
            .open();
        let __rollout_result: Result<ChatResponse, ApiError> = __rollout_call
            .run_async(<Gateway>::complete(&self.inner, request))
            .await;
        ::rollout::__private::instrumented::respond!(__rollout_call, & __rollout_result);
        __rollout_result
    }
    /// Calls `Gateway::stream`, and records the call to the model.
    ///
    /// # Errors
    ///
    /// Returns the errors of `Gateway::stream`, untouched.
    pub async fn stream(
        &self,
        request: &ChatRequest,
    ) -> Result<impl Stream<Item = Chunk> + use<>, ApiError> {
        let mut __rollout_call = ::rollout::__private::instrumented::Prepared::new(
                &self.scope,
                const {
                    &::rollout::__private::instrumented::Operation::new(
                            ::rollout::__private::instrumented::WireFormat::OpenAiChat,
                        )
                        .streaming()
                },
                &request,
            )
            .open();
        let __rollout_result = __rollout_call
            .run_async(<Gateway>::stream(&self.inner, request))
            .await;
        ::rollout::__private::instrumented::stream!(
            __rollout_call, __rollout_result, Result <
            ::rollout::__private::instrumented::RecordedStream < _ >, ApiError >
        )
    }
    /// Calls `Gateway::boxed`, and records the call to the model.
    ///
    /// # Errors
    ///
    /// Returns the errors of `Gateway::boxed`, untouched.
    pub async fn boxed(&self, request: &ChatRequest) -> Result<ChunkStream, ApiError> {
        let mut __rollout_call = ::rollout::__private::instrumented::Prepared::new(
                &self.scope,
                const {
                    &::rollout::__private::instrumented::Operation::new(
                            ::rollout::__private::instrumented::WireFormat::OpenAiChat,
                        )
                        .streaming()
                },
                &request,
            )
            .open();
        let __rollout_result = __rollout_call
            .run_async(<Gateway>::boxed(&self.inner, request))
            .await;
        ::rollout::__private::instrumented::stream!(
            __rollout_call, __rollout_result, Result < ChunkStream, ApiError >
        )
    }
    /// Returns the client that was wrapped, for everything that is not recorded.
    pub fn inner(&self) -> &Gateway {
        &self.inner
    }
    /// Gives back the client that was wrapped.
    pub fn into_inner(self) -> Gateway {
        self.inner
    }
}
#[automatically_derived]
impl ::rollout::Instrumented for Gateway {
    type Wrapped = InstrumentedGateway;
    fn instrument(self, scope: ::rollout::Scope) -> Self::Wrapped {
        InstrumentedGateway {
            inner: self,
            scope,
        }
    }
}
#[automatically_derived]
impl ::rollout::Instrumented for InstrumentedGateway {
    type Wrapped = Self;
    fn instrument(self, _scope: ::rollout::Scope) -> Self {
        self
    }
}
#[automatically_derived]
impl ::core::clone::Clone for InstrumentedGateway
where
    for<'__rollout> Gateway: ::core::clone::Clone,
{
    fn clone(&self) -> Self {
        Self {
            inner: ::core::clone::Clone::clone(&self.inner),
            scope: ::core::clone::Clone::clone(&self.scope),
        }
    }
}
#[automatically_derived]
impl ::core::fmt::Debug for InstrumentedGateway {
    /// Shows nothing of the client, which may hold keys.
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.debug_struct("InstrumentedGateway").finish_non_exhaustive()
    }
}
/// [`InstrumentedGateway`] for code that is not asynchronous: its methods wait until they are done.
pub struct BlockingInstrumentedGateway {
    inner: InstrumentedGateway,
    background: ::rollout::__private::instrumented::Background,
}
impl InstrumentedGateway {
    /// Returns a client whose methods wait until they are done.
    ///
    /// # Errors
    ///
    /// Fails if the thread that it needs can't be started.
    pub fn blocking(
        &self,
    ) -> ::core::result::Result<
        BlockingInstrumentedGateway,
        ::rollout::__private::instrumented::StartError,
    >
    where
        for<'__rollout> Gateway: ::core::clone::Clone,
    {
        ::core::clone::Clone::clone(self).into_blocking()
    }
    /// Turns this client into one whose methods wait until they are done.
    ///
    /// # Errors
    ///
    /// Fails if the thread that it needs can't be started.
    pub fn into_blocking(
        self,
    ) -> ::core::result::Result<
        BlockingInstrumentedGateway,
        ::rollout::__private::instrumented::StartError,
    > {
        ::rollout::__private::instrumented::Background::start()
            .map(|background| BlockingInstrumentedGateway {
                inner: self,
                background,
            })
    }
}
impl BlockingInstrumentedGateway {
    /// Calls `Gateway::complete`, waits until it is done, and records the call to the model.
    ///
    /// # Errors
    ///
    /// Returns the errors of `Gateway::complete`, untouched.
    pub fn complete(&self, request: &ChatRequest) -> Result<ChatResponse, ApiError> {
        self.background.wait(self.inner.complete(request))
    }
    /// Calls `Gateway::stream`, waits until it is done, and records the call to the model.
    ///
    /// # Errors
    ///
    /// Returns the errors of `Gateway::stream`, untouched.
    pub fn stream(
        &self,
        request: &ChatRequest,
    ) -> Result<impl ::core::iter::Iterator<Item = Chunk> + use<>, ApiError> {
        self.background
            .wait(self.inner.stream(request))
            .map(|stream| self.background.iterate(stream))
    }
    /// Calls `Gateway::boxed`, waits until it is done, and records the call to the model.
    ///
    /// # Errors
    ///
    /// Returns the errors of `Gateway::boxed`, untouched.
    pub fn boxed(
        &self,
        request: &ChatRequest,
    ) -> <Result<
        ChunkStream,
        ApiError,
    > as ::rollout::__private::instrumented::Waited>::Output {
        ::rollout::__private::instrumented::Waited::waited(
            self.background.wait(self.inner.boxed(request)),
            &self.background,
        )
    }
    /// Returns the client that was wrapped, for everything that is not recorded.
    pub fn inner(&self) -> &Gateway {
        self.inner.inner()
    }
    /// Gives back the client that was wrapped.
    pub fn into_inner(self) -> Gateway {
        self.inner.into_inner()
    }
}
#[automatically_derived]
impl ::rollout::Instrumented for BlockingInstrumentedGateway {
    type Wrapped = Self;
    fn instrument(self, _scope: ::rollout::Scope) -> Self {
        self
    }
}
#[automatically_derived]
impl ::core::clone::Clone for BlockingInstrumentedGateway
where
    for<'__rollout> Gateway: ::core::clone::Clone,
{
    fn clone(&self) -> Self {
        Self {
            inner: ::core::clone::Clone::clone(&self.inner),
            background: ::core::clone::Clone::clone(&self.background),
        }
    }
}
#[automatically_derived]
impl ::core::fmt::Debug for BlockingInstrumentedGateway {
    /// Shows nothing of the client, which may hold keys.
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.debug_struct("BlockingInstrumentedGateway").finish_non_exhaustive()
    }
}
