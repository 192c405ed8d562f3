//! The exporter against a server that does as it is told.

mod answers;
mod pressure;
mod program;
mod server;
mod shutdown;
mod spooled;
mod troubles;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use self::server::{Reply, Server};
use super::HttpExporter;
use super::destination::Destination;
use super::retry::Backoff;
use crate::clock::Timestamp;
use crate::config::{Builder, QueueLimits};
use crate::export::Exporter as _;
use crate::pipeline::batch::{Batch, Receipts};
use crate::pipeline::latch::{Latch, latch};
use crate::pipeline::queue::Queue;
use crate::protocol::{Event, EventType};
use crate::{Diagnostic, Stats};

const KEY: &str = "rl_secret_key";

/// Longer than any test takes, unless it fails.
const LONG: Duration = Duration::from_secs(60);

/// An exporter, what it says, and the books it keeps.
struct Bench {
    exporter: HttpExporter,
    queue: Arc<Queue>,
    said: Arc<Mutex<Vec<Diagnostic>>>,
}

impl Bench {
    fn new(url: &str) -> Self {
        Self::with(url, true, |builder| builder)
    }

    fn with(url: &str, alone: bool, options: impl FnOnce(Builder) -> Builder) -> Self {
        let said = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&said);
        let builder = Builder::default()
            .api_key(KEY)
            .base_url(url)
            .spool_max_bytes(0)
            .on_diagnostic(move |diagnostic| sink.lock().unwrap().push(diagnostic.clone()));
        let (config, _) = options(builder).resolve(&|_| None);
        let mut exporter = HttpExporter::new(&config, alone).unwrap().unwrap();
        exporter.settings.backoff = Backoff(Duration::ZERO);
        let queue = Arc::new(Queue::new(
            QueueLimits {
                events: 1000,
                bytes: 1_000_000,
            },
            100,
        ));
        Self {
            exporter,
            queue,
            said,
        }
    }

    /// Sets how long an attempt may take.
    fn set_timeout(&mut self, timeout: Duration) {
        match &mut self.exporter.settings.destination {
            Destination::Api(endpoint) => endpoint.timeout = timeout,
            #[cfg(feature = "otlp")]
            Destination::Otlp(target) => target.timeout = timeout,
        }
    }

    /// Exports so many events of traces of their own, and returns what opens when it is known what
    /// became of them.
    fn export(&mut self, events: usize) -> Latch {
        let traces = (0..events).map(|_| crate::TraceId::random().to_string());
        self.export_of(&traces.collect::<Vec<_>>())
    }

    /// Exports an event of each of these traces.
    fn export_of(&mut self, traces: &[String]) -> Latch {
        let events = traces.iter().enumerate().map(|(n, trace)| {
            let mut event = Event::new(EventType::Metric, Timestamp::from_unix_nanos(0));
            (event.trace_id, event.name) = (Some(trace.clone()), Some(format!("event {n}")));
            event
        });
        let batch = Arc::new(Batch::new(events.collect()));
        self.queue
            .with_stats(|stats| stats.enter(batch.len() as u64));
        let mut receipts = Receipts::new(&batch, &self.queue, 1);
        let (settled, hold) = latch();
        receipts.in_flight().hold(&hold);
        self.exporter.export(batch, receipts.receipt());
        self.exporter.flush();
        settled
    }

    /// Exports so many events, and waits until it is known what became of them.
    fn deliver(&mut self, events: usize) -> Stats {
        assert!(self.export(events).wait(LONG), "not settled");
        self.queue.stats()
    }

    fn said(&self) -> Vec<String> {
        self.said
            .lock()
            .unwrap()
            .iter()
            .map(|diagnostic| diagnostic.message.clone())
            .collect()
    }
}

#[test]
fn a_request_is_as_the_protocol_says() {
    let server = Server::start(|_, _| Reply::ok(r#"{"accepted":3,"rejected":0}"#));
    let mut bench = Bench::new(&server.url);
    assert_eq!(bench.deliver(3).exported, 3);
    let [request] = &server.requests()[..] else {
        panic!("one request")
    };
    assert_eq!(request.line, "POST /v1/events:batch HTTP/1.1");
    for (name, value) in [
        ("authorization", "Bearer rl_secret_key"),
        ("accept", "application/json"),
        ("content-type", "application/json"),
        ("content-encoding", "gzip"),
        (
            "user-agent",
            concat!("rollout-rust/", env!("CARGO_PKG_VERSION")),
        ),
    ] {
        assert_eq!(request.header(name), Some(value), "{name}");
    }
    assert_eq!(request.envelope["source"], "sdk_rust");
    assert_eq!(request.envelope["events"][2]["name"], "event 2");
    assert_eq!(bench.said(), [""; 0]);
}

#[test]
fn nothing_is_started_before_there_is_something_to_send() {
    let mut bench = Bench::new("http://127.0.0.1:1");
    assert!(bench.exporter.thread.is_none());
    bench.exporter.shutdown(LONG);
}
