use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{self, Poll};

use futures_core::Stream;
use pin_project_lite::pin_project;

use super::{ModelCall, ProviderJson};
use crate::context::{Context, Entered};
use crate::failure::Failure;
use crate::llm::StreamTap;

/// Takes the chunks of a stream as they pass.
#[derive(Debug)]
pub struct Chunks {
    /// `None` where it is not recorded.
    tap: Option<StreamTap<()>>,
}

/// Notes an item of a stream.
pub(super) type Note<T> = fn(&mut Chunks, &T);

/// What a recorded stream has beside the stream.
struct Recording<T> {
    context: Option<Context>,
    chunks: Chunks,
    note: Note<T>,
}

pin_project! {
    /// A stream of a model's answer that is recorded as it passes: each item untouched, and in the
    /// same poll. The call ends when the stream does, or is dropped.
    ///
    /// Methods that are recorded return their streams as what they are declared to: `impl Stream` and
    /// boxed streams stay so. Around a stream type of one's own, whose inside is not ours to change,
    /// goes this one: `RecordedStream<ChunkStream>`.
    #[must_use = "streams do nothing unless polled"]
    pub struct RecordedStream<S: Stream> {
        #[pin]
        inner: S,
        recording: Recording<S::Item>,
    }
}

/// An iterator over a model's answer that is recorded as it passes, each item untouched. The call ends
/// when the iterator does, or is dropped. See [`RecordedStream`].
#[must_use = "iterators do nothing unless read"]
pub struct RecordedIterator<I: Iterator> {
    inner: I,
    recording: Recording<I::Item>,
}

impl Chunks {
    /// Takes a chunk.
    pub fn chunk<T: ProviderJson + ?Sized>(&mut self, chunk: &T) {
        if let Some(tap) = &mut self.tap
            && tap.wants_items()
        {
            // Written at once, as it may borrow, or not be `Clone`. What can't be written is no JSON,
            // and is counted as lost by who reads it.
            let json = catch_unwind(AssertUnwindSafe(|| serde_json::to_string(chunk.json())));
            tap.push_text(&json.ok().and_then(Result::ok).unwrap_or_default());
        }
    }

    /// Notes an item that is an error; the stream may go on after it.
    pub fn error(&mut self, failure: impl FnOnce() -> Failure) {
        if let Some(tap) = &mut self.tap {
            tap.note_error(failure);
        }
    }

    fn finish(&mut self) {
        if let Some(tap) = &mut self.tap {
            tap.finish();
        }
    }

    fn panicked(&mut self, panic: Failure) {
        if let Some(tap) = &mut self.tap {
            tap.panicked(panic);
        }
    }
}

impl<T> Recording<T> {
    fn new(call: ModelCall, note: Note<T>) -> Self {
        let (context, tap) = call.tap();
        Self {
            context,
            chunks: Chunks { tap },
            note,
        }
    }

    /// Runs a step of the stream in the context of its call; a panic ends the call and goes on.
    fn step<R>(&mut self, step: impl FnOnce() -> R) -> R {
        let Some(context) = &mut self.context else {
            return step();
        };
        let entered = Entered::new(context);
        let result = catch_unwind(AssertUnwindSafe(step));
        drop(entered);
        result.unwrap_or_else(|panic| {
            self.chunks.panicked(Failure::panicked(&*panic));
            resume_unwind(panic)
        })
    }

    fn note(&mut self, item: Option<&T>) {
        match item {
            Some(item) if self.chunks.tap.is_some() => (self.note)(&mut self.chunks, item),
            Some(_) => {}
            None => self.chunks.finish(),
        }
    }
}

impl<S: Stream> RecordedStream<S> {
    pub(super) fn new(inner: S, call: ModelCall, note: Note<S::Item>) -> Self {
        let recording = Recording::new(call, note);
        Self { inner, recording }
    }

    /// Returns the stream that is recorded, for what else it has to tell.
    pub fn inner(&self) -> &S {
        &self.inner
    }
}

impl<I: Iterator> RecordedIterator<I> {
    pub(super) fn new(inner: I, call: ModelCall, note: Note<I::Item>) -> Self {
        let recording = Recording::new(call, note);
        Self { inner, recording }
    }

    /// Returns the iterator that is recorded, for what else it has to tell.
    pub fn inner(&self) -> &I {
        &self.inner
    }
}

impl<S: Stream> Stream for RecordedStream<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        let inner = this.inner;
        let polled = this.recording.step(|| inner.poll_next(cx));
        if let Poll::Ready(item) = &polled {
            this.recording.note(item.as_ref());
        }
        polled
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}

impl<I: Iterator> Iterator for RecordedIterator<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        let inner = &mut self.inner;
        let item = self.recording.step(|| inner.next());
        self.recording.note(item.as_ref());
        item
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}

impl<S: Stream> fmt::Debug for RecordedStream<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordedStream").finish_non_exhaustive()
    }
}

impl<I: Iterator> fmt::Debug for RecordedIterator<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordedIterator").finish_non_exhaustive()
    }
}
