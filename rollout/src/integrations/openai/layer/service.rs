use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll, ready};
use std::time::Instant;

use async_openai_0_43::error::OpenAIError;
use async_openai_0_43::middleware::HttpRequestFactory;
use pin_project_lite::pin_project;
use reqwest::Response;
use rollout_core::llm::wire::{Attempt, Exchange, Role};
use rollout_core::{InContext, Scope};
use tower_service::Service;

use super::{request, response};
use crate::integrations::openai::v0_43::error;

/// The service that [`TraceLayer`](super::TraceLayer) makes of another.
#[derive(Clone, Debug)]
pub struct TraceService<S> {
    inner: S,
    scope: Scope,
}

impl<S> TraceService<S> {
    pub(super) fn new(inner: S, scope: Scope) -> Self {
        Self { inner, scope }
    }
}

impl<S> Service<HttpRequestFactory> for TraceService<S>
where
    S: Service<HttpRequestFactory, Response = Response>,
    S::Error: Into<OpenAIError>,
{
    type Response = Response;
    /// What async-openai turns errors into anyway.
    type Error = OpenAIError;
    type Future = TraceFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut task::Context<'_>) -> Poll<Result<(), OpenAIError>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, request: HttpRequestFactory) -> Self::Future {
        match Exchange::begin(&self.scope) {
            Role::Outer(exchange) => {
                let request = request::watch(request, &exchange);
                let inner = exchange.instrument(|| self.inner.call(request));
                TraceFuture::Outer { inner, exchange }
            }
            Role::Inner(exchange) => TraceFuture::Inner {
                inner: self.inner.call(request),
                exchange,
                started: Instant::now(),
            },
            Role::None => TraceFuture::None {
                inner: self.inner.call(request),
            },
        }
    }
}

pin_project! {
    /// A request under way.
    #[project = Projected]
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    #[allow(missing_docs, reason = "of no use outside")]
    pub enum TraceFuture<F> {
        Outer { #[pin] inner: InContext<F>, exchange: Arc<Exchange> },
        Inner { #[pin] inner: F, exchange: Arc<Exchange>, started: Instant },
        None { #[pin] inner: F },
    }
}

impl<F, E> Future for TraceFuture<F>
where
    F: Future<Output = Result<Response, E>>,
    E: Into<OpenAIError>,
{
    type Output = Result<Response, OpenAIError>;

    fn poll(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Self::Output> {
        Poll::Ready(match self.project() {
            Projected::Outer { inner, exchange } => {
                let result = ready!(inner.poll(cx)).map_err(Into::into);
                match (result, exchange.take_tap()) {
                    (Ok(response), Some(tap)) => Ok(response::watch(response, tap)),
                    (Err(error), Some(tap)) => {
                        // Who tries again reads the body to see whether it is worth it.
                        if let Some(body) = error::body(&error) {
                            tap.frame(body);
                        }
                        tap.fail(|| error::failure(&error));
                        Err(error)
                    }
                    (result, None) => result,
                }
            }
            Projected::Inner {
                inner,
                exchange,
                started,
            } => {
                let result = ready!(inner.poll(cx)).map_err(Into::into);
                let duration = started.elapsed();
                exchange.note_attempt(match &result {
                    Ok(answer) => response::attempt(answer, duration),
                    Err(error) => Attempt::failed(&error.to_string(), duration),
                });
                result
            }
            Projected::None { inner } => ready!(inner.poll(cx)).map_err(Into::into),
        })
    }
}
