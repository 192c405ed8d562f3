//! A server that answers as a test says, and remembers what it was asked.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use serde_json::Value;

/// A URL where nobody listens, and where no server of a test ever will: the system gives this port to nobody.
pub(super) const NOBODY: &str = "http://127.0.0.1:1";

/// What a test answers to a request, of which it gets the number, from 0, and the events.
type Script = dyn Fn(usize, &[Value]) -> Reply + Send + Sync;

pub(super) enum Reply {
    /// Status, further headers, body.
    Answer(u16, &'static str, String),
    /// A body that is said to be longer than it is.
    Truncated(u16, &'static str),
    /// The connection is closed.
    Nothing,
}

#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) line: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) envelope: Value,
    pub(super) at: Instant,
}

pub(super) struct Server {
    pub(super) url: String,
    shared: Arc<Shared>,
}

struct Shared {
    script: Box<Script>,
    requests: Mutex<Vec<Request>>,
    connections: AtomicUsize,
}

impl Reply {
    pub(super) fn status(status: u16) -> Self {
        Self::Answer(status, "", String::new())
    }

    pub(super) fn ok(body: impl Into<String>) -> Self {
        Self::Answer(200, "", body.into())
    }
}

impl Server {
    pub(super) fn start(script: impl Fn(usize, &[Value]) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Arc::new(Shared {
            script: Box::new(script),
            requests: Mutex::default(),
            connections: AtomicUsize::new(0),
        });
        let server = Self {
            url,
            shared: Arc::clone(&shared),
        };
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, shared) = (stream.unwrap(), Arc::clone(&shared));
                shared.connections.fetch_add(1, Ordering::SeqCst);
                std::thread::spawn(move || shared.converse(&stream));
            }
        });
        server
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().unwrap().clone()
    }

    pub(super) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// Returns the ids of the events of each request.
    pub(super) fn event_ids(&self) -> Vec<Vec<String>> {
        self.requests().iter().map(Request::event_ids).collect()
    }
}

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let header = self
            .headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        header.map(|(_, value)| value.as_str())
    }

    pub(super) fn event_ids(&self) -> Vec<String> {
        let events = self.envelope["events"].as_array().unwrap();
        events
            .iter()
            .map(|event| event["event_id"].as_str().unwrap().to_owned())
            .collect()
    }
}

impl Shared {
    /// Answers requests until the connection ends.
    fn converse(&self, mut stream: &TcpStream) {
        let mut reader = BufReader::new(stream);
        while let Some(request) = read(&mut reader) {
            let events = request.envelope["events"].as_array().unwrap().clone();
            let number = {
                let mut requests = self.requests.lock().unwrap();
                requests.push(request);
                requests.len() - 1
            };
            let (status, headers, body, missing) = match (self.script)(number, &events) {
                Reply::Answer(status, headers, body) => (status, headers, body, 0),
                Reply::Truncated(status, body) => (status, "", body.to_owned(), 1),
                Reply::Nothing => return,
            };
            let length = body.len() + missing;
            let answer =
                format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n{headers}\r\n{body}");
            if stream.write_all(answer.as_bytes()).is_err() || missing > 0 {
                return;
            }
        }
    }
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Request> {
    let mut line = String::new();
    reader
        .read_line(&mut line)
        .ok()
        .filter(|bytes| *bytes > 0)?;
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else {
            break;
        };
        headers.push((name.to_owned(), value.to_owned()));
    }
    let at = Instant::now();
    let mut request = Request {
        line: line.trim_end().to_owned(),
        headers,
        body: Vec::new(),
        envelope: Value::Null,
        at,
    };
    request
        .body
        .resize(request.header("content-length")?.parse().ok()?, 0);
    reader.read_exact(&mut request.body).ok()?;
    let mut text = String::new();
    flate2::read::GzDecoder::new(&request.body[..])
        .read_to_string(&mut text)
        .ok()?;
    request.envelope = serde_json::from_str(&text).ok()?;
    Some(request)
}
