use std::borrow::Cow;
use std::sync::Arc;

use crate::capture::Payload;
use crate::context::{Active, Context, InContext};
use crate::failure::Failure;
use crate::instrument::Scope;
use crate::provider::WireFormat;
use crate::record::{End, Outcome};
use crate::span::{Detail, Place, SpanState};
use crate::trace::on_unwind;

use super::StreamTap;
use super::state::CallState;

/// A call to a model that is under way. Records an `llm` span; in a trace of its own where none is
/// active.
///
/// Ends exactly once: with [`respond`](Self::respond), [`fail`](Self::fail), with the
/// [`stream`](Self::stream) that it becomes, or, as cancelled, when it is dropped.
///
/// ```
/// use rollout_core::{CallOptions, LlmCall, Payload, Scope, WireFormat};
/// # use serde_json::json;
/// # let send = |request: &serde_json::Value| -> Result<serde_json::Value, std::io::Error> { Ok(request.clone()) };
///
/// let request = json!({"model": "gpt-4.1-mini", "messages": []});
/// let options = CallOptions::new(WireFormat::OpenAiChat);
/// let call = LlmCall::start(&Scope::default(), options, || Payload::defer(request.clone()));
/// let result = call.in_scope(|| send(&request));
/// match &result {
///     Ok(response) => call.respond(|| Payload::defer(response.clone())),
///     Err(error) => call.fail(|| rollout_core::Failure::new(error)),
/// }
/// ```
#[derive(Debug)]
#[must_use = "a call that is dropped is recorded as cancelled"]
pub struct LlmCall {
    /// `None` where it is not recorded, and once it has ended.
    state: Option<Arc<SpanState>>,
    context: Context,
}

/// What is known of a call before it starts.
#[derive(Clone, Debug)]
#[must_use]
pub struct CallOptions {
    pub(crate) format: WireFormat,
    streaming: bool,
    sets_stream_flag: bool,
    name: Option<Cow<'static, str>>,
    provider: Option<Cow<'static, str>>,
    model: Option<Cow<'static, str>>,
    pub(crate) capture_input: bool,
    pub(crate) capture_output: bool,
}

impl CallOptions {
    /// Returns the options of a call whose JSON has this format.
    pub fn new(format: WireFormat) -> Self {
        Self {
            format,
            streaming: false,
            sets_stream_flag: false,
            name: None,
            provider: None,
            model: None,
            capture_input: true,
            capture_output: true,
        }
    }

    /// Says that the answer is streamed.
    pub fn streaming(mut self, streaming: bool) -> Self {
        self.streaming = streaming;
        self
    }

    /// Says that the client adds `stream: true` to the request on its way out, and so does the record.
    pub fn sets_stream_flag(mut self, sets: bool) -> Self {
        self.sets_stream_flag = sets;
        self
    }

    /// Sets the span's name. Defaults to that of the format, such as `openai.chat.completions`.
    pub fn name(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sets who serves the model. Defaults to the one whose format it is; the option of a wrapped
    /// client wins.
    pub fn provider(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.provider = Some(name.into());
        self
    }

    /// Sets the model that is asked for. Needed only where the request does not name it, as where it is
    /// part of the address.
    pub fn model(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.model = Some(name.into());
        self
    }

    /// Sets whether the request is recorded. Defaults to true.
    pub fn capture_input(mut self, capture: bool) -> Self {
        self.capture_input = capture;
        self
    }

    /// Sets whether the answer is recorded. Defaults to true.
    pub fn capture_output(mut self, capture: bool) -> Self {
        self.capture_output = capture;
        self
    }
}

impl LlmCall {
    /// Starts a call. `request` is asked for only where it is recorded.
    pub fn start(scope: &Scope, options: CallOptions, request: impl FnOnce() -> Payload) -> Self {
        #[cfg(feature = "blocking")]
        scope.residence.note();
        let around = Context::current();
        match begin(scope, options, &around, None, request) {
            Some(state) => {
                let active = Active::Span(Arc::clone(&state));
                Self {
                    state: Some(state),
                    context: Context::new(active, around.user),
                }
            }
            None => Self {
                state: None,
                context: around,
            },
        }
    }

