mod content;
mod limits;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{BeforeSend, FindParent, Flush, Scrubber};
use crate::client::{BuildError, Guard, InitError, Rollout};
use crate::context::Context;
use crate::diagnostics::{Diagnostic, Handler};
use crate::export::Exporter;
use crate::pipeline::{Redaction, redact};

/// Sets up a client: [`init`](Self::init) makes it the program's global one, [`build`](Self::build)
/// gives it to the caller.
///
/// An option that is not set here is read from the environment (`ROLLOUT_…`), else it has its
/// default. A value that can't be used is reported in a warning and its default is used instead.
///
/// ```
/// let rollout = rollout_core::Rollout::builder()
///     .agent_name("support")
///     .environment("staging")
///     .local_dir(std::env::temp_dir().join("rollout-doc"))
///     .build()?;
/// # rollout.shutdown();
/// # Ok::<(), rollout_core::BuildError>(())
/// ```
#[derive(Default)]
#[must_use = "a builder does nothing until `init` or `build` is called"]
pub struct Builder {
    pub(super) api_key: Option<String>,
    pub(super) base_url: Option<String>,
    pub(super) local_dir: Option<PathBuf>,
    pub(super) environment: Option<String>,
    pub(super) release: Option<String>,
    pub(super) service_name: Option<String>,
    pub(super) agent_name: Option<String>,
    pub(super) agent_id: Option<String>,
    pub(super) agent_version: Option<String>,
    pub(super) deployment: Option<String>,
    pub(super) sample_rate: Option<f64>,
    pub(super) debug: Option<bool>,
    pub(super) disabled: Option<bool>,
    pub(super) capture_input: Option<bool>,
    pub(super) capture_output: Option<bool>,
    pub(super) flush: Flush,
    pub(super) sync_mode: bool,
    pub(super) propagate_context: Option<bool>,
    #[cfg(feature = "otlp")]
    pub(super) otlp: Vec<super::Otlp>,
    #[cfg(feature = "tracing")]
    pub(super) tracing_spans: bool,
    pub(super) parent: Option<Arc<FindParent>>,
    pub(super) max_queue_events: Option<usize>,
    pub(super) max_queue_bytes: Option<usize>,
    pub(super) max_batch_events: Option<usize>,
    pub(super) max_batch_bytes: Option<usize>,
    pub(super) max_value_bytes: Option<usize>,
    pub(super) flush_interval: Option<Duration>,
    pub(super) shutdown_timeout: Option<Duration>,
    pub(super) spool_dir: Option<PathBuf>,
    pub(super) spool_max_bytes: Option<u64>,
    pub(super) capture_stream_chunks: bool,
    pub(super) stream_preview_chars: Option<usize>,
    pub(super) redaction: Redaction,
    pub(super) keep_media: bool,
    pub(super) scrubber: Option<Arc<Scrubber>>,
    pub(super) before_send: Option<Arc<BeforeSend>>,
    pub(super) on_diagnostic: Option<Arc<Handler>>,
    pub(crate) exporters: Vec<Box<dyn Exporter>>,
    #[cfg(any(test, feature = "testing"))]
    pub(crate) staging: crate::testing::Staging,
}

macro_rules! text_options {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name(mut self, $name: impl Into<String>) -> Self {
            self.$name = Some($name.into());
            self
        }
    )*};
}

impl Builder {
    text_options! {
        /// Sets the key of the hosted ingest API, where traces then go.
        ///
        /// Environment: `ROLLOUT_API_KEY`. Without a key traces go into the local folder.
        api_key;
        /// Sets the address of the ingest API.
        ///
        /// Environment: `ROLLOUT_BASE_URL`. Defaults to `https://app.rollout.work`.
        base_url;
        /// Sets the environment, such as `production`, shown as `agent.environment`.
        ///
        /// Environment: `ROLLOUT_ENVIRONMENT`.
        environment;
        /// Sets the release of the program. Environment: `ROLLOUT_RELEASE`.
        release;
        /// Sets the name of the service. Environment: `ROLLOUT_SERVICE_NAME`.
        service_name;
        /// Sets the name of the agent. Environment: `ROLLOUT_AGENT_NAME`.
        agent_name;
        /// Sets the id of the agent. Environment: `ROLLOUT_AGENT_ID`.
        agent_id;
        /// Sets the version of the agent. Environment: `ROLLOUT_AGENT_VERSION`.
        agent_version;
        /// Sets the deployment. Environment: `ROLLOUT_DEPLOYMENT`.
        deployment;
    }

