//! Futures and streams that carry their context with them.

use std::future::Future;
use std::pin::Pin;
use std::task::{self, Poll};

use futures_core::Stream;
use pin_project_lite::pin_project;

use super::Context;
use super::thread::swap;

pin_project! {
    /// A future, stream or iterator that runs in a [`Context`] of its own, and is dropped in it.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct InContext<T> {
        // `None` once it is done.
        #[pin]
        inner: Option<T>,
        // `None` where whatever is active stays so.
        context: Option<Context>,
    }

    impl<T> PinnedDrop for InContext<T> {
        fn drop(this: Pin<&mut Self>) {
            // What the inner one does when it is dropped is part of its trace, whoever drops it.
            let mut this = this.project();
            if this.inner.is_some() {
                let _entered = this.context.as_mut().map(Entered::new);
                this.inner.set(None);
            }
        }
    }
}

impl<T> InContext<T> {
    /// Runs this in the context if there is one, else in whatever is active where it is polled.
    pub(crate) fn new(inner: T, context: Option<Context>) -> Self {
        Self {
            inner: Some(inner),
            context,
        }
    }

    /// Runs it in this context from here on.
    pub(crate) fn set_context(self: Pin<&mut Self>, context: Option<Context>) {
        *self.project().context = context;
    }

    /// Returns whether it runs in a context of its own.
    pub(crate) fn has_context(&self) -> bool {
        self.context.is_some()
    }
}

/// Attaches contexts to futures and streams.
///
/// ```
/// # use rollout_core as rollout;
/// use rollout::{Context, Instrument as _};
///
/// # async fn run() {
/// async { /* recorded in the trace that is active here, whoever polls it */ }
///     .in_current_trace()
///     .await;
///
/// let trace = rollout::trace("job").start();
/// async { /* recorded in that one */ }.in_context(trace.context()).await;
/// # }
/// ```
pub trait Instrument: Sized {
    /// Runs this in the given context, whatever is active where it is polled.
    fn in_context(self, context: Context) -> InContext<Self> {
        InContext::new(self, Some(context))
    }

    /// Runs this in the trace and span that are active now: for what is handed to `spawn`.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// use rollout::Instrument as _;
    ///
    /// # fn spawn(_: impl Future<Output = ()> + Send + 'static) {}
    /// spawn(async { /* recorded in the trace that was active outside */ }.in_current_trace());
    /// ```
    fn in_current_trace(self) -> InContext<Self> {
        self.in_context(Context::current())
    }
}

impl<T> Instrument for T {}

/// Puts the context back where it came from, also when the polled code panics.
pub(crate) struct Entered<'a> {
    context: &'a mut Context,
    /// The twin of what is active, among the spans of `tracing`.
    #[cfg(feature = "tracing")]
    _twin: Option<tracing::span::EnteredSpan>,
}

impl<'a> Entered<'a> {
    #[inline]
    pub(crate) fn new(context: &'a mut Context) -> Self {
        #[cfg(feature = "tracing")]
        let twin = crate::tracing::enter(context);
        swap(context);
        Self {
            context,
            #[cfg(feature = "tracing")]
            _twin: twin,
        }
    }
}

impl Drop for Entered<'_> {
    #[inline]
    fn drop(&mut self) {
        swap(self.context);
    }
}

impl<F: Future> Future for InContext<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let _entered = this.context.as_mut().map(Entered::new);
        let Some(inner) = this.inner.as_mut().as_pin_mut() else {
            return Poll::Pending;
        };
        let polled = inner.poll(cx);
        if polled.is_ready() {
            // What is left of it goes here, where its context is active anyway.
            this.inner.set(None);
        }
        polled
    }
}

impl<S: Stream> Stream for InContext<S> {
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        let _entered = this.context.as_mut().map(Entered::new);
        match this.inner.as_pin_mut() {
            Some(inner) => inner.poll_next(cx),
            None => Poll::Ready(None),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.as_ref().map_or((0, Some(0)), Stream::size_hint)
    }
}

impl<I: Iterator> Iterator for InContext<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        let _entered = self.context.as_mut().map(Entered::new);
        self.inner.as_mut()?.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner
            .as_ref()
            .map_or((0, Some(0)), Iterator::size_hint)
    }
}
