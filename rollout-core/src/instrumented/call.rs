use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::LazyLock;
use std::task::{self, Poll};

use pin_project_lite::pin_project;

use super::{Operation, ProviderJson, Streaming};
use crate::capture::Payload;
use crate::context::{Context, InContext};
use crate::failure::Failure;
use crate::instrument::{Scope, WrapOptions};
use crate::llm::{LlmCall, StreamTap};

/// How long a response may get, in bytes of JSON: it is decoded before it is cut to what is kept.
const LONGEST_RESPONSE: usize = 8 * 1024 * 1024;

/// A call whose request is captured and which is not open yet: a future opens it when it is first
/// polled, when the request may be long gone.
#[derive(Debug)]
pub struct Prepared {
    operation: &'static Operation,
    /// `None` where it will not be recorded.
    details: Option<Details>,
}

/// What is known of one call before it is open.
#[derive(Debug)]
pub struct Details {
    scope: Scope,
    request: Payload,
    limit: usize,
    attributes: Vec<(&'static str, Payload)>,
    model: Option<String>,
}

/// A call to a model that is being recorded. Dropped before its outcome is known, it was cancelled.
#[derive(Debug)]
pub struct ModelCall {
    /// `None` where it is not recorded, and once it has ended.
    call: Option<LlmCall>,
    limit: usize,
}

impl Prepared {
    /// Captures the request, where the call will be recorded.
    pub fn new<R: ProviderJson + ?Sized>(
        scope: &Scope,
        operation: &'static Operation,
        request: &R,
    ) -> Self {
        let core = Context::with(|around| scope.core(around)).flatten();
        let details = core.map(|core| {
            let limit = core.config.max_value_bytes;
            Details {
                scope: scope.clone(),
                request: Payload::serialize(request.json(), limit),
                limit,
                attributes: Vec::new(),
                model: None,
            }
        });
        Self { operation, details }
    }

    /// Captures the request of a function that belongs to no wrapped client.
    pub fn of_function<R: ProviderJson + ?Sized>(
        operation: &'static Operation,
        request: &R,
    ) -> Self {
        static SCOPE: LazyLock<Scope> = LazyLock::new(Scope::default);
        Self::new(&SCOPE, operation, request)
    }

    /// Calls `fill` for what else is to be known, where the call will be recorded.
    #[must_use]
    pub fn with(mut self, fill: impl FnOnce(&mut Details)) -> Self {
        self.details.as_mut().map(fill);
        self
    }

    /// Opens the call.
    pub fn open(self) -> ModelCall {
        let Some(details) = self.details else {
            return ModelCall {
                call: None,
                limit: 0,
            };
        };
        let Details {
            mut scope,
            request,
            limit,
            attributes,
            model,
        } = details;
        if !attributes.is_empty() {
            let mut options = WrapOptions::clone(&scope.options);
            for (key, value) in attributes {
                if let Some(resolved) = value.resolve(limit) {
                    options = options.attribute(key, resolved.json.to_value());
                }
            }
            scope.options = options.into();
        }
        let mut options = self.operation.options();
        if let Some(model) = model {
            options = options.model(model);
        }
        let call = LlmCall::start(&scope, options, || request);
        ModelCall {
            call: call.is_recording().then_some(call),
            limit: limit.max(LONGEST_RESPONSE),
        }
    }
}

impl Details {
    /// Adds an attribute.
    pub fn attribute(&mut self, key: &'static str, value: impl FnOnce(usize) -> Payload) {
        self.attributes.push((key, value(self.limit)));
    }

    /// Sets the model, where the request does not name it.
    pub fn model(&mut self, name: Option<String>) {
        self.model = name;
    }
}

impl ModelCall {
    /// Runs a method in this call. A panic is noted and goes on.
    pub fn run<R>(&mut self, method: impl FnOnce() -> R) -> R {
        let Some(context) = self.context() else {
            return method();
        };
        catch_unwind(AssertUnwindSafe(|| context.in_scope(method))).unwrap_or_else(|panic| {
            self.panicked(&*panic);
            resume_unwind(panic)
        })
    }

    /// Runs an asynchronous method in this call. A panic is noted and goes on.
    pub fn run_async<F: Future>(&mut self, method: F) -> impl Future<Output = F::Output> {
        CallFuture {
            method: InContext::new(method, self.context()),
            call: self,
        }
    }

    /// Ends the call with its response.
    pub fn respond<R: ProviderJson + ?Sized>(&mut self, response: &R) {
        if let Some(call) = self.call.take() {
            call.respond(|| Payload::serialize(response.json(), self.limit));
        }
    }

    /// Ends the call with an error.
    pub fn fail(&mut self, failure: impl FnOnce() -> Failure) {
        if let Some(call) = self.call.take() {
            call.fail(failure);
        }
    }

    /// Goes on with the call as the stream that its method returned.
    pub fn stream<S>(self, returned: S) -> Streaming<S> {
        Streaming {
            call: self,
            returned,
        }
    }

    pub(super) fn tap(mut self) -> (Option<Context>, Option<StreamTap<()>>) {
        let context = self.context();
        (context, self.call.take().map(LlmCall::stream))
    }

    fn context(&self) -> Option<Context> {
        self.call.as_ref().map(LlmCall::context)
    }

    fn panicked(&mut self, panic: &(dyn Any + Send)) {
        self.fail(|| Failure::panicked(panic));
    }
}

pin_project! {
    /// An asynchronous method, in its call.
    #[must_use = "futures do nothing unless polled"]
    struct CallFuture<'a, F> {
        #[pin]
        method: InContext<F>,
        call: &'a mut ModelCall,
    }
}

impl<F: Future> Future for CallFuture<'_, F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if !this.method.has_context() {
            return this.method.poll(cx);
        }
        let polled = catch_unwind(AssertUnwindSafe(|| this.method.poll(cx)));
        polled.unwrap_or_else(|panic| {
            this.call.panicked(&*panic);
            resume_unwind(panic)
        })
    }
}
