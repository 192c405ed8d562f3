//! Generics, lifetimes, constants and bounds of the client, and of its methods.

use std::fmt::Debug;
use std::marker::PhantomData;

use rollout::Instrumented;
use serde::Serialize;

trait Transport {
    type Error: Debug;

    fn send<R: Serialize>(&self, request: &R) -> Result<String, Self::Error>;
}

struct Fake;

impl Transport for Fake {
    type Error = std::fmt::Error;

    fn send<R: Serialize>(&self, _: &R) -> Result<String, std::fmt::Error> {
        Err(std::fmt::Error)
    }
}

// Bounds on the struct.
#[derive(Clone, Instrumented)]
#[instrumented(provider = "openai")]
#[instrumented(chat: async fn ask<R: Serialize + Sync>(&self, request: &R) -> Result<String, T::Error>)]
#[instrumented(chat: fn borrowed<'r>(&self, request: &'r str) -> Result<&'r str, T::Error>)]
#[instrumented(chat: fn counted<const M: usize>(&mut self, request: [u8; M]) -> [u8; M] where [u8; M]: Serialize)]
#[instrumented(chat: fn anything(&self, request: impl Serialize) -> String)]
#[instrumented(chat: fn itself(self, request: String) -> (String, usize))]
struct Bounded<'a, T: Transport + ?Sized = Fake, const N: usize = 1>
where
    T: 'a,
{
    transport: &'a T,
}

impl<'a, T: Transport + ?Sized, const N: usize> Bounded<'a, T, N> {
    async fn ask<R: Serialize + Sync>(&self, request: &R) -> Result<String, T::Error> {
        self.transport.send(request)
    }

    fn borrowed<'r>(&self, request: &'r str) -> Result<&'r str, T::Error> {
        Ok(request)
    }

    fn counted<const M: usize>(&mut self, request: [u8; M]) -> [u8; M]
    where
        [u8; M]: Serialize,
    {
        request
    }

    fn anything(&self, request: impl Serialize) -> String {
        drop(request);
        String::new()
    }

    fn itself(self, request: String) -> (String, usize) {
        (request, N)
    }
}

// Bounds on the methods alone.
#[derive(Instrumented)]
#[instrumented(provider = "openai")]
#[instrumented(chat: fn ask(&self, request: T) -> T where T: Serialize + Clone)]
struct Unbounded<T>(PhantomData<T>);

impl<T: Serialize + Clone> Unbounded<T> {
    fn ask(&self, request: T) -> T {
        request
    }
}

// Not `Clone`, and so is not its recorded twin.
struct NotClone;
impl Clone for InstrumentedUnbounded<NotClone> {
    fn clone(&self) -> Self {
        rollout::wrap(Unbounded(PhantomData))
    }
}

fn main() {
    let mut bounded: InstrumentedBounded<'_, Fake, 2> = rollout::wrap(Bounded { transport: &Fake });
    drop(bounded.ask(&1));
    assert_eq!(bounded.borrowed("x").unwrap(), "x");
    assert_eq!(bounded.counted([1, 2]), [1, 2]);
    assert_eq!(bounded.anything(1.5), "");
    assert_eq!(bounded.itself("x".into()).1, 2);
    assert_eq!(rollout::wrap(Unbounded(PhantomData)).ask(1), 1);
    let _ = rollout::wrap(Unbounded(PhantomData::<NotClone>)).clone();
}
