//! Options: what the program set, else what the environment says, else the default.

mod builder;
pub(crate) mod environment;
#[cfg(feature = "otlp")]
mod otlp;
mod resolve;

pub use builder::Builder;
#[cfg(feature = "otlp")]
pub(crate) use otlp::OtlpTarget;
#[cfg(feature = "otlp")]
pub use otlp::{Otlp, OtlpProtocol, ParseProtocolError};
pub(crate) use resolve::DEFAULT_DIR;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::context::Context;
use crate::diagnostics::Diagnostics;
use crate::pipeline::limits::MediaStore;
use crate::pipeline::redact::{self, Redactor};
use crate::protocol::Event;

/// A hook that changes events in place, before anything leaves the process.
pub(crate) type Scrubber = dyn Fn(&mut Event) + Send + Sync;
/// A hook that takes an event and gives it back, changed or not, or drops it.
pub(crate) type BeforeSend = dyn Fn(Event) -> Option<Event> + Send + Sync;
/// A hook that finds the context that a trace is to begin in.
pub(crate) type FindParent = dyn Fn() -> Option<Context> + Send + Sync;

/// What a client does when a trace ends.
///
/// ```
/// # use rollout_core as rollout;
/// // For a function in a cloud, which is frozen once it has answered:
/// let builder = rollout::builder().flush(rollout::Flush::Wait);
/// # drop(builder);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Flush {
    /// Wakes the worker and goes on. The default: the program never waits for the network.
    #[default]
    Notify,
    /// Waits until everything recorded so far is delivered, but no longer than the
    /// `shutdown_timeout`. For programs that may be frozen or killed the moment they answer.
    Wait,
}

/// The options of a client, all decided.
#[derive(Clone)]
pub(crate) struct Config {
    pub(crate) api_key: Option<Secret>,
    pub(crate) base_url: String,
    pub(crate) local_dir: Option<PathBuf>,
    pub(crate) identity: Identity,
    pub(crate) sample_rate: f64,
    pub(crate) disabled: bool,
    pub(crate) capture_input: bool,
    pub(crate) capture_output: bool,
    pub(crate) flush: Flush,
    pub(crate) sync_mode: bool,
    pub(crate) propagate_context: bool,
    #[cfg(feature = "otlp")]
    pub(crate) otlp: Vec<OtlpTarget>,
    #[cfg(feature = "tracing")]
    pub(crate) tracing_spans: bool,
    pub(crate) parent: Option<Arc<FindParent>>,
    pub(crate) queue: QueueLimits,
    pub(crate) batch: BatchLimits,
    #[cfg_attr(
        not(feature = "http"),
        allow(dead_code, reason = "there is nothing to deliver to")
    )]
    pub(crate) spool: SpoolOptions,
    pub(crate) shutdown_timeout: Duration,
    pub(crate) max_value_bytes: usize,
    pub(crate) stream: StreamOptions,
    pub(crate) redactor: Redactor,
    /// Where media are kept aside.
    pub(crate) media: Option<Arc<MediaStore>>,
    pub(crate) scrubber: Option<Arc<Scrubber>>,
    pub(crate) before_send: Option<Arc<BeforeSend>>,
    pub(crate) diagnostics: Diagnostics,
}

/// Who records: written into every event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) agent_id: Option<String>,
    pub(crate) agent_name: Option<String>,
    pub(crate) agent_version: Option<String>,
    pub(crate) deployment: Option<String>,
    pub(crate) environment: Option<String>,
    pub(crate) service_name: Option<String>,
    pub(crate) release: Option<String>,
}

/// How much may wait for the worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct QueueLimits {
    pub(crate) events: usize,
    pub(crate) bytes: usize,
}

/// How much goes out together, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BatchLimits {
    pub(crate) events: usize,
    pub(crate) bytes: usize,
    pub(crate) interval: Duration,
}

/// Where events are kept until they are delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SpoolOptions {
    /// Folders, the first one to be written to if it can be.
    pub(crate) dirs: Vec<PathBuf>,
    /// How much may be there; with 0 there is no spool.
    pub(crate) max_bytes: u64,
}

/// What is sent of a stream while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StreamOptions {
    pub(crate) preview_chars: usize,
    pub(crate) capture_chunks: bool,
}

/// A text that appears in no record, no `Debug` and no log.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    pub(crate) fn new(text: String) -> Self {
        Self(text)
    }

    #[cfg(feature = "http")]
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// Returns what tells it from others, and is not enough to find it out.
    #[cfg(feature = "http")]
    pub(crate) fn fingerprint(&self) -> String {
        self.fingerprint_with("rollout spool")
    }

    /// Returns what tells it, together with this, from others.
    #[cfg(feature = "http")]
    pub(crate) fn fingerprint_with(&self, what: &str) -> String {
        use sha2::{Digest as _, Sha256};

        let digest = Sha256::digest(format!("{what} {}", self.0));
        let digits = digest.iter().take(4).map(|byte| format!("{byte:02x}"));
        digits.collect()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[REDACTED]")
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("api_key", &self.api_key)
            .field("base_url", &redact::text(&self.base_url))
            .field("local_dir", &self.local_dir)
            .field("identity", &self.identity)
            .field("sample_rate", &self.sample_rate)
            .field("disabled", &self.disabled)
            .field("queue", &self.queue)
            .field("batch", &self.batch)
            .finish_non_exhaustive()
    }
}
