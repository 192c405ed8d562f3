//! The client: what programs hold to record, and what everything that is recorded refers to.

mod core;
mod global;
mod start;

pub(crate) use self::core::Core;
pub use global::{Guard, InitError, client, flush, shutdown, stats};
pub(crate) use global::{core as global_core, init, nobody_records};

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::config::Builder;
use crate::context::{Active, Context};
use crate::pipeline::latch::Latch;
use crate::pipeline::queue::Queue;
use crate::pipeline::{Stats, own};
use crate::trace::TraceBuilder;

/// A recorder: where it is handed over, everything is recorded by it.
///
/// Cheap to clone; all clones are the same client. When the last one is dropped, what is left is
/// delivered, for which it waits no longer than the `shutdown_timeout`.
///
/// ```
/// let rollout = rollout_core::Rollout::builder().disabled(true).build()?;
/// let trace = rollout.trace("nightly report").start();
/// # drop(trace);
/// # Ok::<(), rollout_core::BuildError>(())
/// ```
#[derive(Clone)]
pub struct Rollout {
    inner: Arc<Inner>,
}

struct Inner {
    core: Arc<Core>,
    worker: Mutex<Option<thread::JoinHandle<()>>>,
    /// Of the process that the worker runs in. A process that is forked off has this client, but no
    /// worker, and its parent sends what was recorded before.
    pid: u32,
}

/// The client could not be started.
#[derive(Debug, thiserror::Error)]
#[error("the worker's thread could not be started")]
pub struct BuildError(#[from] std::io::Error);

/// Not everything was delivered in time. Nothing is lost by that: delivery goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{queued} events were not delivered within {timeout:?}; delivery goes on")]
pub struct FlushError {
    queued: u64,
    timeout: Duration,
}

impl Rollout {
    /// Returns a builder with all options open.
    pub fn builder() -> Builder {
        Builder::default()
    }

    pub(crate) fn start(builder: Builder) -> Result<Self, BuildError> {
        #[cfg(any(test, feature = "testing"))]
        let (clock, ids, lookup) = builder.staging.stage();
        #[cfg(not(any(test, feature = "testing")))]
        let (clock, ids, lookup) = (
            crate::clock::Clock::system(),
            crate::id::Ids::Random,
            crate::config::environment::process,
        );
        let (config, own_exporters) = builder.resolve(&lookup);
        let queue = Arc::new(Queue::new(config.queue, config.batch.events));
        let core = Arc::new(Core {
            config,
            clock,
            ids,
            queue,
        });
        if core.config.disabled {
            global::somebody_is_switched_off();
            let diagnostics = &core.config.diagnostics;
            diagnostics.debug("nothing is recorded: it is disabled");
            // Nobody serves the queue, and nobody is to wait for it.
            drop(core.queue.close(Duration::ZERO));
            core.queue.take(&mut VecDeque::new());
            return Ok(Self {
                inner: Arc::new(Inner {
                    core,
                    worker: Mutex::default(),
                    pid: std::process::id(),
                }),
            });
        }
        global::somebody_records();
        let thread = start::worker(&core, own_exporters)?;
        Ok(Self {
            inner: Arc::new(Inner {
                core,
                worker: Mutex::new(Some(thread)),
                pid: std::process::id(),
            }),
        })
    }

    /// Describes a fresh trace of this client; [`start`](TraceBuilder::start) opens it.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// # let rollout = rollout::builder().exporter(rollout::MemoryExporter::new()).build()?;
    /// let trace = rollout.trace("support").user_id("u1").start();
    /// trace.in_scope(|| rollout::span("lookup").start().end()); // is recorded by this client as well
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn trace(&self, name: impl Into<std::borrow::Cow<'static, str>>) -> TraceBuilder {
        TraceBuilder::new(self.core().recording(), name.into())
    }

    /// Returns the context in which this client records, instead of the global one.
    ///
    /// ```
    /// # let rollout = rollout_core::Rollout::builder().disabled(true).build()?;
    /// rollout.context().in_scope(|| { /* attributes and wrapped clients record here */ });
    /// # Ok::<(), rollout_core::BuildError>(())
    /// ```
    pub fn context(&self) -> Context {
        let user = Context::with(|context| context.user.clone()).flatten();
        Context::new(Active::Client(Arc::clone(&self.inner.core)), user)
    }

    /// Blocks until everything recorded so far is delivered, or is on disk while the server is away,
    /// but no longer than this. Called by a hook, an exporter or the handler of diagnostics it does not wait
    /// at all, as that would be to wait for itself.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// # let rollout = rollout::builder().exporter(rollout::MemoryExporter::new()).build()?;
    /// use std::time::Duration;
    ///
    /// rollout.trace("support").start().end();
    /// rollout.flush(Duration::from_secs(2))?;
    /// assert_eq!(rollout.stats().exported, 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails when the time is over; delivery goes on.
    pub fn flush(&self, timeout: Duration) -> Result<(), FlushError> {
        let latch = self.inner.delivery();
        self.flushed(latch.is_some_and(|latch| latch.wait(timeout)), timeout)
    }

    /// Waits, without blocking the thread, until everything recorded so far is delivered, or is on disk
    /// while the server is away, but no longer than this. Needs no particular runtime, and does not wait for
    /// itself, as [`flush`](Self::flush) does not.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// # async fn answer(rollout: rollout::Rollout) {
    /// use std::time::Duration;
    ///
    /// if let Err(late) = rollout.flush_async(Duration::from_secs(2)).await {
    ///     eprintln!("{late}"); // nothing is lost by that
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Fails when the time is over; delivery goes on.
    pub async fn flush_async(&self, timeout: Duration) -> Result<(), FlushError> {
        let delivered = match self.inner.delivery() {
            Some(latch) => latch.within(timeout).await,
            None => false,
        };
        self.flushed(delivered, timeout)
    }

    fn flushed(&self, delivered: bool, timeout: Duration) -> Result<(), FlushError> {
        match self.stats().queued {
            queued if !delivered && queued > 0 => Err(FlushError { queued, timeout }),
            _ => Ok(()),
        }
    }

    /// Delivers what is left, for which it waits no longer than the `shutdown_timeout`, and records
    /// nothing from here on. Says so on standard error if anything was lost.
    ///
    /// Calling it again does nothing.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// # let rollout = rollout::builder().exporter(rollout::MemoryExporter::new()).build()?;
    /// rollout.trace("support").start().end();
    /// let stats = rollout.shutdown();
    /// assert_eq!((stats.exported, stats.dropped.total()), (2, 0));
    /// assert!(!rollout.is_recording());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn shutdown(&self) -> Stats {
        self.inner.shutdown();
        self.stats()
    }

    /// Returns how many events were recorded, and what became of them.
    pub fn stats(&self) -> Stats {
        self.core().queue.stats()
    }

    /// Returns whether this client records: neither disabled nor shut down, and not that of the process
    /// that this one was forked off.
    pub fn is_recording(&self) -> bool {
        !self.inner.is_forked() && !self.core().config.disabled && !self.core().queue.is_closed()
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.inner.core
    }
}

