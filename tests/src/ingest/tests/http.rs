//! The server itself.

use std::io::Write as _;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::{envelope, run, told};
use crate::ingest::{Answer, KEY, Rule};
use crate::{IngestServer, Reply};

fn zip(text: &str) -> Vec<u8> {
    let mut body = GzEncoder::new(Vec::new(), Compression::default());
    body.write_all(text.as_bytes()).unwrap();
    body.finish().unwrap()
}

fn post(ingest: &IngestServer) -> reqwest::RequestBuilder {
    let url = format!("{}/v1/events:batch", ingest.url());
    reqwest::Client::new()
        .post(url)
        .header("authorization", format!("Bearer {KEY}"))
        .header("accept", "application/json")
        .header("content-type", "application/json")
        .header("content-encoding", "gzip")
        .header("user-agent", "test/1")
}

async fn send(request: reqwest::RequestBuilder, body: Vec<u8>) -> (u16, Value) {
    let answer = request.body(body).send().await.unwrap();
    let status = answer.status().as_u16();
    let body = answer.bytes().await.unwrap();
    (status, serde_json::from_slice(&body).unwrap_or_default())
}

#[tokio::test]
async fn a_right_request_is_stored_and_counted() {
    let ingest = IngestServer::start();
    let (status, answer) = send(post(&ingest), zip(&envelope(&run()).to_string())).await;
    let expected = json!({"accepted": 15, "rejected": 0, "retryable": false, "errors": []});
    assert_eq!((status, answer), (200, expected));
    ingest.assert_sound();
    assert_eq!(ingest.wait_for_events(15, Duration::from_secs(60)), run());
    assert_eq!(ingest.requests().len(), 1);
}

#[tokio::test]
async fn a_request_that_breaks_a_rule() {
    let ingest = IngestServer::start();
    let body = zip(&envelope(&run()).to_string());
    let url = ingest.url();
    let wrong = reqwest::Client::new().put(format!("{url}/v1/events:batch?x=1"));
    send(wrong, body.clone()).await;
    let rules: Vec<_> = ingest
        .violations()
        .iter()
        .map(|v| (v.rule, v.path.clone()))
        .collect();
    for (rule, path) in [
        (Rule::Target, "request"),
        (Rule::Header, "authorization"),
        (Rule::Header, "accept"),
        (Rule::Header, "content-type"),
        (Rule::Header, "content-encoding"),
        (Rule::Header, "user-agent"),
    ] {
        assert!(
            rules.contains(&(rule, path.to_owned())),
            "{rule:?} at {path} is not in {rules:?}"
        );
    }
}

#[tokio::test]
async fn a_body_that_is_not_one_gzip_member() {
    let plain = envelope(&run()).to_string().into_bytes();
    let mut two = zip("{");
    two.extend(zip("}"));
    let mut cut = zip("{}");
    cut.truncate(12);
    for body in [plain, two, cut, Vec::new()] {
        let ingest = IngestServer::start();
        send(post(&ingest), body).await;
        assert_eq!(told(&ingest.violations()), [(Rule::Gzip, "body")]);
    }
}

#[tokio::test]
async fn it_answers_as_it_is_told() {
    let ingest = IngestServer::with([
        Answer::refuse(Reply::status(503).with_header("retry-after", "1")),
        Answer::reject([1], "bad_event").retryable(),
        Answer::store_but(Reply::text("<html>")).after(Duration::from_millis(1)),
    ]);
    let body = zip(&envelope(&run()).to_string());
    assert_eq!(send(post(&ingest), body.clone()).await, (503, Value::Null));
    assert_eq!(ingest.events(), Vec::<Value>::new());
    let (_, answer) = send(post(&ingest), body.clone()).await;
    assert_eq!(answer["errors"][0]["index"], 1);
    assert_eq!(
        (&answer["accepted"], &answer["retryable"]),
        (&json!(14), &json!(true))
    );
    assert_eq!(ingest.events().len(), 14);
    assert_eq!(ingest.missing()[0].rule, Rule::Gap);
    // All of them again, though the server has said which ones it has.
    assert_eq!(send(post(&ingest), body).await.0, 200);
    let repeated = ingest.violations();
    assert_eq!(repeated.len(), 14, "{repeated:?}");
    assert!(
        repeated
            .iter()
            .all(|violation| violation.rule == Rule::Repeated)
    );
    assert_eq!(ingest.missing(), []);
}

#[tokio::test]
#[should_panic(expected = "0 of 1 events came within")]
async fn waiting_in_vain_says_what_came() {
    IngestServer::start().wait_for_events(1, Duration::from_millis(1));
}

#[tokio::test]
#[should_panic(expected = "Target at request")]
async fn what_is_wrong_is_said() {
    let ingest = IngestServer::start();
    reqwest::get(ingest.url()).await.unwrap();
    ingest.assert_sound();
}
