// #[derive(Instrumented)]
// #[instrumented(provider = "anthropic", wrapper = Watched, crate = deps::rollout)]
// #[instrumented(
//     messages(request = body, capture_output = false):#[doc = r" Sends."]pub(crate)fn
//     send<R:Serialize>(&mut self, mut body:R, times:u32)->T::Answer
//     where
//     R:Send
// )]
// struct Client<'a, T: Transport = Http, const N: usize = 1>(
//     &'a T,
// )
// where
//     T: Send;

/// A [`Client`] whose calls to a model are recorded.
///
/// Everything that is not recorded is reached through [`inner`](Self::inner).
struct Watched<'a, T: Transport = Http, const N: usize = 1>
where
    T: Send,
{
    inner: Client<'a, T, N>,
    scope: deps::rollout::Scope,
}
impl<'a, T: Transport, const N: usize> Watched<'a, T, N>
where
    T: Send,
{
    /// Sends.
    pub(crate) fn send<R: Serialize>(&mut self, body: R, times: u32) -> T::Answer
    where
        R: Send,
    {
        let mut __rollout_call = deps::rollout::__private::instrumented::Prepared::new(
                &self.scope,
                const {
                    &deps::rollout::__private::instrumented::Operation::new(
                            deps::rollout::__private::instrumented::WireFormat::AnthropicMessages,
                        )
                        .output(false)
                },
                &body,
            )
            .open();
        let __rollout_result: T::Answer = __rollout_call
            .run(|| <Client<'a, T, N>>::send::<R>(&mut self.inner, body, times));
        deps::rollout::__private::instrumented::respond!(
            __rollout_call, & __rollout_result
        );
        __rollout_result
    }
    /// Returns the client that was wrapped, for everything that is not recorded.
    fn inner(&self) -> &Client<'a, T, N> {
        &self.inner
    }
    /// Gives back the client that was wrapped.
    fn into_inner(self) -> Client<'a, T, N> {
        self.inner
    }
}
#[automatically_derived]
impl<'a, T: Transport, const N: usize> deps::rollout::Instrumented for Client<'a, T, N>
where
    T: Send,
{
    type Wrapped = Watched<'a, T, N>;
    fn instrument(self, scope: deps::rollout::Scope) -> Self::Wrapped {
        Watched { inner: self, scope }
    }
}
#[automatically_derived]
impl<'a, T: Transport, const N: usize> deps::rollout::Instrumented for Watched<'a, T, N>
where
    T: Send,
{
    type Wrapped = Self;
    fn instrument(self, _scope: deps::rollout::Scope) -> Self {
        self
    }
}
#[automatically_derived]
impl<'a, T: Transport, const N: usize> ::core::clone::Clone for Watched<'a, T, N>
where
    T: Send,
    for<'__rollout> Client<'a, T, N>: ::core::clone::Clone,
{
    fn clone(&self) -> Self {
        Self {
            inner: ::core::clone::Clone::clone(&self.inner),
            scope: ::core::clone::Clone::clone(&self.scope),
        }
    }
}
#[automatically_derived]
impl<'a, T: Transport, const N: usize> ::core::fmt::Debug for Watched<'a, T, N>
where
    T: Send,
{
    /// Shows nothing of the client, which may hold keys.
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.debug_struct("Watched").finish_non_exhaustive()
    }
}
