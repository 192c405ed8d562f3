use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

use super::{Exchange, Head};
use crate::capture::Payload;
use crate::clock::Tick;
use crate::context::{Context, InContext, Instrument as _};
use crate::failure::Failure;
use crate::instrument::Scope;
use crate::llm::call::{abandoned, begin};
use crate::llm::chunks::Frames;
use crate::llm::{CallOptions, CallState};
use crate::record::{End, Outcome};
use crate::span::SpanState;

/// How many bytes of one body may wait for the worker. What is beyond is passed on and not kept.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// The surroundings of a request, noted when it is made, before it is known what it is.
#[derive(Clone, Debug)]
pub struct Pending {
    around: Context,
    /// `None` where nothing is recorded.
    started: Option<Tick>,
    exchange: Arc<Exchange>,
}

/// What a layer is to do with a request.
#[derive(Debug)]
pub enum Role {
    /// Look at the exchange as a whole.
    Outer(Pending),
    /// Note one attempt: a layer further out looks at the exchange.
    Inner(Arc<Exchange>),
    /// Nothing, as nothing is recorded.
    None,
}

impl Pending {
    /// Notes the context and the time, and tells the layer what to do.
    pub fn new(scope: &Scope) -> Role {
        let around = Context::current();
        if let Some(exchange) = around.exchange {
            return Role::Inner(exchange);
        }
        match scope.core(&around) {
            Some(core) => {
                let started = Some(core.clock.now());
                Role::Outer(Self { around, started, exchange: Arc::default() })
            }
            None => Role::None,
        }
    }

    /// Makes a future part of this exchange, so that layers inside note their attempts in it.
    pub fn instrument<F>(&self, future: F) -> InContext<F> {
        let mut context = self.around.clone();
        context.exchange = Some(Arc::clone(&self.exchange));
        future.in_context(context)
    }

    /// Returns the call that a wrapped client has opened around this request, if there is one whose
    /// wire nobody looks at yet.
    pub fn join(&self) -> Option<WireTap> {
        let state = self.around.span().filter(|span| !span.has_ended())?;
        if !state.call()?.tap() {
            return None;
        }
        Some(WireTap::new(Arc::clone(state), Arc::clone(&self.exchange), false))
    }

    /// Opens a call with this request; `None` where nothing is recorded.
    pub fn open(&self, scope: &Scope, options: CallOptions, request: Bytes) -> Option<WireTap> {
        let started = self.started?;
        let state = begin(scope, options, &self.around, Some(started), || Payload::bytes(request))?;
        if let Some(call) = state.call() {
            call.tap();
        }
        Some(WireTap::new(state, Arc::clone(&self.exchange), true))
    }
}

/// Looks at the wire of one call.
#[must_use = "a tap that is dropped ends the call that it opened"]
pub struct WireTap {
    state: Arc<SpanState>,
    exchange: Arc<Exchange>,
    frames: Arc<Frames>,
    /// Whether the call is this tap's own, to be ended by it.
    owns: bool,
    done: bool,
}

impl WireTap {
    fn new(state: Arc<SpanState>, exchange: Arc<Exchange>, owns: bool) -> Self {
        let frames = Arc::new(Frames::new(MOST_BYTES));
        if let Some(call) = state.call() {
            let _ = call.frames.set(Arc::clone(&frames) as _);
        }
        Self { state, exchange, frames, owns, done: false }
    }

    /// Notes the head of the answer, and how many attempts it took.
    pub fn head(&self, head: Head, attempts: usize) {
        self.with_call(|call| {
            call.with_transport(|transport| {
                transport.status = Some(head.status);
                transport.content_type = head.content_type;
                transport.headers = head.headers;
                transport.attempts = self.exchange.take(attempts);
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

    /// Notes that the exchange failed, and after how many attempts.
    pub fn fail(mut self, failure: impl FnOnce() -> Failure, attempts: usize) {
        self.with_call(|call| {
            call.with_transport(|transport| {
                if transport.attempts.is_empty() {
                    transport.attempts = self.exchange.take(attempts);
                }
            });
        });
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
