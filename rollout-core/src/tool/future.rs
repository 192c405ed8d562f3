use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{self, Poll};

use pin_project_lite::pin_project;

use crate::context::InContext;
use crate::function::{Call, Prepared};

pin_project! {
    /// An asynchronous tool at work: opens its call when it is first polled, and ends it when it is done.
    #[must_use = "futures do nothing unless polled"]
    pub struct ToolFuture<F, N> {
        #[pin]
        work: InContext<F>,
        prepared: Option<Prepared>,
        // `None` before the first poll, and after the last.
        call: Option<Call>,
        note: N,
    }
}

impl<F, N> ToolFuture<F, N> {
    pub(super) fn new(prepared: Prepared, work: F, note: N) -> Self {
        Self {
            work: InContext::new(work, None),
            prepared: Some(prepared),
            call: None,
            note,
        }
    }
}

impl<F, N> Future for ToolFuture<F, N>
where
    F: Future,
    N: Fn(&mut Call, &F::Output),
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        if let Some(prepared) = this.prepared.take() {
            let call = this.call.insert(prepared.open());
            this.work.as_mut().set_context(call.context());
        }
        let Some(call) = this.call else {
            return this.work.poll(cx);
        };
        let polled = call.poll(this.work, cx);
        if let Poll::Ready(result) = &polled {
            (this.note)(call, result);
            if let Some(call) = this.call.take() {
                call.end();
            }
        }
        polled
    }
}

impl<F, N> fmt::Debug for ToolFuture<F, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToolFuture")
            .field("call", &self.call)
            .finish_non_exhaustive()
    }
}
