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
use crate::protocol::Event;

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
    pub fn local_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.local_dir = Some(dir.into());
        self
    }

    /// Hands what is recorded to this exporter. May be called several times.
    ///
    /// With an exporter of one's own there is no local folder unless asked for.
    pub fn exporter(mut self, exporter: impl Exporter + 'static) -> Self {
        self.exporters.push(Box::new(exporter));
        self
    }

    /// Sets the share of traces to keep, from 0 to 1.
    ///
    /// Whether a trace is kept follows from its id, so that all processes decide alike.
    /// Environment: `ROLLOUT_SAMPLE_RATE`. Defaults to 1.
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
    pub fn disabled(mut self, disabled: bool) -> Self {
        self.disabled = Some(disabled);
        self
    }

    /// Sets whether inputs are recorded: arguments, requests, messages to a model.
    ///
    /// Environment: `ROLLOUT_CAPTURE_INPUT`. Defaults to true; a `capture_input` closer to the call
    /// wins when it says no.
    pub fn capture_input(mut self, capture: bool) -> Self {
        self.capture_input = Some(capture);
        self
    }

    /// Sets whether outputs are recorded: results, answers of a model, also while they stream.
    ///
    /// Environment: `ROLLOUT_CAPTURE_OUTPUT`. Defaults to true.
    pub fn capture_output(mut self, capture: bool) -> Self {
        self.capture_output = Some(capture);
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
    pub fn sync_mode(mut self, sync: bool) -> Self {
        self.sync_mode = sync;
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

    /// Sets how many events may wait for the worker, at least 1. Defaults to 1,000.
    pub fn max_queue_events(mut self, events: usize) -> Self {
        self.max_queue_events = Some(events);
        self
    }

    /// Sets how many bytes may wait for the worker, at least 1. Defaults to 4,000,000.
    pub fn max_queue_bytes(mut self, bytes: usize) -> Self {
        self.max_queue_bytes = Some(bytes);
        self
    }

    /// Sets how many events go out together, from 1 to 1,000. Defaults to 100.
    pub fn max_batch_events(mut self, events: usize) -> Self {
        self.max_batch_events = Some(events);
        self
    }

    /// Sets how many bytes of events go out together; one event always may. Defaults to 512,000.
    pub fn max_batch_bytes(mut self, bytes: usize) -> Self {
        self.max_batch_bytes = Some(bytes);
        self
    }

    /// Sets how long a recorded value may be, in bytes of JSON. Defaults to 256 KiB.
    ///
    /// What is longer is cut inside its texts and lists, stays valid JSON, and says so. Media in
    /// base64 are replaced by their type, size and hash first.
    pub fn max_value_bytes(mut self, bytes: usize) -> Self {
        self.max_value_bytes = Some(bytes);
        self
    }

    /// Sets how long events wait for company. Defaults to two seconds.
    pub fn flush_interval(mut self, interval: Duration) -> Self {
        self.flush_interval = Some(interval);
        self
    }

    /// Sets how long the end of the program may wait for delivery. Defaults to five seconds.
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.shutdown_timeout = Some(timeout);
        self
    }

    /// Sets the folder in which events are kept until a server has them.
    ///
    /// Environment: `ROLLOUT_SPOOL_DIR`. Defaults to `spool` in the local folder (`.rollout/spool`),
    /// and where that can't be written to, to `rollout/spool` in the user's folder for state.
    pub fn spool_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.spool_dir = Some(dir.into());
        self
    }

    /// Sets how many bytes of events this process may keep until a server has them. Beyond this the
    /// oldest traces are dropped as a whole, and counted.
    ///
    /// With 0 nothing is kept on disk: what can't be delivered is lost, and so is what was under way
    /// when the program is killed. Environment: `ROLLOUT_SPOOL_MAX_BYTES`. Defaults to 64 MiB.
    pub fn spool_max_bytes(mut self, bytes: u64) -> Self {
        self.spool_max_bytes = Some(bytes);
        self
    }

    /// Keeps each chunk of a stream, with its time, beside the whole output. Defaults to false.
    pub fn capture_stream_chunks(mut self, capture: bool) -> Self {
        self.capture_stream_chunks = capture;
        self
    }

    /// Sets how many characters of a running stream are shown; 0 shows none. Defaults to 4,096.
    pub fn stream_preview_chars(mut self, chars: usize) -> Self {
        self.stream_preview_chars = Some(chars);
        self
    }

    /// Sets which credentials are masked in what is recorded. Defaults to [`Redaction::new`]: all that
    /// look like one, or stand under a name that tells.
    ///
    /// It is done on the worker, before the [`scrubber`](Self::scrubber) and before long values are
    /// cut.
    pub fn redaction(mut self, redaction: Redaction) -> Self {
        self.redaction = redaction;
        self
    }

    /// Changes every event before anything leaves the process: the place to mask personal data.
    ///
    /// Runs on the worker. If it panics the event is dropped, and counted: what it was to hide
    /// never gets out.
    ///
    /// ```
    /// # use rollout_core::Rollout;
    /// let builder = Rollout::builder().scrubber(|event| {
    ///     event.for_each_text(|text| *text = text.replace("4111 1111", "•••• ••••"));
    /// });
    /// ```
    pub fn scrubber(mut self, scrub: impl Fn(&mut Event) + Send + Sync + 'static) -> Self {
        self.scrubber = Some(Arc::new(scrub));
        self
    }

    /// Decides about every event after the [`scrubber`](Self::scrubber): returns it, changed or
    /// not, or `None` to drop it.
    ///
    /// Runs on the worker. If it panics the event is dropped, and counted.
    pub fn before_send(
        mut self,
        decide: impl Fn(Event) -> Option<Event> + Send + Sync + 'static,
    ) -> Self {
        self.before_send = Some(Arc::new(decide));
        self
    }

    /// Takes what the recorder says about itself, which else goes to standard error.
    ///
    /// May be called on any thread.
    pub fn on_diagnostic(mut self, handle: impl Fn(&Diagnostic) + Send + Sync + 'static) -> Self {
        self.on_diagnostic = Some(Arc::new(handle));
        self
    }

    /// Makes this the program's global client, until the guard is dropped.
    ///
    /// # Errors
    ///
    /// Fails if there is one already, or if the worker's thread can't be started.
    pub fn init(self) -> Result<Guard, InitError> {
        crate::client::init(self)
    }

    /// Returns the client, without touching anything global.
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
