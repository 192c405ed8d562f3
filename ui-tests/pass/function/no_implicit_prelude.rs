//! Nothing is taken from the prelude.

#![no_implicit_prelude]

#[::rollout::agent(user_id = user, flush = "wait", attributes(length = user.len()))]
fn answer(user: &str) -> ::std::result::Result<usize, ::std::string::String> {
    let length: ::std::option::Option<usize> = ::std::option::Option::Some(user.len());
    ::std::result::Result::Ok(length.unwrap())
}

#[::rollout::tool(tool_call_id = id)]
async fn find(id: u32) -> ::std::result::Result<u32, ::std::num::TryFromIntError> {
    let id: u8 = <u8 as ::std::convert::TryFrom<u32>>::try_from(id)?;
    ::std::result::Result::Ok(<u32 as ::std::convert::From<u8>>::from(id))
}

#[::rollout::span("counting")]
fn count() -> ::std::boxed::Box<dyn ::std::iter::Iterator<Item = u8>> {
    ::std::boxed::Box::new(::std::iter::once(1))
}

#[::rollout::task]
fn later() -> ::std::pin::Pin<::std::boxed::Box<dyn ::std::future::Future<Output = ()>>> {
    ::std::boxed::Box::pin(async {})
}

#[::rollout::trace]
async fn stream() -> ::std::result::Result<impl ::futures_core::Stream<Item = u8>, ()> {
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
    ::std::assert!(answer("u1").is_ok());
    ::std::assert_eq!(::std::iter::Iterator::count(count()), 1);
    ::std::mem::drop((find(1), later(), stream()));
}
