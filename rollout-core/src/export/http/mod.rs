//! The ingest API: events go out in batches, gzipped, several at a time, from a thread of their own.
//!
//! ```text
//!  the client's worker                 the thread `rollout-http`
//!  export ─── mail ──► channel ──► inbox ──► lane ─┐
//!  is_ready ◄─ load                     ├──► lane ─┼─ courier: envelope, attempts, answer
//!  shutdown ─ closing ─►                └──►  …   ─┘          └──► the receipt of each event
//! ```

mod answer;
mod client;
mod courier;
mod endpoint;
mod envelope;
mod mail;
mod reporter;
mod retry;
#[cfg(test)]
mod tests;
mod thread;

use std::sync::Arc;
use std::time::Duration;

use self::endpoint::{Endpoint, EndpointError};
use self::mail::{Load, Mail};
use self::reporter::Reporter;
use self::retry::Backoff;
use self::thread::{Settings, Thread};
use super::Exporter;
use crate::config::Config;
use crate::pipeline::DropReason;
use crate::pipeline::batch::{Batch, Receipt};

/// An exporter that is alone is asked whether it has room, and events wait in the queue until it has.
/// It then takes all that the queue may hold, which can be many times the limit where spans end while
/// it is full. Beyond this something is wrong, and memory matters more.
const ALONE: usize = 16;

/// Sends events to the ingest API.
pub(crate) struct HttpExporter {
    settings: Settings,
    load: Arc<Load>,
    /// How many times the limits may be on their way before more is turned away.
    most: usize,
    /// Started by the first batch, so that a program that records nothing does not pay for it.
    thread: Option<Thread>,
}

impl HttpExporter {
    /// Returns the exporter to the API that the options name; `None` where there is no key for it.
    ///
    /// `alone` says that there is no other exporter, as the worker then waits for this one.
    ///
    /// # Errors
    ///
    /// Fails if the address or the key can't be used. Whether somebody is there is found out when
    /// there is something to send.
    pub(crate) fn new(config: &Config, alone: bool) -> Result<Option<Self>, EndpointError> {
        let Some(key) = &config.api_key else {
            return Ok(None);
        };
        let endpoint = Endpoint::new(&config.base_url, key)?;
        let reporter = Reporter::new(config.diagnostics.clone(), &config.base_url, key);
        Ok(Some(Self {
            settings: Settings {
                endpoint,
                batch: config.batch,
                backoff: Backoff::default(),
                reporter: Arc::new(reporter),
            },
            load: Arc::new(Load::new(config.queue)),
            most: if alone { ALONE } else { 1 },
            thread: None,
        }))
    }

    fn thread(&mut self) -> std::io::Result<&Thread> {
        let thread = match self.thread.take() {
            Some(thread) => thread,
            None => Thread::start(self.settings.clone())?,
        };
        Ok(self.thread.insert(thread))
    }
}

impl Exporter for HttpExporter {
    fn name(&self) -> &'static str {
        "http"
    }

    fn export(&mut self, batch: Arc<Batch>, receipt: Receipt) {
        if self.load.exceeds(self.most) {
            return receipt.lost(DropReason::QueueFull);
        }
        let mail = Mail::of(&batch, receipt, &self.load);
        match self.thread() {
            Ok(thread) => thread.send(mail),
            Err(error) => self.settings.reporter.cannot_start(&error),
        }
    }

    fn is_ready(&self) -> bool {
        !self.load.exceeds(1)
    }

    fn shutdown(&mut self, timeout: Duration) {
        self.load.close();
        if let Some(thread) = self.thread.take() {
            thread.finish(timeout);
        }
    }
}
