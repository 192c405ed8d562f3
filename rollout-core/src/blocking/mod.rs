//! Waiting for asynchronous work from code that is not: what `.blocking()` of a wrapped client is made
//! of.
//!
//! The clients of providers are asynchronous, and need a tokio runtime that drives their sockets and
//! timers. [`Background`] is that runtime: one thread of its own, shared by the whole program, started
//! when it is first asked for. The futures themselves are polled on the thread that waits for them, so
//!
//! - they may borrow, and need not be `Send`: a blocking twin of `async fn complete(&self, request:
//!   &Request)` takes the same reference;
//! - the trace and the user that are active on the thread stay active in them;
//! - a panic in them is a panic of the thread that waits, and dropping is done by it, too;
//! - threads that wait at the same time do not wait for each other.
//!
//! It works in a plain `fn main`, in any thread, and inside of any runtime, where it blocks its
//! thread as every blocking call does.
//!
//! # A twin of an asynchronous client
//!
//! The twin holds a [`Background`], which it is given when it is made: that the thread can't be
//! started is an error there and nowhere else. Its methods wait for the methods of the original, and
//! turn streams into iterators:
//!
//! ```
//! use rollout_core::blocking::{Background, Iter, StartError};
//! # use futures_core::Stream;
//! # struct Words;
//! # impl Stream for Words {
//! #     type Item = String;
//! #     fn poll_next(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<Option<String>> {
//! #         std::task::Poll::Ready(None)
//! #     }
//! # }
//! struct Gateway;
//!
//! impl Gateway {
//!     async fn complete(&self, prompt: &str) -> String { prompt.to_uppercase() }
//!     async fn stream(&self, prompt: &str) -> Words { Words }
//!     fn blocking(self) -> Result<BlockingGateway, StartError> {
//!         Ok(BlockingGateway { inner: self, background: Background::start()? })
//!     }
//! }
//!
//! struct BlockingGateway { inner: Gateway, background: Background }
//!
//! impl BlockingGateway {
//!     fn complete(&self, prompt: &str) -> String {
//!         self.background.wait(self.inner.complete(prompt))
//!     }
//!     fn stream(&self, prompt: &str) -> Iter<Words> {
//!         self.background.iterate(self.background.wait(self.inner.stream(prompt)))
//!     }
//! }
//!
//! assert_eq!(Gateway.blocking()?.complete("hello"), "HELLO");
//! # Ok::<(), StartError>(())
//! ```
//!
//! # One client for both
//!
//! An HTTP client keeps idle connections, each driven by the runtime that it was opened on. Where a
//! client is used in asynchronous code of a runtime of several threads, and in blocking calls inside of
//! it, the other threads drive the connection that a call waits for. A runtime of one thread stands
//! still while its thread waits, so a call may wait for ever. [`Residence`] knows when that could be,
//! and clients with an error to say it return [`StandstillError`] in theirs.

mod iter;
mod standstill;
mod thread;
mod wait;

use std::fmt;
use std::io;

use tokio::runtime::Handle;

pub use iter::Iter;
pub use standstill::{Residence, StandstillError};

/// The thread that drives sockets and timers for those who wait. Cheap to clone; all are the same
/// thread.
#[derive(Clone)]
pub struct Background {
    handle: Handle,
}

/// The thread that blocking calls need can't be started.
#[derive(Debug, thiserror::Error)]
#[error("can't start the thread that blocking calls need")]
pub struct StartError(#[from] io::Error);

impl Background {
    /// Returns the thread, and starts it if it does not run yet.
    ///
    /// # Errors
    ///
    /// Fails if the system refuses a thread, or what a runtime needs. Trying again later is fine.
    pub fn start() -> Result<Self, StartError> {
        let handle = thread::handle()?;
        Ok(Self { handle })
    }

    /// Waits on this thread until the future is done, however long that takes.
    ///
    /// The runtime is there while the future is polled. What needs it earlier, such as a plain function
    /// that sets a timer and returns a future, is called in an `async` block.
    pub fn wait<F: Future>(&self, future: F) -> F::Output {
        let handle = self.driver();
        wait::wait(&handle, future)
    }

    /// Turns a stream into an iterator, each of whose items is waited for.
    pub fn iterate<S>(&self, stream: S) -> Iter<S> {
        Iter::new(stream, self.clone())
    }

    /// Returns a runtime that is not waiting for us: a task on the background thread that blocks
    /// would otherwise wait for itself.
    fn driver(&self) -> Handle {
        if thread::is_background() {
            thread::handle().unwrap_or_else(|_| self.handle.clone())
        } else {
            self.handle.clone()
        }
    }
}

impl fmt::Debug for Background {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Background").finish_non_exhaustive()
    }
}
