//! What records refer to, and which client records where.

use std::sync::Arc;

use super::global::{self, nobody_records};
use crate::clock::Clock;
use crate::config::Config;
use crate::context::{Active, Context};
use crate::id::Ids;
use crate::pipeline::latch::Latch;
use crate::pipeline::own;
use crate::pipeline::queue::Queue;
use crate::record::Record;

/// What records refer to. Apart from the client itself, as a record in the queue must not keep the client
/// alive, let alone be the last to drop it, on the worker's own thread.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) config: Config,
    pub(crate) clock: Clock,
    pub(crate) ids: Ids,
    pub(crate) queue: Arc<Queue>,
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
        // What hooks and exporters do is not recorded: each record would lead to the next one.
        (!self.config.disabled && !own::is_this_thread()).then(|| Arc::clone(self))
    }

    /// Hands a record to the worker, and says whether there was room.
    pub(crate) fn push(&self, record: Record) -> bool {
        let taken = self.queue.push(record);
        if self.config.sync_mode
            && let Some(latch) = self.delivery()
        {
            latch.wait(self.config.shutdown_timeout);
        }
        taken
    }

    /// Returns what opens when all that was recorded is delivered; `None` where nobody may wait for it: in a
    /// process that was forked off, as there is no worker, and on the recorder's own threads, which would
    /// wait for themselves.
    pub(crate) fn delivery(&self) -> Option<Latch> {
        (!own::is_this_thread() && self.queue.is_served()).then(|| self.queue.flush())
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
