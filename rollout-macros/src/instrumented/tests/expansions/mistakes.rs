// #[derive(Instrumented)]
// #[instrumented(provider = "opnai")]
// #[instrumented(chat:fn ask(&self, first:Value, second:Value)->Value)]
// struct Client;

::core::compile_error! {
    "unsupported provider `opnai`: did you mean `openai`?"
}
::core::compile_error! {
    "which argument is the request? Call it `request`, or say so: `chat(request = first): …`"
}
/// A [`Client`] whose calls to a model are recorded.
///
/// Everything that is not recorded is reached through [`inner`](Self::inner).
struct InstrumentedClient {
    inner: Client,
    scope: ::rollout::Scope,
}
impl InstrumentedClient {
    #[allow(unused, clippy::all, reason = "only stands in")]
    /// Calls `Client::ask`, and records the call to the model.
    fn ask(&self, first: Value, second: Value) -> Value {
        loop {}
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
