use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{self, Poll};

use futures_core::Stream;
use pin_project_lite::pin_project;

use super::Call;
use crate::capture::Payload;
use crate::context::InContext;
use crate::failure::Failure;
use crate::record::Outcome;

pin_project! {
    /// A stream or an iterator that a recorded function returned. What it does is part of the call,
    /// whenever and wherever it is polled, and the call ends when it does.
    #[must_use = "streams do nothing unless polled"]
    pub struct CallStream<S, N> {
        #[pin]
        inner: InContext<S>,
        items: Items,
        note: N,
    }
}

/// The items of a stream, as they are captured.
#[derive(Debug)]
pub struct Items {
    /// `None` once it has ended.
    call: Option<Call>,
    captured: Vec<Payload>,
    /// How many bytes of items may still be captured.
    room: usize,
    failure: Option<Box<Failure>>,
}

impl Items {
    fn new(call: Call) -> Self {
        let room = match call.capture() {
            Some((limit, true)) => limit,
            _ => 0,
        };
        Self {
            call: Some(call),
            captured: Vec::new(),
            room,
            failure: None,
        }
    }

    /// Takes an item.
    pub fn item(&mut self, capture: impl FnOnce(usize) -> Payload) {
        if self.room > 0 {
            let item = capture(self.room);
            self.room = self.room.saturating_sub(item.size() + 1);
            self.captured.push(item);
        }
    }

    /// Notes an item that is an error; the stream may go on after it.
    pub fn error(&mut self, failure: impl FnOnce() -> Failure) {
        if self.failure.is_none()
            && self
                .call
                .as_ref()
                .is_some_and(|call| call.capture().is_some())
        {
            self.failure = Some(Box::new(failure()));
        }
    }

    /// Ends the call, with what came until now.
    fn end(&mut self, outcome: Outcome) {
        let Some(mut call) = self.call.take() else {
            return;
        };
        if let Some((_, captures)) = call.capture() {
            let outcome = self.failure.take().map_or(outcome, Outcome::Failed);
            let items = std::mem::take(&mut self.captured);
            let output = if captures {
                Payload::list(items)
            } else {
                Payload::none()
            };
            call.set(outcome, output);
        }
    }
}

impl Drop for Items {
    fn drop(&mut self) {
        self.end(Outcome::Cancelled);
    }
}

impl<S, N> CallStream<S, N> {
    pub(super) fn new(inner: S, call: Call, note: N) -> Self {
        Self {
            inner: InContext::new(inner, call.context()),
            items: Items::new(call),
            note,
        }
    }
}

/// Runs a step of a stream; where it is recorded a panic ends the call and goes on.
fn step<R>(is_recorded: bool, items: &mut Items, step: impl FnOnce() -> R) -> R {
    if !is_recorded {
        return step();
    }
    catch_unwind(AssertUnwindSafe(step)).unwrap_or_else(|panic| {
        items.failure = None;
        items.end(Outcome::Failed(Box::new(Failure::panicked(&*panic))));
        resume_unwind(panic)
    })
}

impl<S, N> Stream for CallStream<S, N>
where
    S: Stream,
    N: FnMut(&mut Items, &S::Item),
{
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        let inner = this.inner;
        let is_recorded = inner.has_context();
        let polled = step(is_recorded, this.items, || inner.poll_next(cx));
        match &polled {
            Poll::Ready(Some(item)) => (this.note)(this.items, item),
            Poll::Ready(None) => this.items.end(Outcome::Ok),
            Poll::Pending => {}
        }
        polled
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}

impl<I, N> Iterator for CallStream<I, N>
where
    I: Iterator,
    N: FnMut(&mut Items, &I::Item),
{
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        let inner = &mut self.inner;
        let item = step(inner.has_context(), &mut self.items, || inner.next());
        match &item {
            Some(item) => (self.note)(&mut self.items, item),
            None => self.items.end(Outcome::Ok),
        }
        item
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.size_hint()
    }
}

impl<S, N> fmt::Debug for CallStream<S, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallStream")
            .field("items", &self.items)
            .finish_non_exhaustive()
    }
}
