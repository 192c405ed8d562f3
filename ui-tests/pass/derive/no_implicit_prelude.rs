//! Nothing is taken from the prelude.

#![no_implicit_prelude]

#[derive(::std::clone::Clone, ::rollout::Instrumented)]
#[instrumented(provider = "anthropic")]
#[instrumented(messages: fn ask(&self, request: u8) -> ::std::result::Result<u8, u8>)]
#[instrumented(messages: async fn wait(&mut self, request: u8) -> u8)]
#[instrumented(messages: fn chunks(self, request: u8) -> ::std::boxed::Box<dyn ::std::iter::Iterator<Item = u8>>)]
#[instrumented(messages: fn later(&self, request: u8) -> ::std::pin::Pin<::std::boxed::Box<dyn ::std::future::Future<Output = u8>>>)]
struct Client;

impl Client {
    fn ask(&self, request: u8) -> ::std::result::Result<u8, u8> {
        ::std::result::Result::Ok(request)
    }

    async fn wait(&mut self, request: u8) -> u8 {
        request
    }

    fn chunks(self, request: u8) -> ::std::boxed::Box<dyn ::std::iter::Iterator<Item = u8>> {
        ::std::boxed::Box::new(::std::iter::once(request))
    }

    fn later(
        &self,
        request: u8,
    ) -> ::std::pin::Pin<::std::boxed::Box<dyn ::std::future::Future<Output = u8>>> {
        ::std::boxed::Box::pin(async move { request })
    }
}

#[::rollout::llm(provider = "openai", operation = "chat")]
async fn stream(request: u8) -> ::std::result::Result<impl ::futures_core::Stream<Item = u8>, ()> {
    let _ = request;
    ::std::result::Result::<Never, ()>::Err(())
}

struct Never;

impl ::futures_core::Stream for Never {
    type Item = u8;

    fn poll_next(
        self: ::std::pin::Pin<&mut Self>,
        _: &mut ::std::task::Context<'_>,
    ) -> ::std::task::Poll<::std::option::Option<u8>> {
        ::std::task::Poll::Ready(::std::option::Option::None)
    }
}

fn main() {
    let mut client = ::rollout::wrap(::rollout::wrap(Client));
    ::std::assert_eq!(client.ask(1), ::std::result::Result::Ok(1));
    ::std::mem::drop((client.wait(1), stream(1)));
    ::std::mem::drop(client.later(1));
    let client = ::std::clone::Clone::clone(&client);
    ::std::assert_eq!(::std::iter::Iterator::count(client.chunks(1)), 1);
}
