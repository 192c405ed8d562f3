use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use super::Reply;
use crate::ScriptedProvider;

/// Longer than any test takes, unless it fails.
const LONG: Duration = Duration::from_secs(60);

async fn get(provider: &ScriptedProvider) -> reqwest::Result<reqwest::Response> {
    reqwest::get(provider.url()).await
}

/// Returns the pieces that arrive, and whether the body was complete.
async fn pieces(mut response: reqwest::Response) -> (Vec<String>, bool) {
    let mut pieces = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(piece)) => pieces.push(String::from_utf8(piece.to_vec()).unwrap()),
            Ok(None) => return (pieces, true),
            Err(_) => return (pieces, false),
        }
    }
}

#[tokio::test]
async fn replies_come_in_order_with_status_headers_and_body() {
    let provider = ScriptedProvider::start([
        Reply::json(json!({"a": 1})).with_header("x-request-id", "r1"),
        Reply::text("busy")
            .with_status(429)
            .after(Duration::from_millis(1)),
        Reply::status(204),
    ]);
    let first = get(&provider).await.unwrap();
    assert_eq!(first.headers()["content-type"], "application/json");
    assert_eq!(first.headers()["x-request-id"], "r1");
    assert_eq!(first.headers()["content-length"], "7");
    assert_eq!(first.text().await.unwrap(), r#"{"a":1}"#);
    let second = get(&provider).await.unwrap();
    assert_eq!(second.status(), 429);
    assert_eq!(second.text().await.unwrap(), "busy");
    assert_eq!(get(&provider).await.unwrap().status(), 204);
}

#[tokio::test]
async fn after_the_script_the_reply_says_so() {
    let provider = ScriptedProvider::start([]);
    let response = get(&provider).await.unwrap();
    assert_eq!(response.status(), 599);
    let text = response.text().await.unwrap();
    assert_eq!(
        text,
        "the script has no reply for GET /, which is request 1"
    );
}

#[tokio::test]
async fn a_reply_for_a_path_waits_for_it() {
    let provider = ScriptedProvider::start([
        Reply::text("b").for_path("/b"),
        Reply::text("a").for_path("/a"),
    ]);
    for path in ["a?x=1", "b"] {
        let response = reqwest::get(format!("{}/{path}", provider.url()))
            .await
            .unwrap();
        assert_eq!(response.text().await.unwrap(), path[..1]);
    }
    provider.push(Reply::text("late"));
    assert_eq!(provider.unused(), 1);
}

#[tokio::test]
async fn requests_are_kept_as_they_arrived() {
    let provider = ScriptedProvider::start([Reply::status(200), Reply::status(200)]);
    let client = reqwest::Client::new();
    for body in [r#"{"a": [1]}"#, "text"] {
        let request = client.post(format!("{}/v1/x?beta=true", provider.url()));
        let request = request.header("Authorization", "Bearer key").body(body);
        request.send().await.unwrap().bytes().await.unwrap();
    }
    let requests = provider.wait_for_requests(2, LONG);
    assert_eq!(
        (requests[0].method.as_str(), requests[0].path.as_str()),
        ("POST", "/v1/x?beta=true")
    );
    assert_eq!(requests[0].route(), "/v1/x");
    assert_eq!(requests[0].header("authorization"), Some("Bearer key"));
    assert_eq!(requests[0].json()["a"][0], 1);
    assert_eq!(
        (&requests[1].body[..], &requests[1].json),
        (&b"text"[..], &None)
    );
    // One client, one connection.
    assert_eq!(requests[1].connection, 0);
}

#[tokio::test]
async fn pieces_arrive_one_by_one() {
    let sent = ["data: {\"a\"", ": 1}\n\ndata: 2\n\n", "\n"];
    let provider = ScriptedProvider::start([
        Reply::sse(sent),
        Reply::sse(sent).paced(Duration::from_millis(1)),
    ]);
    for _ in 0..2 {
        let response = get(&provider).await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(
            pieces(response).await,
            (sent.map(String::from).to_vec(), true)
        );
    }
}

#[tokio::test]
async fn a_body_can_be_cut() {
    let provider = ScriptedProvider::start([
        Reply::pieces(["1", "2", "3"]).cut_after(2),
        Reply::text("12345").truncated_to(3),
        Reply::text("12345").truncated_to(0),
    ]);
    let response = get(&provider).await.unwrap();
    assert_eq!(
        pieces(response).await,
        (vec!["1".into(), "2".into()], false)
    );
    let response = get(&provider).await.unwrap();
    assert_eq!(response.headers()["content-length"], "5");
    assert_eq!(pieces(response).await, (vec!["123".into()], false));
    assert!(!pieces(get(&provider).await.unwrap()).await.1);
}

#[test]
fn a_connection_can_be_closed_or_reset_without_an_answer() {
    let provider = ScriptedProvider::start([Reply::close(), Reply::reset()]);
    let read = |stream: &mut TcpStream| stream.read(&mut [0]).map_err(|error| error.kind());
    let mut closed = request(&provider);
    assert_eq!(read(&mut closed), Ok(0));
    let mut reset = request(&provider);
    assert_eq!(read(&mut reset), Err(std::io::ErrorKind::ConnectionReset));
}

#[test]
fn a_connection_can_be_reset_in_a_body() {
    let provider = ScriptedProvider::start([Reply::pieces(["1", "2"]).reset_after(1)]);
    let error = request(&provider).read_to_end(&mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}

#[test]
fn a_hanging_server_says_nothing_until_it_is_dropped() {
    let provider = ScriptedProvider::start([Reply::hang(), Reply::pieces(["12"]).hang_after(1)]);
    let mut mute = request(&provider);
    provider.wait_for_requests(1, LONG);
    let mut stuck = request(&provider);
    let mut begun = Vec::new();
    while !begun.ends_with(b"2\r\n12\r\n") {
        let mut byte = [0];
        stuck.read_exact(&mut byte).unwrap();
        begun.extend(byte);
    }
    drop(provider);
    // Whatever way the connections end: no more was said.
    for stream in [&mut mute, &mut stuck] {
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        assert_eq!(rest, b"");
    }
}

/// Sends a request as a program does that knows nothing of futures.
fn request(provider: &ScriptedProvider) -> TcpStream {
    let url = provider.url();
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .unwrap();
    stream
}
