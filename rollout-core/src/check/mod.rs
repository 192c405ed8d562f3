//! Whether the ingest API takes what this program would send: asked with three events of its own.

mod report;

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

pub use report::{CheckReport, RejectedEvent};

use crate::client::{Core, Rollout, client};
use crate::config::{Builder, Config, DEFAULT_DIR, environment};
use crate::export::http;

/// How long a check may take, with all its attempts.
const TIMEOUT: Duration = Duration::from_secs(15);

/// A question to the ingest API that is about to be asked: see [`check`].
#[must_use = "nothing is asked until `run`, or `.await`"]
#[derive(Debug)]
pub struct Check {
    config: Config,
    timeout: Duration,
    quiet: bool,
}

/// Asks the ingest API whether it takes what this program would send: the address, the key, and three
/// events that say that they are a check.
///
/// Asks with the options of the global client, or with those of the environment where there is none.
/// They are sent at once, past the queue, the hooks and the sampling, and tried again as usual.
///
/// ```no_run
/// let report = rollout_core::check().run();    // says in a line what came of it, on standard error
/// if !report.ok {
///     std::process::exit(1);
/// }
/// ```
///
/// In asynchronous code it is awaited; no particular runtime is needed:
///
/// ```no_run
/// # async fn ready() -> bool {
/// rollout_core::check().quiet().await.ok
/// # }
/// ```
pub fn check() -> Check {
    match client() {
        Some(client) => client.check(),
        None => Check::new(Builder::default().resolve(&environment::process).0),
    }
}

impl Rollout {
    /// Asks the ingest API whether it takes what this client would send: see [`check`].
    pub fn check(&self) -> Check {
        let core: &Arc<Core> = self.core();
        Check::new(core.config.clone())
    }
}

impl Check {
    fn new(config: Config) -> Self {
        Self {
            config,
            timeout: TIMEOUT,
            quiet: false,
        }
    }

    /// Says nothing of what came of it but in the report.
    pub fn quiet(mut self) -> Self {
        self.quiet = true;
        self
    }

    /// Sets how long it may take, with all attempts. Defaults to 15 seconds.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Asks, and waits for the answer on this thread. May be called anywhere, also inside of a runtime,
    /// whose thread it blocks. Never fails: what went wrong is in the report.
    pub fn run(self) -> CheckReport {
        let report = self.obstacle().unwrap_or_else(|| self.wait());
        self.said(report)
    }

    /// Returns why there is nothing to be asked.
    fn obstacle(&self) -> Option<CheckReport> {
        if self.config.disabled {
            return Some(CheckReport::failed("rollout is disabled: nothing was sent"));
        }
        if self.config.api_key.is_none() {
            let default = std::path::Path::new(DEFAULT_DIR);
            let dir = self.config.local_dir.as_deref().unwrap_or(default);
            return Some(CheckReport::failed(format!(
                "there is no API key, so runs are recorded into `{}` and nothing was sent: set \
                 `ROLLOUT_API_KEY` to send them",
                dir.display()
            )));
        }
        None
    }

    fn said(&self, report: CheckReport) -> CheckReport {
        let diagnostics = &self.config.diagnostics;
        match (self.quiet, report.ok) {
            (true, _) => {}
            (false, true) => diagnostics.info(format_args!("✓ {report}")),
            (false, false) => diagnostics.error(format_args!("✗ {report}")),
        }
        report
    }

    fn wait(&self) -> CheckReport {
        let (answer, answered) = std::sync::mpsc::channel();
        let asked = http::check(&self.config, self.timeout, move |report| {
            let _ = answer.send(report);
        });
        match asked {
            Ok(()) => answered.recv().unwrap_or_else(|_| CheckReport::unknown()),
            Err(error) => CheckReport::failed(error),
        }
    }

    async fn arrive(&self) -> CheckReport {
        let (answer, answered) = tokio::sync::oneshot::channel();
        let asked = http::check(&self.config, self.timeout, move |report| {
            let _ = answer.send(report);
        });
        match asked {
            Ok(()) => answered.await.unwrap_or_else(|_| CheckReport::unknown()),
            Err(error) => CheckReport::failed(error),
        }
    }
}

impl IntoFuture for Check {
    type Output = CheckReport;
    type IntoFuture = Pin<Box<dyn Future<Output = CheckReport> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let report = match self.obstacle() {
                Some(report) => report,
                None => self.arrive().await,
            };
            self.said(report)
        })
    }
}