    /// Records into this folder, also beside another destination.
    ///
    /// Environment: `ROLLOUT_DIR`. Defaults to `.rollout` in the working directory where there is
    /// no other destination.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// let rollout = rollout::builder()
    ///     .local_dir(std::env::temp_dir().join("rollout-doc"))
    ///     .build()?;
    /// # rollout.shutdown();
    /// # Ok::<(), rollout::BuildError>(())
    /// ```
    pub fn local_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.local_dir = Some(dir.into());
        self
    }

    /// Hands what is recorded to this exporter. May be called several times.
    ///
    /// With an exporter of one's own there is no local folder unless asked for.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// let memory = rollout::MemoryExporter::new();
    /// let rollout = rollout::builder().exporter(memory.clone()).build()?;
    /// rollout.trace("support").start().end();
    /// rollout.shutdown();
    /// assert_eq!(memory.runs().len(), 1);
    /// # Ok::<(), rollout::BuildError>(())
    /// ```
    pub fn exporter(mut self, exporter: impl Exporter + 'static) -> Self {
        self.exporters.push(Box::new(exporter));
        self
    }

    /// Sets the share of traces to keep, from 0 to 1.
    ///
    /// Whether a trace is kept follows from its id, so that all processes decide alike.
    /// Environment: `ROLLOUT_SAMPLE_RATE`. Defaults to 1.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// let builder = rollout::builder().sample_rate(0.1); // one run in ten
    /// # drop(builder);
    /// ```
    pub fn sample_rate(mut self, rate: f64) -> Self {
        self.sample_rate = Some(rate);
        self
    }

    /// Has each event named on standard error (or to [`on_diagnostic`](Self::on_diagnostic)) as it is recorded:
    /// its type, name and ids, not what is in it; and where events go, each delivery, each further attempt.
    ///
    /// Needs no logger. Environment: `ROLLOUT_DEBUG`. Defaults to false.
    pub fn debug(mut self, debug: bool) -> Self {
        self.debug = Some(debug);
        self
    }

    /// Switches recording off; the program runs as if it were not instrumented.
    ///
    /// Environment: `ROLLOUT_DISABLED`. Defaults to false.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// let rollout = rollout::builder().disabled(true).build()?;
    /// let trace = rollout.trace("support").start();
    /// assert_eq!((trace.in_scope(|| 42), trace.id()), (42, None));
    /// # Ok::<(), rollout::BuildError>(())
    /// ```
    pub fn disabled(mut self, disabled: bool) -> Self {
        self.disabled = Some(disabled);
        self
    }

    /// Sets what happens when a trace ends. Defaults to [`Flush::Notify`].
    pub fn flush(mut self, flush: Flush) -> Self {
        self.flush = flush;
        self
    }

    /// Delivers each record before the call that made it goes on. Defaults to false.
    ///
    /// Failures are counted and reported as always, they never reach the program. For debugging.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// let memory = rollout::MemoryExporter::new();
    /// let builder = rollout::builder().exporter(memory.clone()).sync_mode(true);
    /// let rollout = builder.build()?;
    /// let trace = rollout.trace("support").start();
    /// assert_eq!(memory.events().len(), 1, "its beginning is there already");
    /// # drop(trace);
    /// # Ok::<(), rollout::BuildError>(())
    /// ```
    pub fn sync_mode(mut self, sync: bool) -> Self {
        self.sync_mode = sync;
        self
    }

    /// Sends traces to a backend that takes OTLP: a collector, Phoenix, `MLflow`, Langfuse, Jaeger …
    ///
    /// May be called for several. Where it is not called, and `OTEL_EXPORTER_OTLP_ENDPOINT` or
    /// `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` is set, traces go there.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// let builder = rollout::builder().otlp(rollout::Otlp::new("http://localhost:4318"));
    /// # drop(builder);
    /// ```
    #[cfg(feature = "otlp")]
    pub fn otlp(mut self, otlp: super::Otlp) -> Self {
        self.otlp.push(otlp);
        self
    }

    /// Has requests to providers carry the headers `traceparent`, `tracestate` and `baggage`, so that a
    /// gateway or a server of one's own goes on with the trace, below the span of the call.
    ///
    /// Clients of async-openai send them, wrapped or with the layer; claude-api has no way to add a header
    /// to a request. A client of one's own asks for them with [`Context::inject`](crate::Context::inject)
    /// where it sends, which needs no option.
    ///
    /// Environment: `ROLLOUT_PROPAGATE_CONTEXT`. Defaults to false: a provider learns nothing of traces.
    pub fn propagate_context(mut self, propagate: bool) -> Self {
        self.propagate_context = Some(propagate);
        self
    }

    /// Has each trace and span be a span of `tracing` as well, so that what the program logs in it is inside of
    /// it, and its own subscriber knows how long it took and how it ended. Defaults to false.
    ///
    /// These spans have the target `rollout`, the level info, and a static name of `trace`, `llm`, `tool` or
    /// `span`; the fields `otel.name`, `rollout.trace_id`, `rollout.span_id`, and where it failed
    /// `otel.status_code` and `error.type`. What was said and answered is not in them.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// let builder = rollout::builder().tracing_spans(true);
    /// # drop(builder);
    /// ```
    #[cfg(feature = "tracing")]
    pub fn tracing_spans(mut self, show: bool) -> Self {
        self.tracing_spans = show;
        self
    }

    /// Asks `find`, where a trace is about to begin and none is active, for what it is to be part of: the
    /// trace of a request, of a job, of another recorder. Without an answer the trace is one of its own.
    ///
    /// It runs on the thread that begins the trace and has to be quick. A trace that it begins itself
    /// asks nobody; if it panics, the trace that was to begin is one of its own.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// use rollout::Context;
    ///
    /// std::thread_local! {
    ///     static JOB: std::cell::RefCell<Option<String>> = const { std::cell::RefCell::new(None) };
    /// }
    ///
    /// let builder = rollout::builder().parent(|| {
    ///     JOB.with_borrow(|traceparent| traceparent.as_deref().map(Context::from_traceparent))
    /// });
    /// # drop(builder);
    /// ```
    ///
    /// With the feature `opentelemetry`, `rollout::opentelemetry::active_span` finds the span of
    /// OpenTelemetry that is active.
    pub fn parent(mut self, find: impl Fn() -> Option<Context> + Send + Sync + 'static) -> Self {
        self.parent = Some(Arc::new(find));
        self
    }

    /// Takes what the recorder says about itself, which else goes to standard error.
    ///
    /// May be called on any thread.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// let builder = rollout::builder().on_diagnostic(|told| {
    ///     if told.severity >= rollout::Severity::Warning {
    ///         eprintln!("[recorder] {told}");
    ///     }
    /// });
    /// # drop(builder);
    /// ```
    pub fn on_diagnostic(mut self, handle: impl Fn(&Diagnostic) + Send + Sync + 'static) -> Self {
        self.on_diagnostic = Some(Arc::new(handle));
        self
    }

    /// Makes this the program's global client, until the guard is dropped.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// let _rollout = rollout::builder().agent_name("support").disabled(true).init()?;
    /// rollout::trace("support").start().end(); // by the global client
    /// # Ok::<(), rollout::InitError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if there is one already, or if the worker's thread can't be started.
    pub fn init(self) -> Result<Guard, InitError> {
        crate::client::init(self)
    }

    /// Returns the client, without touching anything global.
    ///
    /// ```
    /// # use rollout_core as rollout;
    /// let rollout = rollout::builder().disabled(true).build()?;
    /// rollout.context().in_scope(|| { /* what happens here is recorded by this client */ });
    /// # Ok::<(), rollout::BuildError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the worker's thread can't be started.
    pub fn build(self) -> Result<Rollout, BuildError> {
        Rollout::start(self)
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("base_url", &self.base_url.as_deref().map(redact::text))
            .field("agent_name", &self.agent_name)
            .finish_non_exhaustive()
    }
}
