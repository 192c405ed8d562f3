use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use super::Attempt;
use crate::context::{Active, Context};
use crate::failure::Failure;
use crate::llm::CallState;
use crate::llm::call::abandoned;
use crate::record::{End, Outcome};
use crate::span::SpanState;

/// The head of an answer.
#[derive(Default)]
#[non_exhaustive]
pub struct Head {
    /// The status.
    pub status: u16,
    /// Whether the content type is that of a stream of events.
    pub is_event_stream: bool,
    /// Tells the headers, on the worker.
    pub headers: Option<Box<Headers>>,
}

/// Request ids, rate limits and the like, by their lower-case names. Tell none that can hold a secret.
pub type Headers = dyn FnOnce() -> Vec<(String, String)> + Send;

impl Head {
    /// Returns a head with this status.
    pub fn new(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }
}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

/// Looks at the wire of one call.
#[must_use = "a tap that is dropped ends the call that it opened"]
pub struct WireTap {
    state: Arc<SpanState>,
    /// Whether the call is this tap's own, to be ended by it.
    owns: bool,
    done: bool,
}

impl WireTap {
    /// Returns a tap on the call that a wrapped client has opened around, if there is one whose wire
    /// nobody looks at yet.
    pub(super) fn join(around: &Context) -> Option<Self> {
        let state = around.span().filter(|span| !span.has_ended())?;
        Self::of(Arc::clone(state), false)
    }

    /// Returns a tap on a call that was opened for it.
    pub(super) fn of_own(state: Arc<SpanState>) -> Option<Self> {
        Self::of(state, true)
    }

    fn of(state: Arc<SpanState>, owns: bool) -> Option<Self> {
        state.call()?.frames.open().then_some(Self {
            state,
            owns,
            done: false,
        })
    }

    /// Notes the head of the answer.
    pub fn head(&self, head: Head) {
        self.with_call(|call| call.with_transport(|transport| transport.head = Some(head)));
    }

    /// Takes bytes of the body, by reference count.
    pub fn frame(&self, frame: Bytes) {
        let core = self.state.core();
        let at = core.clock.now();
        self.with_call(|call| {
            if call.frames.push(at, frame) {
                core.queue.wake();
            }
        });
    }

    /// Notes that the body came to its end.
    pub fn finish(mut self) {
        self.end(|| Outcome::Ok);
    }

    /// Notes that the exchange failed.
    pub fn fail(mut self, failure: impl FnOnce() -> Failure) {
        self.end(|| Outcome::Failed(Box::new(failure())));
    }

    pub(super) fn propagate(&self, set: impl FnMut(&'static str, &str)) {
        if self.state.core().config.propagate_context {
            let active = Active::Span(Arc::clone(&self.state));
            Context::new(active, None).inject(set);
        }
    }

    pub(super) fn set_attempts(&self, attempts: Vec<Attempt>) {
        if !attempts.is_empty() {
            self.with_call(|call| {
                call.with_transport(|transport| transport.attempts = attempts);
            });
        }
    }

    fn end(&mut self, outcome: impl FnOnce() -> Outcome) {
        if !std::mem::replace(&mut self.done, true) && self.owns {
            self.state.end(|at| End {
                at,
                outcome: outcome(),
                ..End::default()
            });
        }
    }

    fn with_call(&self, note: impl FnOnce(&CallState)) {
        if let Some(call) = self.state.call() {
            note(call);
        }
    }
}

impl Drop for WireTap {
    /// Bodies are dropped before their end as a matter of course: a reader has no reason to go on
    /// after `[DONE]`. Whether it was the end is decided by the content.
    fn drop(&mut self) {
        self.end(abandoned);
    }
}

impl fmt::Debug for WireTap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WireTap")
            .field("owns", &self.owns)
            .finish_non_exhaustive()
    }
}
