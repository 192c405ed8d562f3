//! The client: what programs hold to record, and what everything that is recorded refers to.

mod global;

pub use global::{Guard, InitError, client, flush, shutdown, stats};
pub(crate) use global::{core as global_core, init, nobody_records};

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::clock::Clock;
use crate::config::{Builder, Config};
use crate::context::{Active, Context};
use crate::export;
use crate::id::Ids;
use crate::pipeline::Stats;
use crate::pipeline::queue::Queue;
use crate::pipeline::worker::Worker;
use crate::record::Record;
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

/// What records refer to. Apart from [`Inner`], as a record in the queue must not keep the client
/// alive, let alone be the last to drop it, on the worker's own thread.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) config: Config,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) queue: Arc<Queue>,
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
            Clock::system(),
            Ids::Random,
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
        let exporters = export::choose(&core.config, own_exporters);
        let worker = Worker::new(Arc::clone(&core), exporters);
        let thread = thread::Builder::new()
            .name("rollout".into())
            .spawn(|| worker.run())?;
        Ok(Self {
            inner: Arc::new(Inner {
                core,
                worker: Mutex::new(Some(thread)),
                pid: std::process::id(),
            }),
        })
    }

    /// Describes a fresh trace of this client; [`start`](TraceBuilder::start) opens it.
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
    /// but no longer than this.
    ///
    /// # Errors
    ///
    /// Fails when the time is over; delivery goes on.
    pub fn flush(&self, timeout: Duration) -> Result<(), FlushError> {
        if self.inner.is_forked() {
            return self.flushed(false, timeout);
        }
        let delivered = self.core().queue.flush(timeout).wait(timeout);
        self.flushed(delivered, timeout)
    }

    /// Waits, without blocking the thread, until everything recorded so far is delivered, or is on disk
    /// while the server is away, but no longer than this. Needs no particular runtime.
    ///
    /// # Errors
    ///
    /// Fails when the time is over; delivery goes on.
    pub async fn flush_async(&self, timeout: Duration) -> Result<(), FlushError> {
        if self.inner.is_forked() {
            return self.flushed(false, timeout);
        }
        let delivered = self.core().queue.flush(timeout).await;
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

    fn shutdown(&self) {
        if self.is_forked() {
            // Nobody is there to be waited for.
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

impl Core {
    /// Returns the client that records here, if any does.
    pub(crate) fn current() -> Option<Arc<Self>> {
        if nobody_records() {
            return None;
        }
        Context::with(|context| context.active.core())
            .flatten()
            .unwrap_or_else(global::core)
    }

    /// Returns the client that records in this context, if any does.
    pub(crate) fn of(context: &Context) -> Option<Arc<Self>> {
        if nobody_records() {
            return None;
        }
        match &context.active {
            Active::SampledOut(..) => None,
            Active::Remote(_, remote) if !remote.sampled => None,
            active => active.core().unwrap_or_else(global::core),
        }
    }

    pub(crate) fn recording(self: &Arc<Self>) -> Option<Arc<Self>> {
        (!self.config.disabled).then(|| Arc::clone(self))
    }

    /// Hands a record to the worker, and says whether there was room.
    pub(crate) fn push(&self, record: Record) -> bool {
        let taken = self.queue.push(record);
        if self.config.sync_mode {
            let timeout = self.config.shutdown_timeout;
            self.queue.flush(timeout).wait(timeout);
        }
        taken
    }
}

impl Active {
    /// Returns the client that is to record; `None` where the global one is.
    #[expect(
        clippy::option_option,
        reason = "nobody records, somebody does, or it is the global one's turn"
    )]
    pub(crate) fn core(&self) -> Option<Option<Arc<Core>>> {
        match self {
            Self::Nothing | Self::Remote(None, _) => None,
            Self::Suppressed => Some(None),
            Self::Client(core) | Self::SampledOut(core, _) | Self::Remote(Some(core), _) => {
                Some(core.recording())
            }
            Self::Trace(trace) => Some(Some(Arc::clone(&trace.core))),
            Self::Span(span) => Some(Some(Arc::clone(span.core()))),
        }
    }

    /// Returns the client that was chosen instead of the global one.
    pub(crate) fn recorder(&self) -> Option<Arc<Core>> {
        match self {
            Self::Nothing | Self::Suppressed => None,
            Self::Client(core) | Self::SampledOut(core, _) => Some(Arc::clone(core)),
            Self::Remote(core, _) => core.clone(),
            Self::Trace(trace) => Some(Arc::clone(&trace.core)),
            Self::Span(span) => Some(Arc::clone(span.core())),
        }
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
