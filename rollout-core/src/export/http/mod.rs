//! The ingest API: events go out in batches, gzipped, several at a time, from a thread of their own.
//!
//! ```text
//!  the client's worker                 the thread `rollout-http`
//!  export ───── mail ──► inbox ──► lane ─┐
//!    └► spool ···········► │ ├──► lane ─┼─ courier: envelope, attempts, answer
//!  is_ready ◄─ load        ▲ └──►  …   ─┘      │        └──► the receipt of each event, the spool
//!  close ─── closing ─►    └───────────────────┘ what the server does not take for now
//! ```
//!
//! Events are on disk before they are sent. What the server does not take stays there, and in the inbox
//! nothing but the place where it is.

mod answer;
mod check;
mod client;
mod courier;
mod destination;
mod dispatch;
mod endpoint;
mod envelope;
mod inbox;
mod mail;
#[cfg(feature = "otlp")]
mod otlp;
mod post;
mod reporter;
mod retry;
#[cfg(test)]
mod tests;
mod thread;

use std::sync::Arc;
use std::time::Duration;

pub(crate) use self::check::check;
use self::destination::Destination;
use self::endpoint::{Endpoint, EndpointError};
use self::mail::{Load, Mail};
pub use self::post::{Post, Posted};
use self::reporter::{Hints, Reporter};
use self::retry::Backoff;
use self::thread::{Settings, Thread};
use super::Exporter;
use super::spool::Spool;
#[cfg(feature = "otlp")]
use crate::config::OtlpTarget;
use crate::config::{Config, Secret};
use crate::pipeline::DropReason;
use crate::pipeline::batch::{Batch, Receipt};

/// An exporter that is alone is asked whether it has room, and events wait in the queue until it has.
/// It then takes all that the queue may hold, which can be many times the limit where spans end while
/// it is full. Beyond this something is wrong, and memory matters more.
const ALONE: usize = 16;

/// Sends events to the ingest API, or to a backend of OpenTelemetry.
pub(crate) struct HttpExporter {
    name: &'static str,
    settings: Settings,
    load: Arc<Load>,
    spool: Option<Arc<Spool>>,
    /// How many times the limits may be on their way before more is turned away.
    most: usize,
    /// Started by the first batch, so that a program that records nothing does not pay for it.
    thread: Option<Thread>,
}

/// What an exporter is called, and what it says of itself.
struct Who<'a> {
    name: &'static str,
    address: &'a str,
    /// What opens the door.
    secrets: Vec<Secret>,
    hints: Hints,
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
        let who = Who {
            name: "http",
            address: &config.base_url,
            secrets: vec![key.clone()],
            hints: Hints::API,
        };
        Ok(Some(Self::to(
            Destination::Api(endpoint),
            who,
            config,
            alone,
        )))
    }

    /// Returns the exporter to a backend of OpenTelemetry.
    #[cfg(feature = "otlp")]
    pub(crate) fn otlp(target: OtlpTarget, config: &Config, alone: bool) -> Self {
        let address = target.url.to_string();
        let who = Who {
            name: "otlp",
            address: &address,
            secrets: otlp::secrets(&target),
            hints: Hints::OTLP,
        };
        Self::to(Destination::Otlp(Box::new(target)), who, config, alone)
    }

    fn to(destination: Destination, who: Who<'_>, config: &Config, alone: bool) -> Self {
        let diagnostics = config.diagnostics.clone();
        // Another key is another tenant, who must not get what was recorded for this one.
        let key: Vec<_> = who.secrets.iter().map(Secret::expose).collect();
        let key = Secret::new(key.join("\n"));
        let spool = Spool::new(&config.spool, who.address, &key, diagnostics.clone());
        let spool = spool.map(Arc::new);
        let reporter = Reporter::new(diagnostics, who.address, who.secrets, who.hints);
        let load = Arc::new(Load::new(config.queue));
        let mut exporter = Self {
            name: who.name,
            settings: Settings {
                destination,
                batch: config.batch,
                backoff: Backoff::default(),
                reporter: Arc::new(reporter),
                load: Arc::clone(&load),
                spool: spool.clone(),
            },
            load,
            spool,
            most: if alone { ALONE } else { 1 },
            thread: None,
        };
        // What an earlier run left is sent also if this one records nothing.
        if exporter
            .spool
            .as_ref()
            .is_some_and(|spool| spool.is_in_use())
            && let Err(error) = exporter.thread()
        {
            exporter.settings.reporter.cannot_start(&error, None);
        }
        exporter
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
        self.name
    }

    fn is_eager(&self) -> bool {
        self.spool.is_some()
    }

    fn export(&mut self, batch: Arc<Batch>, receipt: Receipt) {
        let places = self.spool.as_ref().and_then(|spool| spool.append(&batch));
        if places.is_none() && self.load.exceeds(self.most) {
            return receipt.lost(DropReason::QueueFull);
        }
        let has_room = !self.load.exceeds(1);
        let mail = Mail::of(&batch, places.as_deref(), receipt, &self.load);
        match self.thread() {
            Ok(thread) => thread.send(mail, has_room),
            Err(error) => {
                let dir = self.spool.as_ref().and_then(|spool| spool.dir());
                self.settings.reporter.cannot_start(&error, dir.as_deref());
            }
        }
    }

    fn is_ready(&self) -> bool {
        // What has no room in memory is read back from the disk.
        self.spool.as_ref().is_some_and(|spool| spool.works()) || !self.load.exceeds(1)
    }

    fn flush(&mut self) {
        if let Some(thread) = &self.thread {
            thread.flush();
        }
    }

    fn close(&mut self, timeout: Duration) {
        self.load.close();
        if let Some(thread) = &self.thread {
            thread.close(timeout);
        }
    }

    fn shutdown(&mut self, timeout: Duration) {
        self.close(timeout);
        if let Some(thread) = self.thread.take() {
            thread.finish(timeout);
        }
        if let Some(spool) = &self.spool {
            spool.close();
        }
    }
}
