// #[derive(Instrumented)]
// #[instrumented(provider = "openai", label = "gateway")]
// #[instrumented(
//     chat:fn
//     complete(&self, request:&ChatRequest)->Result<ChatResponse,
//     ApiError>
// )]
// #[instrumented(
//     chat(stream, name = "ask"):fn
//     stream(&self, request:&ChatRequest)->Result<Chunks,
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
    pub fn complete(&self, request: &ChatRequest) -> Result<ChatResponse, ApiError> {
        let mut __rollout_call = ::rollout::__private::instrumented::Prepared::new(
                &self.scope,
                const {
                    &::rollout::__private::instrumented::Operation::new(
                            ::rollout::__private::instrumented::WireFormat::OpenAiChat,
                        )
                        .provider("gateway")
                },
                &request,
            )
            .open();
        let __rollout_result: Result<ChatResponse, ApiError> = __rollout_call
            .run(|| <Gateway>::complete(&self.inner, request));
        ::rollout::__private::instrumented::respond!(__rollout_call, & __rollout_result);
        __rollout_result
    }
    /// Calls `Gateway::stream`, and records the call to the model.
    ///
    /// # Errors
    ///
    /// Returns the errors of `Gateway::stream`, untouched.
    pub fn stream(&self, request: &ChatRequest) -> Result<Chunks, ApiError> {
        let mut __rollout_call = ::rollout::__private::instrumented::Prepared::new(
                &self.scope,
                const {
                    &::rollout::__private::instrumented::Operation::new(
                            ::rollout::__private::instrumented::WireFormat::OpenAiChat,
                        )
                        .name("ask")
                        .provider("gateway")
                        .streaming()
                },
                &request,
            )
            .open();
        let __rollout_result = __rollout_call
            .run(|| <Gateway>::stream(&self.inner, request));
        ::rollout::__private::instrumented::stream!(
            __rollout_call, __rollout_result, Result < Chunks, ApiError >
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
