//! For layers that see a call's HTTP exchange: the bytes both ways, the attempts, the headers.
//!
//! A layer joins the call that a wrapped client has opened around it, or opens one itself; a call
//! that both see is one span.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::call::{abandoned, begin};
use super::chunks::Frames;
use super::{CallOptions, CallState};
use crate::capture::Payload;
use crate::clock::Tick;
use crate::context::{Active, Context};
use crate::failure::Failure;
use crate::instrument::Scope;
use crate::record::{End, Outcome};
use crate::span::SpanState;

/// How many bytes of one body may wait for the worker. What is beyond is passed on and not kept.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// One try at sending a request.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Attempt {
    /// The status that was answered.
    pub status: Option<u16>,
    /// What went wrong where there was no answer.
    pub error: Option<String>,
    /// How long it took until the head of the answer was there.
    pub duration: Duration,
    /// The provider's id of the request.
    pub request_id: Option<String>,
    /// What the provider said about when to try again.
    pub retry_after: Option<String>,
}

/// The head of an answer. Of its headers hand over none that can hold a secret.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Head {
    /// The status.
    pub status: u16,
    /// The content type.
    pub content_type: Option<String>,
    /// Request ids, rate limits and the like, by their lower-case names.
    pub headers: Vec<(String, String)>,
}

/// The surroundings of a request, noted when it is made and before it is known what it is.
#[derive(Debug)]
pub struct Pending {
    around: Context,
    started: Option<Tick>,
}

impl Pending {
    /// Notes the context and the time.
    pub fn new(scope: &Scope) -> Self {
        let around = Context::current();
        let started = scope.core(&around).map(|core| core.clock.now());
        Self { around, started }
    }

    /// Returns the call that a wrapped client has opened around this request, if there is one whose
    /// wire nobody looks at yet.
    pub fn join(&self) -> Option<WireTap> {
        let state = self.active_call()?;
        let call = state.call()?;
        if !call.tap() {
            return None;
        }
        Some(WireTap::new(Arc::clone(state), false))
    }

    /// Returns whether the wire of the active call is looked at already, further out.
    pub fn is_tapped(&self) -> bool {
        self.active_call().and_then(|state| state.call()).is_some_and(CallState::is_tapped)
    }

    /// Notes an attempt at the call whose wire is looked at further out.
    pub fn note_attempt(&self, attempt: Attempt) {
        if let Some(call) = self.active_call().and_then(|state| state.call()) {
            call.with_transport(|transport| transport.attempts.push(attempt));
        }
    }

    /// Opens a call with this request; `None` where nothing is recorded.
    pub fn open(&self, scope: &Scope, options: CallOptions, request: Bytes) -> Option<WireTap> {
        // Nobody records, or the trace is sampled out.
        let started = self.started?;
        let state = begin(scope, options, &self.around, Some(started), || Payload::bytes(request))?;
        if let Some(call) = state.call() {
            call.tap();
        }
        Some(WireTap::new(state, true))
    }

    fn active_call(&self) -> Option<&Arc<SpanState>> {
        self.around.span().filter(|span| span.call().is_some() && !span.has_ended())
    }
}

/// Looks at the wire of one call.
#[must_use = "a tap that is dropped ends the call that it opened"]
pub struct WireTap {
    state: Arc<SpanState>,
    frames: Arc<Frames>,
    /// Whether the call is this tap's own, to be ended by it.
    owns: bool,
    done: bool,
}

impl WireTap {
    fn new(state: Arc<SpanState>, owns: bool) -> Self {
        let frames = Arc::new(Frames::new(MOST_BYTES));
        if let Some(call) = state.call() {
            let _ = call.frames.set(Arc::clone(&frames) as _);
        }
        Self { state, frames, owns, done: false }
    }

    /// Returns the context in which the request is to be sent.
    pub fn context(&self) -> Context {
        let user = self.state.user.clone();
        Context { active: Active::Span(Arc::clone(&self.state)), user }
    }

    /// Notes that a request is being sent, where nobody sees how it goes.
    pub fn note_attempts(&self, attempts: usize) {
        self.with_call(|call| {
            call.with_transport(|transport| {
                // Somebody further in has seen each and knows more.
                if transport.attempts.len() < attempts {
                    transport.attempts.resize_with(attempts, Attempt::default);
                }
            });
        });
    }

    /// Notes the head of the answer.
    pub fn head(&self, head: Head) {
        self.with_call(|call| {
            call.with_transport(|transport| {
                transport.status = Some(head.status);
                transport.content_type = head.content_type;
                transport.headers = head.headers;
            });
        });
    }

    /// Takes bytes of the body, by reference count.
    pub fn frame(&self, frame: Bytes) {
        let core = self.state.core();
        if self.frames.push(core.clock.now(), frame) {
            core.queue.wake();
        }
    }

    /// Notes that the body came to its end.
    pub fn finish(mut self) {
        self.end(|| Outcome::Ok);
    }

    /// Notes that the exchange failed.
    pub fn fail(mut self, failure: impl FnOnce() -> Failure) {
        self.end(|| Outcome::Failed(Box::new(failure())));
    }

    fn end(&mut self, outcome: impl FnOnce() -> Outcome) {
        if !std::mem::replace(&mut self.done, true) && self.owns {
            self.state.end(|at| End { at, outcome: outcome(), ..End::default() });
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
        f.debug_struct("WireTap").field("owns", &self.owns).finish_non_exhaustive()
    }
}

impl Attempt {
    /// Returns an attempt that was answered with this status.
    pub fn answered(status: u16, duration: Duration) -> Self {
        Self { status: Some(status), duration, ..Self::default() }
    }

    /// Returns an attempt that failed.
    pub fn failed(error: &str, duration: Duration) -> Self {
        let error = crate::failure::redact(error).into_owned();
        Self { error: Some(error), duration, ..Self::default() }
    }
}

impl Head {
    /// Returns a head with this status.
    pub fn new(status: u16) -> Self {
        Self { status, ..Self::default() }
    }
}
