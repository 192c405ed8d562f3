use std::pin::Pin;

use futures_core::Stream;

use super::{RecordedIterator, RecordedStream};
use crate::blocking::{Background, Iter};

/// What a method that streams returns where its twin waits: iterators in place of streams.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no stream that can be waited for",
    label = "expected a stream, boxed or recorded"
)]
pub trait Waited {
    /// What the twin returns.
    type Output;

    /// Turns it into what the twin returns.
    fn waited(self, background: &Background) -> Self::Output;
}

impl<R: Waited, E> Waited for Result<R, E> {
    type Output = Result<R::Output, E>;

    fn waited(self, background: &Background) -> Self::Output {
        self.map(|stream| stream.waited(background))
    }
}

macro_rules! streams {
    ($([$($generics:tt)*] $stream:ty;)*) => {$(
        impl<$($generics)*> Waited for $stream {
            type Output = Iter<Self>;

            fn waited(self, background: &Background) -> Iter<Self> {
                background.iterate(self)
            }
        }
    )*};
}

macro_rules! iterators {
    ($([$($generics:tt)*] $iterator:ty;)*) => {$(
        impl<$($generics)*> Waited for $iterator {
            type Output = Self;

            fn waited(self, _background: &Background) -> Self {
                self
            }
        }
    )*};
}

streams! {
    [S: Stream] RecordedStream<S>;
    [P] Pin<P>;
    ['a, T] Box<dyn Stream<Item = T> + Unpin + 'a>;
    ['a, T] Box<dyn Stream<Item = T> + Send + Unpin + 'a>;
}

iterators! {
    [I: Iterator] RecordedIterator<I>;
    ['a, T] Box<dyn Iterator<Item = T> + 'a>;
    ['a, T] Box<dyn Iterator<Item = T> + Send + 'a>;
    ['a, T] Box<dyn Iterator<Item = T> + Send + Sync + 'a>;
}
