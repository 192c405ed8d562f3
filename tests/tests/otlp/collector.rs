//! A collector on this machine that answers as a test says, and remembers what it was sent.

use std::collections::VecDeque;
use std::io::Read as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use flate2::read::GzDecoder;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as Any;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use rollout_tests::{Reply, Request, Server};

/// What a collector was sent and has kept.
#[derive(Clone, Default)]
pub(crate) struct Kept(Arc<Mutex<Vec<ExportTraceServiceRequest>>>);

impl Kept {
    pub(crate) fn keep(&self, request: ExportTraceServiceRequest) {
        self.0.lock().unwrap().push(request);
    }

    pub(crate) fn requests(&self) -> Vec<ExportTraceServiceRequest> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn spans(&self) -> Vec<Span> {
        let requests = self.requests().into_iter();
        let scopes = requests
            .flat_map(|request| request.resource_spans)
            .flat_map(|resource| resource.scope_spans);
        scopes.flat_map(|scope| scope.spans).collect()
    }

    /// Returns the only span whose name is this.
    #[track_caller]
    pub(crate) fn span(&self, name: &str) -> Span {
        let spans = self.spans();
        let found: Vec<_> = spans.iter().filter(|span| span.name == name).collect();
        let [span] = found[..] else {
            let names: Vec<_> = spans.iter().map(|span| &span.name).collect();
            panic!("{} spans are named {name}, of {names:?}", found.len())
        };
        span.clone()
    }
}

pub(crate) struct Collector {
    server: Server,
    kept: Kept,
    requests: Arc<Mutex<Vec<Request>>>,
    away: Arc<AtomicBool>,
}

impl Collector {
    /// Starts one that takes everything.
    pub(crate) fn start() -> Self {
        Self::that_answers([])
    }

    /// Starts one that gives these answers first, and then takes everything. It keeps what it takes.
    pub(crate) fn that_answers(first: impl IntoIterator<Item = Reply>) -> Self {
        let (kept, requests) = (Kept::default(), Arc::<Mutex<Vec<_>>>::default());
        let (sink, log) = (kept.clone(), Arc::clone(&requests));
        let away = Arc::new(AtomicBool::new(false));
        let is_away = Arc::clone(&away);
        let first: Mutex<VecDeque<_>> = Mutex::new(first.into_iter().collect());
        let server = Server::start(move |request| {
            log.lock().unwrap().push(request.clone());
            let reply = first.lock().unwrap().pop_front();
            match reply {
                None if is_away.load(Ordering::SeqCst) => Reply::status(503),
                Some(reply) => reply,
                None => {
                    sink.keep(decode(request));
                    Reply::text("").with_header("content-type", "application/x-protobuf")
                }
            }
        });
        Self {
            server,
            kept,
            requests,
            away,
        }
    }

    /// Has it take nothing from now on, or everything.
    pub(crate) fn is_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    pub(crate) fn kept(&self) -> &Kept {
        &self.kept
    }
}

/// Reads a request as its headers say.
pub(crate) fn decode(request: &Request) -> ExportTraceServiceRequest {
    let mut body = request.body.to_vec();
    if request.header("content-encoding") == Some("gzip") {
        let mut plain = Vec::new();
        GzDecoder::new(&body[..]).read_to_end(&mut plain).unwrap();
        body = plain;
    }
    match request.header("content-type") {
        Some("application/json") => serde_json::from_slice(&body).unwrap(),
        Some("application/x-protobuf") => ExportTraceServiceRequest::decode(&body[..]).unwrap(),
        other => panic!("{other:?}"),
    }
}

/// Returns the value of a text among attributes; empty if it is not there.
pub(crate) fn text<'a>(attributes: &'a [KeyValue], name: &str) -> &'a str {
    match value(attributes, name) {
        Some(Any::StringValue(text)) => text,
        Some(other) => panic!("{name} is {other:?}"),
        None => "",
    }
}

pub(crate) fn int(attributes: &[KeyValue], name: &str) -> Option<i64> {
    match value(attributes, name)? {
        Any::IntValue(int) => Some(*int),
        other => panic!("{name} is {other:?}"),
    }
}

fn value<'a>(attributes: &'a [KeyValue], name: &str) -> Option<&'a Any> {
    let found = attributes.iter().find(|pair| pair.key == name)?;
    let AnyValue { value } = found.value.as_ref()?;
    value.as_ref()
}
