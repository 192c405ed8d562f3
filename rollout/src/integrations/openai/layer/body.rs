use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use reqwest::Body;
use rollout_core::Failure;
use rollout_core::llm::wire::WireTap;

/// A body that shows its bytes to the recorder as they pass. Untouched, and in the same poll.
pub(super) struct Watched {
    inner: Body,
    /// `None` once the body has ended.
    tap: Option<WireTap>,
}

impl Watched {
    pub(super) fn new(inner: Body, tap: WireTap) -> Self {
        let mut body = Self {
            inner,
            tap: Some(tap),
        };
        body.finish_if_ended();
        body
    }

    /// Who reads a body of known length has no reason to ask for more once it is there.
    fn finish_if_ended(&mut self) {
        if self.inner.is_end_stream()
            && let Some(tap) = self.tap.take()
        {
            tap.finish();
        }
    }
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = reqwest::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, reqwest::Error>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                if let (Some(tap), Some(data)) = (&self.tap, frame.data_ref()) {
                    tap.frame(data.clone());
                }
                self.finish_if_ended();
            }
            Poll::Ready(Some(Err(error))) => {
                if let Some(tap) = self.tap.take() {
                    tap.fail(|| Failure::new(error));
                }
            }
            Poll::Ready(None) => {
                if let Some(tap) = self.tap.take() {
                    tap.finish();
                }
            }
            Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
