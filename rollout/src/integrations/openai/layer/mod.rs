//! A tower layer below async-openai's client: it sees the wire.

mod body;
mod request;
mod response;
mod service;

use async_openai_0_43 as upstream;

use rollout_core::{Rollout, Scope, WrapOptions, register_inspector};
use tower_layer::Layer;
use upstream::config::Config;
use upstream::middleware::ReqwestService;
use upstream::middleware::retry::OpenAIRetryLayer;

pub use service::{TraceFuture, TraceService};

/// Records the calls to a model that pass through a tower service of async-openai, whose client keeps
/// its own type.
///
/// It sees the wire: fields that async-openai's types have no room for, when each byte arrived, the
/// request's id, the rate limits, and how many attempts it took. Bodies are taken by reference count
/// and passed on untouched. Chat completions and responses are recorded; other requests pass by.
///
/// Put it outside of the layer that retries, so that a call is one span however often it was tried.
/// Put another one inside of that layer, and each attempt is seen with its status:
///
/// ```
/// use async_openai_0_43 as async_openai;
/// use async_openai::{Client, config::OpenAIConfig};
/// use async_openai::middleware::{ReqwestService, retry::OpenAIRetryLayer};
/// use rollout::openai::TraceLayer;
/// use tower::ServiceBuilder;
///
/// let service = ServiceBuilder::new()
///     .layer(TraceLayer::new())                 // the call
///     .layer(OpenAIRetryLayer::default())
///     .layer(TraceLayer::new())                 // each attempt
///     .service(ReqwestService::new(reqwest::Client::new()));
/// let client = Client::with_config(OpenAIConfig::default()).with_http_service(service);
/// ```
///
/// [`client`] and [`client_with`] make such a client.
#[derive(Clone, Debug)]
pub struct TraceLayer {
    scope: Scope,
}

impl TraceLayer {
    /// Returns a layer whose calls are recorded by the client of the active trace, else by the global
    /// one.
    pub fn new() -> Self {
        Self::with(WrapOptions::default())
    }

    /// Returns a layer with options.
    pub fn with(options: WrapOptions) -> Self {
        Self::scoped(Scope::new(options))
    }

    /// Returns a layer whose calls are recorded by this client where no trace is active.
    pub fn of(rollout: &Rollout, options: WrapOptions) -> Self {
        Self::scoped(Scope::of(rollout, options))
    }

    fn scoped(scope: Scope) -> Self {
        register_inspector(super::v0_43::error::inspect);
        Self { scope }
    }
}

impl Default for TraceLayer {
    fn default() -> Self {
        Self::new()
    }
}

impl<S> Layer<S> for TraceLayer {
    type Service = TraceService<S>;

    fn layer(&self, inner: S) -> TraceService<S> {
        TraceService::new(inner, self.scope.clone())
    }
}

/// Returns a client of async-openai with the layer in place, that retries as its default client does.
///
/// ```no_run
/// use async_openai_0_43::config::OpenAIConfig;
///
/// let client = rollout::openai::client(OpenAIConfig::default());
/// ```
pub fn client<C: Config>(config: C) -> upstream::Client<C> {
    client_with(config, reqwest::Client::new())
}

/// Returns such a client over an HTTP client of one's own, with its proxies, headers and time limits.
pub fn client_with<C: Config>(config: C, http: reqwest::Client) -> upstream::Client<C> {
    let attempts = TraceLayer::new().layer(ReqwestService::new(http.clone()));
    let retries = OpenAIRetryLayer::default().layer(attempts);
    let calls = TraceLayer::new().layer(retries);
    upstream::Client::build(http, config).with_http_service(calls)
}
