//! Calls with types of the caller's own are recorded as the others are.
//!
//! `cargo test -p rollout --features openai-byot --test byot`

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failing test is to panic"
)]

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::Duration;

use async_openai_0_43::{Client, config::OpenAIConfig, error::OpenAIError};
use futures::StreamExt as _;
use rollout::protocol::{Event, EventType, Json};
use rollout::{MemoryExporter, Rollout};
use serde_json::{Value, json};

/// Answers one request after the other with these bodies, and returns the base URL.
fn serve(bodies: Vec<(&'static str, String)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for (kind, body) in bodies {
            let mut stream = listener.accept().unwrap().0;
            let mut request = Vec::new();
            let whole = |request: &[u8]| {
                let text = String::from_utf8_lossy(request);
                let (head, body) = text.split_once("\r\n\r\n")?;
                let length = head.to_lowercase();
                let length = length.split("content-length: ").nth(1)?.lines().next()?;
                Some(body.len() >= length.parse::<usize>().ok()?)
            };
            while whole(&request) != Some(true) {
                let mut buffer = [0; 4096];
                let read = stream.read(&mut buffer).unwrap();
                request.extend_from_slice(&buffer[..read]);
            }
            let length = body.len();
            write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\
                 connection: close\r\n\r\n{body}"
            )
            .unwrap();
        }
    });
    url
}

fn find(events: &[Event], kind: EventType) -> Vec<&Event> {
    let of_kind = events.iter().filter(|event| event.event_type() == kind);
    of_kind.collect()
}

#[tokio::test]
async fn values_reach_the_caller_and_their_json_the_record() {
    let usage = json!({"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5, "cost": 0.5});
    let message = json!({"role": "assistant", "content": "Hi!", "reasoning_content": "hm"});
    let choice = json!({"index": 0, "message": message, "finish_reason": "stop"});
    let body = json!({"id": "c1", "model": "m1", "choices": [choice], "usage": usage});
    let delta = json!({"index": 0, "delta": {"content": "Hi!"}, "finish_reason": "stop"});
    let chunk = json!({"id": "c2", "model": "m1", "choices": [delta], "mine": true});
    let sse = format!("data: {chunk}\n\ndata: [DONE]\n\n");
    let url = serve(vec![
        ("application/json", body.to_string()),
        ("text/event-stream", sse),
        ("application/json", "{\"hello\": [1, 2}".into()),
        ("application/json", "{\"hello\": [1, 2}".into()),
    ]);
    let config = OpenAIConfig::new().with_api_base(url).with_api_key("k");
    let bare = Client::with_config(config);
    let memory = MemoryExporter::new();
    let rollout = Rollout::builder().exporter(memory.clone()).build().unwrap();
    let client = rollout.wrap(bare.clone());

    let request =
        json!({"model": "m", "messages": [{"role": "user", "content": "Hello"}], "top_k": 3});
    let got: Value = client.chat().create_byot(&request).await.unwrap();
    assert_eq!(got, body);

    let mut streaming = request.clone();
    streaming["stream"] = json!(true);
    let chat = client.chat();
    let stream = chat.create_stream_byot::<_, Value>(&streaming);
    let items: Vec<_> = stream.await.unwrap().map(Result::unwrap).collect().await;
    assert_eq!(items, [chunk]);

    let wrapped: Result<Value, OpenAIError> = client.chat().create_byot(&request).await;
    let unwrapped: Result<Value, OpenAIError> = bare.chat().create_byot(&request).await;
    assert_eq!(
        format!("{:?}", wrapped.unwrap_err()),
        format!("{:?}", unwrapped.unwrap_err())
    );

    rollout.flush(Duration::from_secs(20)).unwrap();
    let events = memory.events();
    let value = |json: &Option<Json>| json.as_ref().map(Json::to_value).unwrap_or_default();
    let ends = find(&events, EventType::SpanEnd);
    let statuses: Vec<_> = ends.iter().map(|end| end.status.as_deref()).collect();
    assert_eq!(statuses, [Some("ok"), Some("ok"), Some("error")]);
    assert_eq!(value(&ends[0].raw.output), body);
    assert_eq!(ends[0].usage.input_tokens, Some(3));
    let inputs = find(&events, EventType::SpanUpdate);
    assert_eq!(value(&inputs[0].raw.input), request);
    let streamed = find(&events, EventType::LlmStreamEnd)[0];
    assert_eq!(
        value(&streamed.raw.output)["choices"][0]["message"]["content"],
        "Hi!"
    );
}
