//! Servers that remember nothing.

use std::io::Read as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rollout_tests::provider::openai;
use rollout_tests::{Reply, Server};
use serde_json::{Value, json};

/// A provider that streams what is to be streamed, and breaks one stream in ten.
pub(crate) fn provider() -> Server {
    let turn = openai::answer(&"It leaves at nine, and again at ten. ".repeat(20));
    let frames = openai::chat_frames(&openai::chat_chunks(&turn));
    let body = openai::chat(&turn);
    let count = AtomicUsize::new(0);
    Server::start(move |request| {
        let count = count.fetch_add(1, Ordering::Relaxed);
        let asked = request.json();
        if asked["model"] == "unknown" {
            let error = openai::error("invalid_request_error", None, "no such model");
            return Reply::json(error).with_status(404);
        }
        if asked["stream"] != true {
            return Reply::json(body.clone());
        }
        let reply = Reply::sse(frames.clone()).paced(Duration::from_millis(2));
        if count.is_multiple_of(10) {
            reply.cut_after(3)
        } else {
            reply
        }
    })
}

/// An ingest server that fails now and then, and is away for the middle of each quarter of the time.
pub(crate) fn ingest(length: Duration) -> Server {
    let started = Instant::now();
    let count = AtomicUsize::new(0);
    Server::start(move |request| {
        let count = count.fetch_add(1, Ordering::Relaxed);
        let turn = (started.elapsed().as_secs_f64() / length.as_secs_f64() * 4.0).fract();
        if (0.4..0.6).contains(&turn) || count % 40 == 7 {
            return Reply::status(503).with_header("retry-after", "1");
        }
        if count % 40 == 17 {
            return Reply::reset();
        }
        let mut text = String::new();
        let mut plain = flate2::read::GzDecoder::new(&request.body[..]);
        plain.read_to_string(&mut text).unwrap();
        let envelope: Value = serde_json::from_str(&text).unwrap();
        let events = envelope["events"].as_array().unwrap().len();
        let taken = json!({"accepted": events, "rejected": 0, "retryable": false, "errors": []});
        let slow = if count % 40 == 27 { 1_500 } else { 0 };
        Reply::json(taken).after(Duration::from_millis(slow))
    })
}