    /// Returns whether the call is recorded, and so whether what it brings is worth a clone.
    pub fn is_recording(&self) -> bool {
        self.state.is_some()
    }

    /// Returns the context in which the request is to be sent, so that a layer below finds the call.
    pub fn context(&self) -> Context {
        self.context.clone()
    }

    /// Makes a future part of the call.
    pub fn instrument<F>(&self, future: F) -> InContext<F> {
        InContext::new(future, self.is_recording().then(|| self.context()))
    }

    /// Runs `work` as part of the call.
    pub fn in_scope<R>(&self, work: impl FnOnce() -> R) -> R {
        self.context().in_scope(work)
    }

    /// Hands over the headers for the request by which the provider's side goes on with the trace, if the
    /// program wants providers to have them.
    pub fn propagate(&self, set: impl FnMut(&'static str, &str)) {
        if let Some(state) = &self.state
            && state.core().config.propagate_context
        {
            self.context.inject(set);
        }
    }

    /// Ends the call with its response, which is asked for only where it is needed: where nobody
    /// read it off the wire.
    pub fn respond(mut self, response: impl FnOnce() -> Payload) {
        let Some(state) = self.state.take() else {
            return;
        };
        let tapped = state.call().is_some_and(CallState::is_tapped);
        let output = if tapped { Payload::none() } else { response() };
        state.end(|at| End {
            at,
            output,
            ..End::default()
        });
    }

    /// Ends the call with an error.
    pub fn fail(mut self, failure: impl FnOnce() -> Failure) {
        let Some(state) = self.state.take() else {
            return;
        };
        let outcome = Outcome::Failed(Box::new(failure()));
        state.end(|at| End {
            at,
            outcome,
            ..End::default()
        });
    }

    /// Ends the call with an error that came with a body which the client could not read.
    pub fn fail_with_body(mut self, failure: impl FnOnce() -> Failure, body: Payload) {
        let Some(state) = self.state.take() else {
            return;
        };
        let outcome = Outcome::Failed(Box::new(failure()));
        state.end(|at| End {
            at,
            outcome,
            output: body,
            known: None,
        });
    }

    /// Goes on with the call as a stream, which ends it.
    pub fn stream<T>(mut self) -> StreamTap<T> {
        StreamTap::new(self.state.take())
    }
}

impl Drop for LlmCall {
    fn drop(&mut self) {
        if let Some(state) = self.state.take() {
            state.end(|at| End {
                at,
                outcome: abandoned(),
                ..End::default()
            });
        }
    }
}

/// Returns the outcome of something that was dropped before it was done.
pub(super) fn abandoned() -> Outcome {
    match on_unwind(Outcome::Ok) {
        Outcome::Ok => Outcome::Cancelled,
        panicked => panicked,
    }
}

/// Opens the span of a call; `None` where nothing is recorded.
pub(super) fn begin(
    scope: &Scope,
    options: CallOptions,
    around: &Context,
    started: Option<crate::clock::Tick>,
    request: impl FnOnce() -> Payload,
) -> Option<Arc<SpanState>> {
    let core = scope.core(around)?;
    #[cfg(feature = "tracing")]
    if let Some(call) = &around.foreign_call {
        call.is_seen();
    }
    let started = started.unwrap_or_else(|| core.clock.now());
    let name = options
        .name
        .unwrap_or(Cow::Borrowed(options.format.span_name()));
    let place = Place::find(around, Some(&core), &name, started)?;
    let provider = match scope.options.provider_name() {
        Some(provider) => Cow::Owned(provider.to_owned()),
        None => options
            .provider
            .unwrap_or(Cow::Borrowed(options.format.provider())),
    };
    let config = &core.config;
    let capture = (
        config.capture_input && scope.options.capture_input && options.capture_input,
        config.capture_output && scope.options.capture_output && options.capture_output,
    );
    let call = CallState::new(
        options.format,
        provider,
        options.model,
        (options.streaming, options.sets_stream_flag),
        capture,
        Arc::clone(&scope.options),
    );
    let state = SpanState::new(
        place,
        Cow::Borrowed("llm"),
        name,
        started,
        Vec::new(),
        Detail::Call(call),
    );
    #[cfg(feature = "tracing")]
    state.show(around);
    state.begin(request());
    Some(state)
}
