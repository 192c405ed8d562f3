use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll};

use futures_core::Stream;
use pin_project_lite::pin_project;
use serde::Serialize;

use super::call::abandoned;
use super::chunks::{Event, TypedChunks};
use crate::failure::Failure;
use crate::record::{End, Outcome};
use crate::span::SpanState;

/// The recording end of a stream: takes each item as it passes, and ends the call exactly once.
///
/// Dropped before its end the call is cancelled, unless what came says that it was whole.
///
/// ```
/// # let items = [serde_json::json!({"choices": [{"index": 0, "delta": {"content": "In transit."}}]})];
/// use rollout_core::{CallOptions, LlmCall, Payload, Scope, WireFormat};
///
/// let options = CallOptions::new(WireFormat::OpenAiChat).streaming(true);
/// let call = LlmCall::start(&Scope::default(), options, Payload::none);
/// let mut tap = call.stream();
/// for item in items {
///     if tap.wants_items() {
///         tap.push(item.clone());
///     }
///     // … and on to the program.
/// }
/// tap.finish();
/// ```
#[must_use = "a tap that is dropped ends its call"]
pub struct StreamTap<T> {
    /// `None` where it is not recorded, and once it has ended.
    state: Option<Arc<SpanState>>,
    /// `None` where the items are read off the wire.
    chunks: Option<Arc<TypedChunks<T>>>,
    /// The first error that passed.
    fault: Option<Box<Failure>>,
}

impl<T> StreamTap<T> {
    pub(super) fn new(state: Option<Arc<SpanState>>) -> Self {
        Self {
            state,
            chunks: None,
            fault: None,
        }
    }

    /// Returns whether items are wanted, and so worth a clone.
    pub fn wants_items(&self) -> bool {
        self.state
            .as_ref()
            .and_then(|state| state.call())
            .is_some_and(|call| !call.is_tapped())
    }

    /// Notes an error that passed. The stream may go on after it: what comes is recorded as well, and
    /// the call ends, as failed, when the stream does.
    pub fn note_error(&mut self, failure: impl FnOnce() -> Failure) {
        if self.state.is_some() && self.fault.is_none() {
            self.fault = Some(Box::new(failure()));
        }
    }

    /// Ends the call with a panic of the stream itself, which says more than what came before it.
    pub(crate) fn panicked(&mut self, panic: Failure) {
        self.fault = Some(Box::new(panic));
        self.finish();
    }

    /// Notes that the stream came to its end.
    pub fn finish(&mut self) {
        self.end(|| Outcome::Ok);
    }

    fn end(&mut self, otherwise: impl FnOnce() -> Outcome) {
        if let Some(state) = self.state.take() {
            let outcome = self.fault.take().map_or_else(otherwise, Outcome::Failed);
            state.end(|at| End {
                at,
                outcome,
                ..End::default()
            });
        }
    }
}

impl<T: Serialize + Send + 'static> StreamTap<T> {
    /// Takes an item: a clone, or its JSON where it can't be cloned.
    pub fn push(&mut self, item: T) {
        self.take(Event::Typed(item));
    }

    /// Takes an item that the client could not read, as it was on the wire.
    pub fn push_text(&mut self, item: &str) {
        if self.wants_items() {
            self.take(Event::Text(item.to_owned()));
        }
    }

    fn take(&mut self, item: Event<T>) {
        let Some(state) = &self.state else { return };
        let chunks = self.chunks.get_or_insert_with(|| {
            let chunks = Arc::new(TypedChunks::new());
            if let Some(call) = state.call() {
                let _ = call.chunks.set(Arc::clone(&chunks) as _);
            }
            chunks
        });
        if chunks.push(state.core().clock.now(), item) {
            state.core().queue.wake();
        }
    }
}

impl<T> Drop for StreamTap<T> {
    fn drop(&mut self) {
        self.end(abandoned);
    }
}

impl<T> fmt::Debug for StreamTap<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamTap").finish_non_exhaustive()
    }
}

pin_project! {
    /// A stream, or an iterator, whose items are recorded as they pass: untouched, and in the same
    /// poll.
    ///
    /// `T` is what is kept of an item for the worker, and `N` notes it.
    #[must_use = "streams do nothing unless polled"]
    pub struct LlmStream<S, T, N> {
        #[pin]
        inner: S,
        tap: StreamTap<T>,
        note: N,
    }
}

impl<S, T, N> LlmStream<S, T, N> {
    /// Records a stream. `note` is called with each item, and the tap that takes it.
    pub fn new(inner: S, tap: StreamTap<T>, note: N) -> Self {
        Self { inner, tap, note }
    }

    /// Gives back the parts, for who wants to end the call otherwise than the stream does.
    pub fn into_parts(self) -> (S, StreamTap<T>, N) {
        (self.inner, self.tap, self.note)
    }
}

impl<S, T, N> Stream for LlmStream<S, T, N>
where
    S: Stream,
    N: FnMut(&mut StreamTap<T>, &S::Item),
{
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        let polled = this.inner.poll_next(cx);
        match &polled {
            Poll::Ready(Some(item)) => (this.note)(this.tap, item),
            Poll::Ready(None) => this.tap.finish(),
            Poll::Pending => {}
        }
        polled
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}

impl<I, T, N> Iterator for LlmStream<I, T, N>
where
    I: Iterator,
    N: FnMut(&mut StreamTap<T>, &I::Item),
{
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        let item = self.inner.next();
        match &item {
            Some(item) => (self.note)(&mut self.tap, item),
            None => self.tap.finish(),
        }
        item
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}

impl<S, T, N> fmt::Debug for LlmStream<S, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LlmStream")
            .field("tap", &self.tap)
            .finish_non_exhaustive()
    }
}
