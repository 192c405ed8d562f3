use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::environment::{self, Lookup};
use super::{
    BatchLimits, BeforeSend, Config, Flush, Identity, QueueLimits, Scrubber, Secret, StreamOptions,
};
use crate::client::{BuildError, Guard, InitError, Rollout};
use crate::diagnostics::{Diagnostic, Diagnostics, Handler};
use crate::export::Exporter;
use crate::protocol::Event;

const DEFAULT_BASE_URL: &str = "https://app.rollout.work";
pub(crate) const DEFAULT_DIR: &str = ".rollout";

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
    api_key: Option<String>,
    base_url: Option<String>,
    local_dir: Option<PathBuf>,
    environment: Option<String>,
    release: Option<String>,
    service_name: Option<String>,
    agent_name: Option<String>,
    agent_id: Option<String>,
    agent_version: Option<String>,
    deployment: Option<String>,
    sample_rate: Option<f64>,
    debug: Option<bool>,
    disabled: Option<bool>,
    capture_input: Option<bool>,
    capture_output: Option<bool>,
    flush: Flush,
    sync_mode: bool,
    max_queue_events: Option<usize>,
    max_queue_bytes: Option<usize>,
    max_batch_events: Option<usize>,
    max_batch_bytes: Option<usize>,
    max_value_bytes: Option<usize>,
    flush_interval: Option<Duration>,
    shutdown_timeout: Option<Duration>,
    capture_stream_chunks: bool,
    stream_preview_chars: Option<usize>,
    scrubber: Option<Arc<Scrubber>>,
    before_send: Option<Arc<BeforeSend>>,
    on_diagnostic: Option<Arc<Handler>>,
    pub(crate) exporters: Vec<Box<dyn Exporter>>,
    #[cfg(any(test, feature = "testing"))]
    pub(crate) stepping_clock: Option<crate::Timestamp>,
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

    /// Makes the recorder say more about itself. Environment: `ROLLOUT_DEBUG`. Defaults to false.
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

    /// Makes the recording the same in each run: time starts here and moves a millisecond whenever
    /// it is read.
    #[cfg(feature = "testing")]
    pub fn stepping_clock(mut self, start: crate::Timestamp) -> Self {
        self.stepping_clock = Some(start);
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

    /// Decides all options, and gives back the exporters.
    pub(crate) fn resolve(self, lookup: &Lookup<'_>) -> (Config, Vec<Box<dyn Exporter>>) {
        let quiet = Diagnostics::new(self.on_diagnostic.clone(), false);
        let debug = environment::flag(self.debug, lookup, "ROLLOUT_DEBUG", false, &quiet);
        let diagnostics = Diagnostics::new(self.on_diagnostic, debug);
        let text = |explicit, name| environment::text(explicit, lookup, name);
        let flag = |explicit, name, default| {
            environment::flag(explicit, lookup, name, default, &diagnostics)
        };
        let at_least_one = |explicit: Option<usize>, name: &str, default: usize, most: usize| {
            let value = explicit.unwrap_or(default);
            if (1..=most).contains(&value) {
                return value;
            }
            let expected = if most == usize::MAX {
                "at least 1".into()
            } else {
                format!("1 to {most}")
            };
            environment::warn(&diagnostics, name, &value.to_string(), &expected, default);
            default
        };

        let base_url = text(self.base_url, "ROLLOUT_BASE_URL")
            .map(|url| url.trim_end_matches('/').to_owned())
            .filter(|url| !url.is_empty())
            .unwrap_or_else(|| DEFAULT_BASE_URL.to_owned());
        let local_dir = self
            .local_dir
            .or_else(|| text(None, "ROLLOUT_DIR").map(PathBuf::from));
        let config = Config {
            api_key: text(self.api_key, "ROLLOUT_API_KEY").map(Secret::new),
            base_url,
            local_dir,
            identity: Identity {
                agent_id: text(self.agent_id, "ROLLOUT_AGENT_ID"),
                agent_name: text(self.agent_name, "ROLLOUT_AGENT_NAME"),
                agent_version: text(self.agent_version, "ROLLOUT_AGENT_VERSION"),
                deployment: text(self.deployment, "ROLLOUT_DEPLOYMENT"),
                environment: text(self.environment, "ROLLOUT_ENVIRONMENT"),
                service_name: text(self.service_name, "ROLLOUT_SERVICE_NAME"),
                release: text(self.release, "ROLLOUT_RELEASE"),
            },
            sample_rate: environment::sample_rate(self.sample_rate, lookup, &diagnostics),
            disabled: flag(self.disabled, "ROLLOUT_DISABLED", false),
            capture_input: flag(self.capture_input, "ROLLOUT_CAPTURE_INPUT", true),
            capture_output: flag(self.capture_output, "ROLLOUT_CAPTURE_OUTPUT", true),
            flush: self.flush,
            sync_mode: self.sync_mode,
            queue: QueueLimits {
                events: at_least_one(self.max_queue_events, "max_queue_events", 1_000, usize::MAX),
                bytes: at_least_one(
                    self.max_queue_bytes,
                    "max_queue_bytes",
                    4_000_000,
                    usize::MAX,
                ),
            },
            batch: BatchLimits {
                events: at_least_one(self.max_batch_events, "max_batch_events", 100, 1_000),
                bytes: at_least_one(self.max_batch_bytes, "max_batch_bytes", 512_000, usize::MAX),
                interval: self.flush_interval.unwrap_or(Duration::from_secs(2)),
            },
            shutdown_timeout: self.shutdown_timeout.unwrap_or(Duration::from_secs(5)),
            max_value_bytes: at_least_one(
                self.max_value_bytes,
                "max_value_bytes",
                256 * 1024,
                usize::MAX,
            ),
            stream: StreamOptions {
                preview_chars: self.stream_preview_chars.unwrap_or(4_096),
                capture_chunks: self.capture_stream_chunks,
            },
            scrubber: self.scrubber,
            before_send: self.before_send,
            diagnostics,
        };
        (config, self.exporters)
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("base_url", &self.base_url)
            .field("agent_name", &self.agent_name)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(builder: Builder, variables: &[(&str, &str)]) -> Config {
        let lookup = |name: &str| {
            variables
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| (*value).to_owned())
        };
        builder.resolve(&lookup).0
    }

    #[test]
    fn what_the_program_sets_wins_over_the_environment() {
        let variables = [("ROLLOUT_AGENT_NAME", "env"), ("ROLLOUT_RELEASE", "1.2")];
        let config = resolve(Builder::default().agent_name("code"), &variables);
        assert_eq!(config.identity.agent_name.as_deref(), Some("code"));
        assert_eq!(config.identity.release.as_deref(), Some("1.2"));
    }

    #[test]
    fn a_base_url_loses_blanks_and_slashes_and_an_empty_one_is_the_default() {
        let url = |text| resolve(Builder::default().base_url(text), &[]).base_url;
        assert_eq!(url(" http://localhost:8080// "), "http://localhost:8080");
        assert_eq!(url(" / "), DEFAULT_BASE_URL);
    }

    #[test]
    fn a_limit_of_zero_is_the_default() {
        let builder = Builder::default()
            .max_queue_events(0)
            .max_batch_events(5_000);
        let config = resolve(builder.on_diagnostic(|_| {}), &[]);
        assert_eq!((config.queue.events, config.batch.events), (1_000, 100));
    }

    #[test]
    fn the_api_key_is_in_no_debug_text() {
        let config = resolve(Builder::default().api_key("rl_secret"), &[]);
        assert!(config.api_key.is_some());
        assert!(!format!("{config:?}").contains("rl_secret"));
        assert!(!format!("{:?}", Builder::default().api_key("rl_secret")).contains("rl_secret"));
    }
}
