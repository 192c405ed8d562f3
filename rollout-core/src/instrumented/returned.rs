use std::convert::Infallible;
use std::pin::Pin;

use futures_core::Stream;

use super::stream::Note;
use super::{Chunks, ModelCall, RecordedIterator, RecordedStream};
use crate::failure::Failure;

/// What a recorded method that streams is declared to return, made of what the method returned, `S`.
///
/// That a type is decided upon here, and not by how it is spelled, lets aliases be what they are.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no stream that can be recorded as it is",
    label = "expected a stream: boxed, or as `impl Stream<Item = …>`",
    note = "a stream type of one's own is wrapped: declare `rollout::RecordedStream<{Self}>` as what \
            is returned; `rollout::RecordedIterator<{Self}>` if it is an iterator",
    note = "if it is no stream, remove `stream`"
)]
pub trait Returned<S>: Sized {
    /// The items of the stream.
    type Item;
    /// What is returned if there is no stream.
    type Error;

    /// Records what was returned.
    fn record(
        returned: S,
        call: ModelCall,
        note: Note<Self::Item>,
        failure: fn(&Self::Error) -> Failure,
    ) -> Self;
}

/// What a method that streams returned, before it is known as what it is declared to be returned.
#[derive(Debug)]
pub struct Streaming<S> {
    pub(super) call: ModelCall,
    pub(super) returned: S,
}

impl<S> Streaming<S> {
    /// Records it. `note` is shown each item, `failure` the error that there was instead of a stream.
    pub fn declared_as<R: Returned<S>>(
        self,
        note: fn(&mut Chunks, &R::Item),
        failure: fn(&R::Error) -> Failure,
    ) -> R {
        R::record(self.returned, self.call, note, failure)
    }
}

#[diagnostic::do_not_recommend]
impl<S: Stream> Returned<S> for RecordedStream<S> {
    type Item = S::Item;
    type Error = Infallible;

    fn record(
        stream: S,
        call: ModelCall,
        note: Note<S::Item>,
        _failure: fn(&Infallible) -> Failure,
    ) -> Self {
        Self::new(stream, call, note)
    }
}

#[diagnostic::do_not_recommend]
impl<I: Iterator> Returned<I> for RecordedIterator<I> {
    type Item = I::Item;
    type Error = Infallible;

    fn record(
        iterator: I,
        call: ModelCall,
        note: Note<I::Item>,
        _failure: fn(&Infallible) -> Failure,
    ) -> Self {
        Self::new(iterator, call, note)
    }
}

impl<R: Returned<S, Error = Infallible>, S, E> Returned<Result<S, E>> for Result<R, E> {
    type Item = R::Item;
    type Error = E;

    fn record(
        returned: Result<S, E>,
        mut call: ModelCall,
        note: Note<R::Item>,
        failure: fn(&E) -> Failure,
    ) -> Self {
        match returned {
            Ok(stream) => Ok(R::record(stream, call, note, |never| match *never {})),
            Err(error) => {
                call.fail(|| failure(&error));
                Err(error)
            }
        }
    }
}

macro_rules! boxed {
    ($($boxed:ident of $recorded:ident over $trait:ident as $object:ty, $($bound:path),*;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<'a, T, S> Returned<S> for $object
        where
            S: $trait<Item = T> $(+ $bound)* + 'a,
            T: 'a,
        {
            type Item = T;
            type Error = Infallible;

            fn record(
                inner: S,
                call: ModelCall,
                note: Note<T>,
                _failure: fn(&Infallible) -> Failure,
            ) -> Self {
                Box::$boxed($recorded::new(inner, call, note))
            }
        }
    )*};
}

boxed! {
    pin of RecordedStream over Stream as Pin<Box<dyn Stream<Item = T> + 'a>>,;
    pin of RecordedStream over Stream as Pin<Box<dyn Stream<Item = T> + Send + 'a>>, Send;
    pin of RecordedStream over Stream as Pin<Box<dyn Stream<Item = T> + Send + Sync + 'a>>, Send, Sync;
    new of RecordedStream over Stream as Box<dyn Stream<Item = T> + Unpin + 'a>, Unpin;
    new of RecordedStream over Stream as Box<dyn Stream<Item = T> + Send + Unpin + 'a>, Send, Unpin;
    new of RecordedIterator over Iterator as Box<dyn Iterator<Item = T> + 'a>,;
    new of RecordedIterator over Iterator as Box<dyn Iterator<Item = T> + Send + 'a>, Send;
    new of RecordedIterator over Iterator as Box<dyn Iterator<Item = T> + Send + Sync + 'a>, Send, Sync;
}