/// How much longer than the exporters' time a shutdown waits for the worker itself.
const GRACE: Duration = Duration::from_millis(250);

impl Inner {
    fn is_forked(&self) -> bool {
        self.pid != std::process::id()
    }

    /// Returns what opens when all that was recorded is delivered, where that may be waited for.
    fn delivery(&self) -> Option<Latch> {
        (!self.is_forked()).then(|| self.core.delivery()).flatten()
    }

    fn shutdown(&self) {
        if self.is_forked() {
            // Nobody is there to be waited for.
            return;
        }
        if own::is_this_thread() {
            // The worker does it when it is back from the hook.
            drop(self.core.queue.close(self.core.config.shutdown_timeout));
            return;
        }
        let worker = self
            .worker
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(thread) = worker else { return };
        let Core { config, queue, .. } = &*self.core;
        let timeout = config.shutdown_timeout;
        if queue.close(timeout).wait(timeout.saturating_add(GRACE)) {
            // It has said that it is done; what is left of it is its way out.
            let _ = thread.join();
        }
        let stats = queue.abandon();
        if stats.dropped.total() > 0 {
            config.diagnostics.error(stats);
        } else if stats.spooled > 0 {
            config.diagnostics.info(stats);
        } else {
            config.diagnostics.debug(stats);
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shutdown();
    }
}

impl fmt::Debug for Rollout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rollout")
            .field("config", &self.core().config)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defect_33_a_process_that_was_forked_off_neither_sends_nor_waits() {
        let memory = crate::MemoryExporter::new();
        let mut rollout = Rollout::builder()
            .exporter(memory.clone())
            .shutdown_timeout(Duration::from_secs(60))
            .build()
            .unwrap();
        rollout.trace("of the parent").start().end();
        rollout.flush(Duration::from_secs(60)).unwrap();
        // As it looks from there.
        let inner = Arc::get_mut(&mut rollout.inner).unwrap();
        inner.pid = inner.pid.wrapping_add(1);
        assert!(!rollout.is_recording());
        rollout.trace("of the child").start().end();
        let started = std::time::Instant::now();
        let _ = rollout.flush(Duration::from_secs(60));
        rollout.shutdown();
        assert!(started.elapsed() < Duration::from_secs(30));
        assert_eq!(rollout.stats().exported, 2);
        // Back in the parent, whose worker runs.
        let inner = Arc::get_mut(&mut rollout.inner).unwrap();
        inner.pid = inner.pid.wrapping_sub(1);
        rollout.shutdown();
    }

    #[test]
    fn no_time_is_too_long_to_wait_for() {
        for sync in [false, true] {
            let rollout = Rollout::builder()
                .exporter(crate::MemoryExporter::new())
                .flush_interval(Duration::MAX)
                .shutdown_timeout(Duration::MAX)
                .flush(crate::Flush::Wait)
                .sync_mode(sync)
                .build()
                .unwrap();
            rollout.trace("patient").start().end();
            rollout.flush(Duration::MAX).unwrap();
            assert_eq!(rollout.shutdown().exported, 2);
        }
    }
}
