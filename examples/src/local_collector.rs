//! A backend of OpenTelemetry on this machine, so that the examples need none.
//!
//! It takes OTLP over HTTP as JSON, and remembers the spans.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::{io, thread};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A collector that listens on a free port of this machine until it is dropped, on a thread of its own: programs
/// that wait for their delivery don't keep it from answering.
#[derive(Debug)]
pub struct LocalCollector {
    address: SocketAddr,
    spans: Spans,
    _running: oneshot::Sender<()>,
}

type Spans = Arc<Mutex<Vec<Value>>>;

impl LocalCollector {
    /// Starts one.
    ///
    /// # Errors
    ///
    /// If no port, or no thread, can be had.
    pub fn start() -> io::Result<Self> {
        let spans = Spans::default();
        let (running, dropped) = oneshot::channel();
        let (started, starting) = mpsc::channel();
        let sink = Arc::clone(&spans);
        thread::Builder::new()
            .name("collector".to_owned())
            .spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build();
                let listening = runtime.and_then(|runtime| {
                    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
                    Ok((listener.local_addr()?, listener, runtime))
                });
                match listening {
                    Ok((address, listener, runtime)) => {
                        let _ = started.send(Ok(address));
                        runtime.block_on(async {
                            tokio::select! {
                                () = serve(listener, sink) => {}
                                _ = dropped => {}
                            }
                        });
                    }
                    Err(error) => drop(started.send(Err(error))),
                }
            })?;
        Ok(Self {
            address: starting.recv().map_err(io::Error::other)??,
            spans,
            _running: running,
        })
    }

    /// Returns where it listens: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns what it was sent as a tree: the names of the spans, and of each the attributes that are asked for.
    pub fn tree(&self, attributes: &[&str]) -> String {
        let spans = self.spans.lock().unwrap_or_else(PoisonError::into_inner);
        let mut below: HashMap<&str, Vec<&Value>> = HashMap::new();
        for span in spans.iter() {
            let parent = span["parentSpanId"].as_str().unwrap_or_default();
            below.entry(parent).or_default().push(span);
        }
        for siblings in below.values_mut() {
            siblings.sort_by_key(|span| number(&span["startTimeUnixNano"]));
        }
        let mut tree = String::new();
        write(&mut tree, &below, "", 0, attributes);
        tree
    }
}

/// Returns a number, which OTLP's JSON has as a text where it may be large.
fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn write(
    tree: &mut String,
    below: &HashMap<&str, Vec<&Value>>,
    parent: &str,
    depth: usize,
    wanted: &[&str],
) {
    for span in below.get(parent).into_iter().flatten() {
        let name = span["name"].as_str().unwrap_or_default();
        let failed = if span["status"]["code"] == 2 {
            " · ERROR"
        } else {
            ""
        };
        let _ = writeln!(tree, "{:indent$}{name}{failed}", "", indent = depth * 4);
        for pair in span["attributes"].as_array().into_iter().flatten() {
            let key = pair["key"].as_str().unwrap_or_default();
            let value = pair["value"].as_object().and_then(|of| of.values().next());
            if let Some(value) = value.filter(|_| wanted.contains(&key)) {
                let text = value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned);
                let _ = writeln!(tree, "{:indent$}{key} = {text}", "", indent = depth * 4 + 2);
            }
        }
        let id = span["spanId"].as_str().unwrap_or_default();
        if !id.is_empty() {
            write(tree, below, id, depth + 1, wanted);
        }
    }
}

async fn serve(listener: TcpListener, spans: Spans) {
    while let Ok((stream, _)) = listener.accept().await {
        let spans = Arc::clone(&spans);
        let service = service_fn(move |request| take(Arc::clone(&spans), request));
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn take(
    spans: Spans,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let mut response = Response::new(Full::from("{}"));
    let body = match request.into_body().collect().await {
        Ok(body) => serde_json::from_slice::<Value>(&body.to_bytes()).ok(),
        Err(_) => None,
    };
    let Some(body) = body else {
        *response.status_mut() = hyper::StatusCode::BAD_REQUEST;
        return Ok(response);
    };
    let list = |value: &Value, name| value[name].as_array().cloned().unwrap_or_default();
    let resources = list(&body, "resourceSpans").into_iter();
    let scopes = resources.flat_map(|resource| list(&resource, "scopeSpans"));
    let sent = scopes.flat_map(|scope| list(&scope, "spans"));
    spans
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .extend(sent);
    Ok(response)
}
