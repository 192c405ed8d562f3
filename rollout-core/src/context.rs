//! What is active: which client records, which trace and span the code that runs belongs to, and on
//! whose behalf it runs.
//!
//! It is a thread's own. A guard makes a context active until it is dropped; a future or a stream
//! makes its own active whenever it is polled. No runtime is needed and none is assumed.

mod instrument;
mod remote;
mod thread;

pub(crate) use instrument::Entered;
pub use instrument::{InContext, Instrument};
pub(crate) use remote::Remote;
pub use thread::ContextGuard;
use thread::Held;

use std::fmt;
use std::sync::Arc;

use crate::client::Core;
use crate::id::{SpanId, TraceId};
use crate::llm::wire::Exchange;
use crate::span::SpanState;
use crate::trace::TraceState;
use crate::user::UserScope;

/// What is active. Cheap to clone; can be carried into other threads and tasks.
///
/// ```
/// # use rollout_core as rollout;
/// use rollout::Context;
///
/// let context = Context::current();
/// std::thread::spawn(move || {
///     let _active = context.attach();
///     // Spans that are opened here belong to the trace that was active there.
/// });
/// ```
#[derive(Clone, Default)]
pub struct Context {
    pub(crate) active: Active,
    pub(crate) user: Option<Arc<UserScope>>,
    /// The HTTP exchange that is being looked at, by a layer further out.
    pub(crate) exchange: Option<Arc<Exchange>>,
    /// The id that the model gave to the call of a tool that is about to begin.
    pub(crate) tool_call_id: Option<Arc<str>>,
    held: Held,
    /// The call to a model that somebody else's span tells of, to be told when we see it ourselves.
    #[cfg(feature = "tracing")]
    pub(crate) foreign_call: Option<Arc<crate::tracing::ForeignCall>>,
}

#[derive(Clone, Default)]
pub(crate) enum Active {
    #[default]
    Nothing,
    /// Nothing is to be recorded: on the threads of the recorder itself.
    Suppressed,
    /// No trace, but a client that is to be used instead of the global one.
    Client(Arc<Core>),
    /// A trace that is not recorded; neither is anything in it.
    SampledOut(Arc<Core>, TraceId),
    /// No trace of this process, but one of another. Recorded by this client, if not by the global one.
    Remote(Option<Arc<Core>>, Arc<Remote>),
    Trace(Arc<TraceState>),
    Span(Arc<SpanState>),
}

impl Context {
    /// Returns what is active now, on this thread.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// # let recording = rollout::testing::record();
    /// # recording.in_scope(|| rollout::trace("support").start().in_scope(|| {
    /// let context = rollout::Context::current();
    /// std::thread::spawn(move || context.in_scope(|| rollout::span("elsewhere").start().end()))
    ///     .join()
    ///     .unwrap();
    /// # }));
    /// # assert_eq!(recording.run().steps.len(), 1);
    /// ```
    pub fn current() -> Self {
        Self::with(Self::clone).unwrap_or_default()
    }

    /// Makes this context active on this thread until the guard is dropped.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// # let recording = rollout::testing::record();
    /// # let trace = recording.client().trace("support").start();
    /// # let context = trace.context();
    /// let active = context.attach();
    /// rollout::span("a step of the trace").start().end();
    /// drop(active);
    /// assert_eq!(rollout::current_trace().id(), None);
    /// ```
    #[must_use = "the context is active while the guard lives"]
    pub fn attach(self) -> ContextGuard {
        ContextGuard::new(self)
    }

    /// Runs `work` in this context. A future that it returns is not: it runs when it is awaited, and
    /// is given to [`in_context`](crate::Instrument::in_context) for that.
    pub fn in_scope<R>(self, work: impl FnOnce() -> R) -> R {
        let _active = self.attach();
        work()
    }

    /// Returns the id of the active trace.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// # let recording = rollout::testing::record();
    /// let trace = recording.client().trace("support").start();
    /// let step = trace.span("lookup").start();
    /// let context = step.context();
    /// assert_eq!((context.trace_id(), context.span_id()), (trace.id(), step.id()));
    /// ```
    pub fn trace_id(&self) -> Option<TraceId> {
        match &self.active {
            Active::SampledOut(_, id) => Some(*id),
            Active::Remote(_, remote) => Some(remote.trace),
            _ => self.trace().map(|trace| trace.id),
        }
    }

    /// Returns the id of the active span.
    pub fn span_id(&self) -> Option<SpanId> {
        match &self.active {
            Active::Remote(_, remote) => Some(remote.span),
            _ => self.span().map(|span| span.id),
        }
    }

    pub(crate) fn remote(&self) -> Option<&Arc<Remote>> {
        match &self.active {
            Active::Remote(_, remote) => Some(remote),
            _ => None,
        }
    }

    pub(crate) fn trace(&self) -> Option<&Arc<TraceState>> {
        match &self.active {
            Active::Trace(trace) => Some(trace),
            Active::Span(span) => Some(&span.trace),
            _ => None,
        }
    }

    pub(crate) fn span(&self) -> Option<&Arc<SpanState>> {
        match &self.active {
            Active::Span(span) => Some(span),
            _ => None,
        }
    }

    /// Returns the context in which this is active.
    pub(crate) fn new(active: Active, user: Option<Arc<UserScope>>) -> Self {
        Self {
            active,
            user,
            ..Self::default()
        }
    }

    /// Returns the context of the recorder's own threads, where nothing is recorded.
    pub(crate) fn suppressed() -> Self {
        Self {
            active: Active::Suppressed,
            ..Self::default()
        }
    }

    /// Calls `read` with what is active; `None` while the thread is being torn down.
    pub(crate) fn with<R>(read: impl FnOnce(&Self) -> R) -> Option<R> {
        thread::read(read)
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("trace_id", &self.trace_id())
            .field("span_id", &self.span_id())
            .finish_non_exhaustive()
    }
}
