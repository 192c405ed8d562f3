use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
#[cfg(feature = "tracing")]
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use serde_json::Value;

use super::parent;
use crate::client::Core;
use crate::clock::Tick;
use crate::context::{Context, Remote};
use crate::id::{SpanId, TraceId};
use crate::noted::Noted;
use crate::pipeline::{redact, sampler};
use crate::protocol;
use crate::record::{End, Record};
use crate::user::UserScope;

/// Keys and values that have no field of their own.
pub(crate) type Attributes = Vec<(Cow<'static, str>, Value)>;

/// A trace that is recorded. Lives as long as anything of it is to be recorded, also after its end.
pub(crate) struct TraceState {
    pub(crate) core: Arc<Core>,
    pub(crate) id: TraceId,
    pub(crate) external_id: Option<String>,
    pub(crate) name: Cow<'static, str>,
    pub(crate) started: Tick,
    pub(crate) attributes: Attributes,
    /// What the trace itself says of its user.
    pub(crate) context: Option<Box<protocol::Context>>,
    /// What it belongs to in other systems.
    pub(crate) links: Option<Box<protocol::Links>>,
    /// The user's scope it began in.
    pub(crate) user: Option<Arc<UserScope>>,
    pub(crate) origin: Option<Origin>,
    /// The span of another process that it is part of.
    pub(crate) remote: Option<Arc<Remote>>,
    /// Its own span below that one, if it has one.
    pub(crate) entry: Option<SpanId>,
    pub(crate) noted: Noted,
    /// Its twin among the spans of `tracing`.
    #[cfg(feature = "tracing")]
    pub(crate) twin: OnceLock<crate::tracing::Twin>,
    sequence: AtomicU64,
    open: AtomicUsize,
    refused: AtomicBool,
    ended: AtomicBool,
}

/// Where a trace was begun: inside another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    pub(crate) trace: TraceId,
    pub(crate) span: Option<SpanId>,
}

/// What is to be known of a trace that is about to begin.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) name: Cow<'static, str>,
    pub(crate) id: Option<TraceId>,
    pub(crate) external_id: Option<String>,
    pub(crate) attributes: Attributes,
    pub(crate) context: Option<Box<protocol::Context>>,
    pub(crate) links: Option<Box<protocol::Links>>,
    /// Whether it has a span of its own where it is part of another process' trace.
    pub(crate) enters: bool,
}

/// Which one it is. What it says is the program's, and no affair of logs.
impl fmt::Debug for TraceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TraceState")
            .field("id", &self.id)
            .field("name", &redact::text(&self.name))
            .finish_non_exhaustive()
    }
}

/// Returns an id for a trace whose external id has decided already. Where that one is kept, so is this
/// one, so that feedback by either id finds it.
fn fresh_id(core: &Core, kept: bool) -> TraceId {
    // One in `1 / rate` will do, but only that share of traces looks for one: a draw or two a trace. So
    // many are enough for any rate that anybody samples at, and a matter of milliseconds.
    const MOST_DRAWS: usize = 100_000;
    let mut id = core.ids.trace();
    for _ in 0..MOST_DRAWS {
        if !kept || sampler::keeps(core.config.sample_rate, id) {
            break;
        }
        id = core.ids.trace();
    }
    id
}

impl TraceState {
    /// Begins a trace in the given surroundings.
    ///
    /// # Errors
    ///
    /// Returns its id where it is not to be recorded.
    pub(crate) fn begin(
        core: &Arc<Core>,
        plan: Plan,
        around: &Context,
        started: Tick,
    ) -> Result<Arc<Self>, TraceId> {
        let found;
        let remote = match around.remote() {
            // An id of one's own says that it is another trace.
            _ if plan.id.is_some() => None,
            None => {
                found = parent::find(core, around);
                found.as_ref().and_then(Context::remote)
            }
            remote => remote,
        };
        let rate = core.config.sample_rate;
        // Who has the program's own id only, as feedback often does, has to come to the same decision.
        let (id, kept) = match (remote, &plan.external_id) {
            (Some(remote), _) => (remote.trace, remote.sampled),
            (None, Some(external)) => {
                let kept = sampler::keeps_external(rate, external);
                let fresh = || fresh_id(core, kept);
                (plan.id.unwrap_or_else(fresh), kept)
            }
            (None, None) => {
                let id = plan.id.unwrap_or_else(|| core.ids.trace());
                (id, sampler::keeps(rate, id))
            }
        };
        if !kept {
            return Err(id);
        }
        Ok(Arc::new(Self {
            core: Arc::clone(core),
            id,
            external_id: plan.external_id,
            name: plan.name,
            started,
            attributes: plan.attributes,
            context: plan.context,
            links: plan.links,
            user: around.user.clone(),
            origin: around.trace().map(|trace| Origin {
                trace: trace.id,
                span: around.span_id(),
            }),
            remote: remote.cloned(),
            entry: (remote.is_some() && plan.enters).then(|| core.ids.span()),
            noted: Noted::default(),
            #[cfg(feature = "tracing")]
            twin: OnceLock::new(),
            sequence: AtomicU64::new(0),
            open: AtomicUsize::new(0),
            refused: AtomicBool::new(false),
            ended: AtomicBool::new(false),
        }))
    }

    /// Opens its twin among the spans of `tracing`, if the program wants one.
    #[cfg(feature = "tracing")]
    pub(crate) fn show(&self, around: &Context) {
        if let Some(twin) = crate::tracing::Twin::of_trace(self, around) {
            let _ = self.twin.set(twin);
        }
    }

    /// Returns the number of the next event. Called on the worker, so in the order of the queue.
    pub(crate) fn next_sequence(&self) -> u64 {
        if let Some(remote) = &self.remote {
            return remote.next_sequence();
        }
        self.sequence.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Returns the span that what is directly in the trace is below of, in another process or another
    /// system.
    pub(crate) fn root_span(&self) -> SpanId {
        let remote = || self.remote.as_ref().map(|remote| remote.span);
        self.entry
            .or_else(remote)
            .unwrap_or_else(|| self.id.root_span())
    }

    /// Returns the span that what is directly in the trace is below of, in this trace's own events.
    pub(crate) fn parent_of_spans(&self) -> Option<SpanId> {
        self.remote.as_ref().map(|_| self.root_span())
    }

    /// Notes that a span began. Called on the worker, as is what follows.
    pub(crate) fn span_began(&self) {
        self.open.fetch_add(1, Ordering::Relaxed);
    }

    /// Notes that a span ended.
    pub(crate) fn span_ended(&self) {
        let open = self.open_spans().saturating_sub(1);
        self.open.store(open, Ordering::Relaxed);
    }

    /// Returns how many spans have begun and not ended.
    pub(crate) fn open_spans(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// Marks the trace as one that there was no room for: nothing of it is recorded.
    pub(crate) fn refuse(&self) {
        self.refused.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_refused(&self) -> bool {
        self.refused.load(Ordering::Relaxed)
    }

    /// Ends the trace; only the first call counts.
    pub(crate) fn end(self: &Arc<Self>, end: impl FnOnce(Tick) -> End) {
        if self.ended.swap(true, Ordering::Relaxed) {
            return;
        }
        let mut end = end(self.core.clock.now());
        self.noted.add_to(&mut end);
        #[cfg(feature = "tracing")]
        if let Some(twin) = self.twin.get() {
            twin.close(&end.outcome);
        }
        if self.is_refused() {
            self.core.queue.count_refused(1);
            return;
        }
        self.core.push(Record::TraceEnded {
            trace: Arc::clone(self),
            end,
        });
        self.core.queue.hurry();
    }
}
