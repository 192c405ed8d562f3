//! The server as others meet it: over a socket, byte by byte.

mod security;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::*;

/// A server over a folder of its own, which goes with it.
struct Server {
    app: App,
    folder: PathBuf,
    _runtime: Runtime,
}

impl Server {
    fn start(name: &str) -> Self {
        let folder = format!("rollout-view-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let runtime = Runtime::new().unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let listener = runtime.block_on(listener).unwrap();
        let app = App {
            keys: Arc::new(Keys::random().unwrap()),
            source: Arc::new(Source::new(&folder, Prices::listed().unwrap())),
            port: listener.local_addr().unwrap().port(),
        };
        let served = app.clone();
        runtime.spawn(async move {
            live::watch(&served.source);
            axum::serve(listener, routes::router(served)).await
        });
        Self {
            app,
            folder,
            _runtime: runtime,
        }
    }

    fn record(&self, file: &str, events: &[Value]) {
        let lines: Vec<String> = events.iter().map(Value::to_string).collect();
        let lines = lines.join("\n") + "\n";
        fs::write(self.folder.join(file), lines).unwrap();
    }

    fn connect(&self, head: &str) -> TcpStream {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.app.port)).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        stream
            .write_all(format!("{head}\r\n\r\n").as_bytes())
            .unwrap();
        stream
    }

    /// Sends a request as it is written here; returns the status, the head and the body.
    fn send(&self, head: &str) -> (u16, String, String) {
        let mut answer = String::new();
        let mut stream = self.connect(&format!("{head}\r\nconnection: close"));
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (
            head[9..12].parse().unwrap(),
            head.to_lowercase(),
            body.to_owned(),
        )
    }

    fn host(&self) -> String {
        format!("host: 127.0.0.1:{}", self.app.port)
    }

    fn key(&self) -> String {
        format!("authorization: Bearer {}", self.app.keys.token())
    }

    fn get(&self, path: &str) -> (u16, Value) {
        let (host, key) = (self.host(), self.key());
        let (status, _, body) = self.send(&format!("GET {path} HTTP/1.1\r\n{host}\r\n{key}"));
        (status, serde_json::from_str(&body).unwrap_or_default())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn span(trace: &str, span: &str) -> Value {
    json!({
        "event_type": "span.end", "event_id": format!("e-{span}"), "trace_id": trace, "span_id": span, "span_type": "llm",
        "status": "ok", "occurred_at": "2026-01-01T00:00:00Z", "started_at": "2026-01-01T00:00:00Z",
        "raw": {"output": "the secret"}, "model": {"model": "m"},
    })
}

#[test]
fn what_is_broken_or_foreign_in_the_folder_does_no_harm() {
    let server = Server::start("broken");
    server.record(
        "a.jsonl",
        &[
            span("t", "a"),
            json!(17),
            json!({"trace_id": 4}),
            json!({"hello": "world"}),
        ],
    );
    fs::write(
        server.folder.join("b.jsonl"),
        b"{\"event_type\": \"span.end\"\n\xff\xfe\x00\n\n[[[[\n{\"trace_id\": \"half",
    )
    .unwrap();
    fs::write(
        server.folder.join("notes.txt"),
        span("foreign", "x").to_string(),
    )
    .unwrap();
    fs::create_dir(server.folder.join("c.jsonl")).unwrap();
    let (status, runs) = server.get("/api/runs");
    assert_eq!(
        (status, &runs["total"], &runs["runs"][0]["id"]),
        (200, &json!(1), &json!("t"))
    );
    let (status, run) = server.get("/api/runs/t");
    assert_eq!((status, &run["steps"][1]["key"]), (200, &json!("a")));
    let (status, detail) = server.get("/api/runs/t/steps/a");
    assert_eq!((status, &detail["output"]), (200, &json!("the secret")));
    let (_, events) = server.get("/api/runs/t/steps/a/events");
    assert_eq!(events["events"], json!([span("t", "a")]));
    assert_eq!(server.get("/api/runs/nobody").0, 404);
    assert_eq!(
        server.get("/api/compare?left=t&right=t").1["pairs"][1]["differs"],
        json!([])
    );
    assert_eq!(server.get("/api/stats").1["models"][0]["calls"], 1);
}

#[test]
fn images_are_found_by_their_hash_and_nothing_else_is() {
    let server = Server::start("media");
    let media = server.folder.join("media");
    fs::create_dir(&media).unwrap();
    let hash = "0a".repeat(32);
    fs::write(media.join(format!("{hash}.png")), b"pixels").unwrap();
    fs::write(media.join(format!("{}.svg", "0b".repeat(32))), b"<svg/>").unwrap();
    fs::write(server.folder.join("secret.png"), b"pixels").unwrap();
    let get = |hash: &str| server.get(&format!("/api/media/{hash}"));
    let picture = json!({"type": "image/png", "data": "cGl4ZWxz"});
    assert_eq!(get(&hash), (200, picture));
    for other in [
        &"0b".repeat(32),
        &"0c".repeat(32),
        "secret",
        "..%2Fsecret",
        "%2e%2e",
    ] {
        assert_eq!(get(other), (200, json!(null)), "{other}");
    }
}

#[test]
fn a_folder_that_is_not_there_yet_is_empty() {
    let server = Server::start("missing");
    fs::remove_dir_all(&server.folder).unwrap();
    assert_eq!(
        server.get("/api/runs"),
        (
            200,
            json!({"total": 0, "matched": 0, "unread": 0, "sums": {"failed": 0, "calls": 0}, "models": [], "runs": []})
        )
    );
}

#[test]
fn what_is_recorded_meanwhile_is_told() {
    let server = Server::start("live");
    let (host, key) = (server.host(), server.key());
    let mut stream = server.connect(&format!("GET /api/live HTTP/1.1\r\n{host}\r\n{key}"));
    let mut told = String::new();
    let mut bytes = [0; 4096];
    let mut recorded = false;
    while !told.contains(r#"data: {"runs":["later"],"all":false}"#) {
        let length = stream.read(&mut bytes).expect(&told);
        assert!(length > 0, "{told}");
        told.push_str(&String::from_utf8_lossy(&bytes[..length]));
        if told.contains("text/event-stream") && !recorded {
            recorded = true;
            server.record("later.jsonl", &[span("later", "a")]);
        }
    }
}
