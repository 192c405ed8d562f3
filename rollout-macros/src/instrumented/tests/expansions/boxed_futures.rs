// #[derive(Instrumented)]
// #[instrumented(provider = "openai")]
// #[instrumented(
//     responses:fn
//     respond<'a>(&'a self, request:&'a Value)->BoxFuture<'a,
//     Result<Value,
//     Self>>
// )]
// struct Client;

/// A [`Client`] whose calls to a model are recorded.
///
/// Everything that is not recorded is reached through [`inner`](Self::inner).
struct InstrumentedClient {
    inner: Client,
    scope: ::rollout::Scope,
}
impl InstrumentedClient {
    /// Calls `Client::respond`, and records the call to the model.
    ///
    /// # Errors
    ///
    /// Returns the errors of `Client::respond`, untouched.
    fn respond<'a>(
        &'a self,
        request: &'a Value,
    ) -> BoxFuture<'a, Result<Value, Client>> {
        let __rollout_prepared = ::rollout::__private::instrumented::Prepared::new(
            &self.scope,
            const {
                &::rollout::__private::instrumented::Operation::new(
                    ::rollout::__private::instrumented::WireFormat::OpenAiResponses,
                )
            },
            &request,
        );
        let __rollout_future = <Client>::respond(&self.inner, request);
        ::std::boxed::Box::pin(async move {
            let mut __rollout_call = __rollout_prepared.open();
            let __rollout_result: Result<Value, Client> = __rollout_call
                .run_async(__rollout_future)
                .await;
            ::rollout::__private::instrumented::respond!(
                __rollout_call, & __rollout_result
            );
            __rollout_result
        })
    }
    /// Returns the client that was wrapped, for everything that is not recorded.
    fn inner(&self) -> &Client {
        &self.inner
    }
    /// Gives back the client that was wrapped.
    fn into_inner(self) -> Client {
        self.inner
    }
}
#[automatically_derived]
impl ::rollout::Instrumented for Client {
    type Wrapped = InstrumentedClient;
    fn instrument(self, scope: ::rollout::Scope) -> Self::Wrapped {
        InstrumentedClient {
            inner: self,
            scope,
        }
    }
}
#[automatically_derived]
impl ::rollout::Instrumented for InstrumentedClient {
    type Wrapped = Self;
    fn instrument(self, _scope: ::rollout::Scope) -> Self {
        self
    }
}
#[automatically_derived]
impl ::core::clone::Clone for InstrumentedClient
where
    for<'__rollout> Client: ::core::clone::Clone,
{
    fn clone(&self) -> Self {
        Self {
            inner: ::core::clone::Clone::clone(&self.inner),
            scope: ::core::clone::Clone::clone(&self.scope),
        }
    }
}
#[automatically_derived]
impl ::core::fmt::Debug for InstrumentedClient {
    /// Shows nothing of the client, which may hold keys.
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.debug_struct("InstrumentedClient").finish_non_exhaustive()
    }
}
/// [`InstrumentedClient`] for code that is not asynchronous: its methods wait until they are done.
struct BlockingInstrumentedClient {
    inner: InstrumentedClient,
    background: ::rollout::__private::instrumented::Background,
}
impl InstrumentedClient {
    /// Returns a client whose methods wait until they are done.
    ///
    /// # Errors
    ///
    /// Fails if the thread that it needs can't be started.
    fn blocking(
        &self,
    ) -> ::core::result::Result<
        BlockingInstrumentedClient,
        ::rollout::__private::instrumented::StartError,
    >
    where
        for<'__rollout> Client: ::core::clone::Clone,
    {
        ::core::clone::Clone::clone(self).into_blocking()
    }
    /// Turns this client into one whose methods wait until they are done.
    ///
    /// # Errors
    ///
    /// Fails if the thread that it needs can't be started.
    fn into_blocking(
        self,
    ) -> ::core::result::Result<
        BlockingInstrumentedClient,
        ::rollout::__private::instrumented::StartError,
    > {
        ::rollout::__private::instrumented::Background::start()
            .map(|background| BlockingInstrumentedClient {
                inner: self,
                background,
            })
    }
}
impl BlockingInstrumentedClient {
    /// Calls `Client::respond`, waits until it is done, and records the call to the model.
    ///
    /// # Errors
    ///
    /// Returns the errors of `Client::respond`, untouched.
    fn respond<'a>(&'a self, request: &'a Value) -> Result<Value, Client> {
        self.background.wait(self.inner.respond(request))
    }
    /// Returns the client that was wrapped, for everything that is not recorded.
    fn inner(&self) -> &Client {
        self.inner.inner()
    }
    /// Gives back the client that was wrapped.
    fn into_inner(self) -> Client {
        self.inner.into_inner()
    }
}
#[automatically_derived]
impl ::rollout::Instrumented for BlockingInstrumentedClient {
    type Wrapped = Self;
    fn instrument(self, _scope: ::rollout::Scope) -> Self {
        self
    }
}
#[automatically_derived]
impl ::core::clone::Clone for BlockingInstrumentedClient
where
    for<'__rollout> Client: ::core::clone::Clone,
{
    fn clone(&self) -> Self {
        Self {
            inner: ::core::clone::Clone::clone(&self.inner),
            background: ::core::clone::Clone::clone(&self.background),
        }
    }
}
#[automatically_derived]
impl ::core::fmt::Debug for BlockingInstrumentedClient {
    /// Shows nothing of the client, which may hold keys.
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.debug_struct("BlockingInstrumentedClient").finish_non_exhaustive()
    }
}
