use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;

use super::WireTap;
use crate::capture::Payload;
use crate::clock::Tick;
use crate::context::{Context, InContext, Instrument as _};
use crate::instrument::Scope;
use crate::llm::CallOptions;
use crate::llm::call::begin;

/// One request through all its attempts, as the outermost layer looks at it. One allocation for all
/// that has to be known.
#[derive(Debug)]
pub struct Exchange {
    /// Where the request was made, and when: it is not known what it is until it is built.
    around: Context,
    started: Tick,
    scope: Scope,
    tap: Mutex<Option<WireTap>>,
    built: AtomicUsize,
    /// The attempts, noted by layers further in.
    attempts: Mutex<Vec<Attempt>>,
}

/// What a layer is to do with a request.
#[derive(Debug)]
pub enum Role {
    /// Look at the exchange as a whole.
    Outer(Arc<Exchange>),
    /// Note one attempt: a layer further out looks at the exchange.
    Inner(Arc<Exchange>),
    /// Nothing, as nothing is recorded.
    None,
}

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

impl Exchange {
    /// Notes the surroundings of a request, and tells the layer what to do with it.
    pub fn begin(scope: &Scope) -> Role {
        let around = Context::current();
        if let Some(exchange) = around.exchange {
            return Role::Inner(exchange);
        }
        let Some(core) = scope.core(&around) else {
            return Role::None;
        };
        let exchange = Self {
            started: core.clock.now(),
            tap: Mutex::new(WireTap::join(&around)),
            around,
            scope: scope.clone(),
            built: AtomicUsize::new(0),
            attempts: Mutex::default(),
        };
        Role::Outer(Arc::new(exchange))
    }

    /// Makes a future part of this exchange, so that layers inside note their attempts in it: while it
    /// is made, as some services send their request then, and whenever it is polled.
    pub fn instrument<F>(self: &Arc<Self>, make: impl FnOnce() -> F) -> InContext<F> {
        let mut context = self.around.clone();
        context.exchange = Some(Arc::clone(self));
        context.clone().in_scope(make).in_context(context)
    }

    /// Notes that the request was built once more. The first time, `describe` tells what it is, if it
    /// is a call to a model: where no wrapped client has opened one around it, a call begins.
    pub fn note_built(&self, describe: impl FnOnce() -> Option<(CallOptions, Bytes)>) {
        let again = self.built.fetch_add(1, Ordering::Relaxed) > 0;
        let mut tap = lock(&self.tap);
        if again || tap.is_some() {
            return;
        }
        if let Some((options, request)) = describe() {
            let request = || Payload::bytes(request);
            *tap = begin(
                &self.scope,
                options,
                &self.around,
                Some(self.started),
                request,
            )
            .and_then(WireTap::of_own);
        }
    }

    /// Hands over the headers for a request that was built by which the provider's side goes on with the
    /// trace, if the program wants providers to have them, and if this is a call to a model.
    pub fn propagate(&self, set: impl FnMut(&'static str, &str)) {
        if let Some(tap) = &*lock(&self.tap) {
            tap.propagate(set);
        }
    }

    /// Notes an attempt.
    pub fn note_attempt(&self, attempt: Attempt) {
        lock(&self.attempts).push(attempt);
    }

    /// Takes the tap that looks at the wire; `None` if this is no call to a model.
    ///
    /// The call then knows how it was tried. Where nobody saw the attempts, but that the request was
    /// built so often, there are as many of which nothing is known.
    pub fn take_tap(&self) -> Option<WireTap> {
        let tap = lock(&self.tap).take()?;
        let mut attempts = std::mem::take(&mut *lock(&self.attempts));
        let built = self.built.load(Ordering::Relaxed);
        if attempts.len() < built && built > 1 {
            attempts.resize_with(built, Attempt::default);
        }
        tap.set_attempts(attempts);
        Some(tap)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Attempt {
    /// Returns an attempt that was answered with this status.
    pub fn answered(status: u16, duration: Duration) -> Self {
        Self {
            status: Some(status),
            duration,
            ..Self::default()
        }
    }

    /// Returns an attempt that failed.
    pub fn failed(error: &str, duration: Duration) -> Self {
        let error = crate::pipeline::redact::text(error).into_owned();
        Self {
            error: Some(error),
            duration,
            ..Self::default()
        }
    }
}
