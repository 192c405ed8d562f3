//! A body that comes in pieces, and perhaps not all of them.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use std::vec;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use super::reply::{At, Fault, Reply};

/// The connection is to be closed now.
#[derive(Debug)]
pub(super) struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the script says so")
    }
}

impl std::error::Error for Broken {}

pub(super) struct PacedBody {
    pieces: vec::IntoIter<Bytes>,
    /// How long the whole body is, if the client may know.
    length: Option<u64>,
    /// Pieces until something goes wrong.
    good: Option<(usize, Fault)>,
    delay: Duration,
    pause: Option<Pin<Box<Sleep>>>,
    flushed: bool,
    /// Set if the connection is to be reset rather than closed.
    reset: Arc<AtomicBool>,
}

impl PacedBody {
    pub(super) fn new(reply: Reply, reset: Arc<AtomicBool>) -> Self {
        let length = reply.pieces.iter().map(|piece| piece.len() as u64).sum();
        Self {
            pieces: reply.pieces.into_iter(),
            length: (!reply.streamed).then_some(length),
            good: match reply.fault {
                Some((At::Piece(count), fault)) => Some((count, fault)),
                _ => None,
            },
            delay: reply.piece_delay,
            pause: None,
            flushed: false,
            reset,
        }
    }
}

impl Body for PacedBody {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        if !self.flushed {
            // When there is nothing to do, hyper sends what it has: a piece must not travel with the
            // next one, nor be lost in a fault that follows at once.
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if !self.delay.is_zero() {
            let delay = self.delay;
            let pause = self.pause.get_or_insert_with(|| Box::pin(sleep(delay)));
            ready!(pause.as_mut().poll(context));
            self.pause = None;
        }
        self.flushed = false;

        if let Some((good, fault)) = &mut self.good {
            if *good == 0 {
                let fault = *fault;
                return match fault {
                    Fault::Hang => Poll::Pending,
                    Fault::Close => Poll::Ready(Some(Err(Broken))),
                    Fault::Reset => {
                        self.reset.store(true, Ordering::Release);
                        Poll::Ready(Some(Err(Broken)))
                    }
                };
            }
            *good -= 1;
        }
        Poll::Ready(self.pieces.next().map(|piece| Ok(Frame::data(piece))))
    }

    fn size_hint(&self) -> SizeHint {
        match self.length {
            Some(length) => SizeHint::with_exact(length),
            None => SizeHint::default(),
        }
    }
}
