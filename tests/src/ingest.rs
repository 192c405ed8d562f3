//! A server like the one that events are sent to, and stricter than that.
//!
//! It looks at each request, envelope and event, at what the events of a trace say together, and at
//! what is sent again. It answers as a test says, whatever it finds: what it found is in
//! [`violations`](IngestServer::violations).

mod answer;
mod json;
mod ledger;
mod meaning;
mod order;
mod schema;
mod shape;
mod violation;

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

pub use answer::Answer;
pub use violation::{Rule, Violation};

use crate::Folder;
use crate::http::{Request, Server, Watched};
use ledger::{Ledger, Limits};

/// The key that clients of a test server have to have.
pub const KEY: &str = "rl_test_key";

/// A strict ingest server.
///
/// ```
/// use std::time::Duration;
/// use rollout_tests::IngestServer;
///
/// let ingest = IngestServer::start();
/// let rollout = rollout::builder()
///     .api_key(rollout_tests::ingest::KEY)
///     .base_url(ingest.url())
///     .spool_dir(ingest.spool_dir())
///     .build()?;
/// rollout.trace("support").start().end();
/// rollout.shutdown();
/// assert_eq!(ingest.wait_for_events(2, Duration::from_secs(10)).len(), 2);
/// ingest.assert_sound();
/// # Ok::<(), rollout::BuildError>(())
/// ```
#[derive(Debug)]
pub struct IngestServer {
    server: Server,
    desk: Arc<Watched<Desk>>,
    spool: Folder,
}

#[derive(Debug)]
struct Desk {
    ledger: Ledger,
    requests: Vec<Request>,
    script: VecDeque<Answer>,
    afterwards: Answer,
    limits: Limits,
}

impl IngestServer {
    /// Starts one that stores everything.
    pub fn start() -> Self {
        Self::with(Vec::new())
    }

    /// Starts one that gives these answers, in this order, and then stores everything.
    pub fn with(answers: impl IntoIterator<Item = Answer>) -> Self {
        let desk = Arc::new(Watched::new(Desk {
            ledger: Ledger::default(),
            requests: Vec::new(),
            script: answers.into_iter().collect(),
            afterwards: Answer::store(),
            limits: Limits {
                events: 100,
                bytes: 512_000,
            },
        }));
        let handler = Arc::clone(&desk);
        let server = Server::start(move |request| handler.update(|desk| desk.serve(request)));
        let spool = Folder::new();
        Self {
            server,
            desk,
            spool,
        }
    }

    /// Starts one that always gives this answer.
    pub fn always(answer: Answer) -> Self {
        let ingest = Self::start();
        ingest.answer_with(answer);
        ingest
    }

    /// Gives this answer from here on, once the script is at its end.
    pub fn answer_with(&self, answer: Answer) {
        self.desk.update(|desk| desk.afterwards = answer);
    }

    /// Sets how many events, and how many bytes of them, may travel together, for clients with other
    /// options than the defaults.
    #[must_use]
    pub fn with_batch_limits(self, events: usize, bytes: usize) -> Self {
        self.desk
            .update(|desk| desk.limits = Limits { events, bytes });
        self
    }

    /// Returns `http://127.0.0.1:PORT`, what clients take as base URL.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Returns a folder in which clients may keep what this server does not take; it goes with it.
    pub fn spool_dir(&self) -> &Path {
        self.spool.path()
    }

    /// Adds an answer at the end of the script.
    pub fn push(&self, answer: Answer) {
        self.desk.update(|desk| desk.script.push_back(answer));
    }

    /// Returns the requests so far, whatever they were answered.
    pub fn requests(&self) -> Vec<Request> {
        self.desk.read(|desk| desk.requests.clone())
    }

    /// Returns the envelopes so far, as they came, also those that were sent again.
    ///
    /// # Panics
    ///
    /// If one of them is no JSON.
    pub fn batches(&self) -> Vec<Value> {
        let requests = self.requests();
        let plain = requests
            .iter()
            .map(|request| ledger::unzip(&request.body).unwrap());
        plain
            .map(|body| serde_json::from_slice(&body).unwrap())
            .collect()
    }

    /// Returns the events that are stored, each once, those of a trace in the order of their numbers.
    pub fn events(&self) -> Vec<Value> {
        self.desk.read(|desk| in_order(desk.ledger.stored()))
    }

    /// Waits until so many events are stored, and returns all there are.
    ///
    /// # Panics
    ///
    /// If they do not come in time.
    #[track_caller]
    pub fn wait_for_events(&self, count: usize, timeout: Duration) -> Vec<Value> {
        let events = self.desk.wait(timeout, |desk| {
            let stored = desk.ledger.stored();
            (stored.len() >= count).then(|| in_order(stored))
        });
        let Some(events) = events else {
            let came = self.events().len();
            panic!("{came} of {count} events came within {timeout:?}");
        };
        events
    }

    /// Returns what is wrong with what came so far.
    pub fn violations(&self) -> Vec<Violation> {
        self.desk.read(|desk| desk.ledger.violations())
    }

    /// Returns what has not come: ends of what began, and events whose numbers were left out.
    pub fn missing(&self) -> Vec<Violation> {
        self.desk.read(|desk| desk.ledger.missing())
    }

    /// Checks that nothing is wrong, and nothing missing.
    ///
    /// # Panics
    ///
    /// If something is; it says what.
    #[track_caller]
    pub fn assert_sound(&self) {
        let (wrong, missing) = (self.violations(), self.missing());
        let lines: Vec<_> = wrong
            .iter()
            .chain(&missing)
            .map(ToString::to_string)
            .collect();
        assert!(
            lines.is_empty(),
            "{} things are wrong:\n{}",
            lines.len(),
            lines.join("\n")
        );
    }
}

impl Desk {
    fn serve(&mut self, request: &Request) -> crate::Reply {
        self.requests.push(request.clone());
        let envelope = self.ledger.request(request, KEY, self.limits);
        let answer = self
            .script
            .pop_front()
            .unwrap_or_else(|| self.afterwards.clone());
        let (reply, verdict) = answer.to(envelope.len());
        self.ledger.settle(&envelope, verdict);
        reply
    }
}

/// Sorts the events of each trace; traces stay in the order in which they came first.
fn in_order(events: &[Value]) -> Vec<Value> {
    let key = |event: &Value| event["trace_id"].as_str().map(str::to_owned);
    let mut traces = Vec::new();
    for event in events {
        if !traces.contains(&key(event)) {
            traces.push(key(event));
        }
    }
    let mut events = events.to_vec();
    events.sort_by_key(|event| {
        let trace = traces.iter().position(|trace| *trace == key(event));
        (trace, event["sequence"].as_u64())
    });
    events
}

#[cfg(test)]
mod tests;
