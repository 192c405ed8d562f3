use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::task::{self, Poll};

use futures_core::Stream;
use pin_project_lite::pin_project;

use super::stream::Items;
use super::{CallStream, Site};
use crate::capture::Payload;
use crate::client::Core;
use crate::context::{Context, InContext};
use crate::failure::Failure;
use crate::record::Outcome;
use crate::span::Span;
use crate::trace::{Delivery, Trace};

/// A call of a function that is being recorded.
///
/// Dropped before its outcome is known, it was cancelled.
#[derive(Debug)]
pub struct Call {
    open: Open,
    site: Option<&'static Site>,
}

#[derive(Debug)]
enum Open {
    /// Not recorded.
    Nothing,
    Trace(Trace),
    Span(Span),
}

impl Call {
    #[inline]
    pub(super) fn off() -> Self {
        Self {
            open: Open::Nothing,
            site: None,
        }
    }

    pub(super) fn trace(site: &'static Site, mut trace: Trace) -> Self {
        trace.set(Outcome::Cancelled, Payload::none());
        Self {
            open: Open::Trace(trace),
            site: Some(site),
        }
    }

    pub(super) fn span(site: &'static Site, mut span: Span) -> Self {
        span.set(Outcome::Cancelled, Payload::none());
        Self {
            open: Open::Span(span),
            site: Some(site),
        }
    }

    /// Runs the body of a function in this call. A panic is noted and goes on.
    #[inline]
    pub fn run<R>(&mut self, body: impl FnOnce() -> R) -> R {
        let Some(context) = self.context() else {
            return body();
        };
        catch_unwind(AssertUnwindSafe(|| context.in_scope(body))).unwrap_or_else(|panic| {
            self.panicked(&*panic);
            resume_unwind(panic)
        })
    }

    /// Runs the body of an asynchronous function in this call. A panic is noted and goes on.
    #[inline]
    pub fn run_async<F: Future>(&mut self, body: F) -> CallFuture<'_, F> {
        CallFuture {
            body: InContext::new(body, self.context()),
            call: self,
        }
    }

    /// Notes that the function returned.
    #[inline]
    pub fn succeed(&mut self, result: impl FnOnce(usize) -> Payload) {
        if let Some((limit, captures)) = self.capture() {
            let output = if captures {
                result(limit)
            } else {
                Payload::none()
            };
            self.set(Outcome::Ok, output);
        }
    }

    /// Notes that the function returned an error.
    #[inline]
    pub fn fail(&mut self, failure: impl FnOnce() -> Failure) {
        if self.capture().is_some() {
            self.set(Outcome::Failed(Box::new(failure())), Payload::none());
        }
    }

    /// Goes on with the call as a stream, which ends it. `note` is shown each item.
    pub fn stream<S, N>(self, stream: S, note: N) -> CallStream<S, N>
    where
        S: Stream,
        N: FnMut(&mut Items, &S::Item),
    {
        CallStream::new(stream, self, note)
    }

    /// Goes on with the call as an iterator, which ends it. `note` is shown each item.
    pub fn iterate<I, N>(self, iterator: I, note: N) -> CallStream<I, N>
    where
        I: Iterator,
        N: FnMut(&mut Items, &I::Item),
    {
        CallStream::new(iterator, self, note)
    }

    /// Ends the call. Where its delivery is to be waited for, it blocks for that.
    #[inline]
    pub fn end(mut self) {
        if let Some(delivery) = self.finish() {
            delivery.wait();
        }
    }

    /// Ends the call. Where its delivery is to be waited for, the task waits for that.
    pub async fn end_async(mut self) {
        if let Some(delivery) = self.finish() {
            delivery.arrive().await;
        }
    }

    #[inline]
    fn finish(&mut self) -> Option<Delivery> {
        match &mut self.open {
            Open::Nothing => None,
            Open::Trace(trace) => trace.finish(self.site.is_some_and(|site| site.wait)),
            Open::Span(span) => {
                span.finish();
                None
            }
        }
    }

    /// Polls the body of an asynchronous function that is in this call. A panic is noted and goes on.
    #[inline]
    pub(crate) fn poll<F: Future>(
        &mut self,
        body: Pin<&mut InContext<F>>,
        cx: &mut task::Context<'_>,
    ) -> Poll<F::Output> {
        if !body.has_context() {
            return body.poll(cx);
        }
        catch_unwind(AssertUnwindSafe(|| body.poll(cx))).unwrap_or_else(|panic| {
            self.panicked(&*panic);
            resume_unwind(panic)
        })
    }

    pub(crate) fn context(&self) -> Option<Context> {
        match &self.open {
            Open::Nothing => None,
            Open::Trace(trace) => Some(trace.context()),
            Open::Span(span) => Some(span.context()),
        }
    }

    /// Returns the limit of captured values, and whether results are captured; `None` where the
    /// call is not recorded.
    #[inline]
    pub(super) fn capture(&self) -> Option<(usize, bool)> {
        let core = self.core()?;
        let captures = self.site?.capture_output && core.config.capture_output;
        Some((core.config.max_value_bytes, captures))
    }

    pub(super) fn set(&mut self, outcome: Outcome, output: Payload) {
        match &mut self.open {
            Open::Nothing => {}
            Open::Trace(trace) => trace.set(outcome, output),
            Open::Span(span) => span.set(outcome, output),
        }
    }

    fn panicked(&mut self, panic: &(dyn Any + Send)) {
        self.set(
            Outcome::Failed(Box::new(Failure::panicked(panic))),
            Payload::none(),
        );
    }

    #[inline]
    fn core(&self) -> Option<&Core> {
        match &self.open {
            Open::Nothing => None,
            Open::Trace(trace) => trace.state().map(|state| &*state.core),
            Open::Span(span) => span.state().map(|state| &**state.core()),
        }
    }
}

impl Drop for Call {
    /// Nobody waits for the delivery of what was cancelled.
    #[inline]
    fn drop(&mut self) {
        let _ = self.finish();
    }
}

pin_project! {
    /// The body of an asynchronous function, in its call.
    #[must_use = "futures do nothing unless polled"]
    pub struct CallFuture<'a, F> {
        #[pin]
        body: InContext<F>,
        call: &'a mut Call,
    }
}

impl<F: Future> Future for CallFuture<'_, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        this.call.poll(this.body, cx)
    }
}
