//! Streams that nobody reads to their end, or that are read late.

use std::time::Duration;

use async_openai::types::chat::ChatCompletionResponseStream;
use futures::StreamExt as _;
use rollout_tests::{Reply, ScriptedProvider};
use serde_json::{Map, Value, json};

use super::Program;
use super::difference::{
    Both, CANCELLED, CHAT_REQUEST, CHAT_STREAM, Difference, FIRST_TEXT, MODEL_VERSION,
    NO_EMPTY_TEXT, OWN_NUMBERS, STREAM_BEGUN, STREAM_OUTPUT, STREAM_REQUEST,
};
use super::provider::stream::{self, chat_text, streaming};
use super::provider::{OpenAi, asked, openai};

async fn begin(client: &OpenAi) -> ChatCompletionResponseStream {
    let request = asked(json!({"stream": true}));
    client.chat().create_stream(request).await.unwrap()
}

/// Reads so many chunks, and drops the stream.
async fn read(client: &OpenAi, chunks: usize) {
    let stream = begin(client).await;
    assert_eq!(stream.take(chunks).collect::<Vec<_>>().await.len(), chunks);
}

#[rollout::agent("support_agent", skip(client))]
async fn stopping(client: &OpenAi, text: &str) -> &'static str {
    read(client, 3).await;
    "stopped early"
}

/// Ends the streams of the reference that never end, behind the last event of their spans.
fn end_streams(both: &mut Both, text: &str, chunks: usize) -> bool {
    let ended = |span: &Value| {
        let is_end = |event: &&Value| event["event_type"] == "span.end";
        both.reference
            .iter()
            .filter(is_end)
            .any(|event| event["span_id"] == *span)
    };
    let starts = both
        .reference
        .iter()
        .filter(|event| event["event_type"] == "span.start");
    let open: Vec<Value> = starts
        .filter(|start| !ended(&start["span_id"]))
        .cloned()
        .collect();
    for (number, start) in open.iter().enumerate() {
        let is_last = |event: &Value| event["span_id"] == start["span_id"];
        let last = both.reference.iter().rposition(is_last).unwrap();
        let ends = ends(both, start, text, chunks, number);
        both.reference.splice(last + 1..last + 1, ends);
    }
    !open.is_empty()
}

fn ends(both: &Both, start: &Value, text: &str, chunks: usize, number: usize) -> Vec<Value> {
    let same = |keys: &[&str], of: &Value| -> Map<String, Value> {
        let known = keys
            .iter()
            .filter_map(|key| Some(((*key).to_owned(), of.get(*key)?.clone())));
        known.collect()
    };
    let ended = |kind: &str, mut event: Map<String, Value>, more: Value| {
        let id = format!("evt_{number:08}-0000-4000-8000-{:012}", kind.len());
        event.extend(more.as_object().unwrap().clone());
        event.extend([
            ("event_type".into(), json!(kind)),
            ("event_id".into(), json!(id)),
        ]);
        Value::Object(event)
    };
    let of_span = [
        "schema_version",
        "trace_id",
        "span_id",
        "span_type",
        "occurred_at",
        "name",
    ];
    let end = json!({
        "started_at": start["started_at"], "ended_at": start["started_at"], "duration_ms": 1,
        "status": "cancelled", "outcome": {"success": false, "status": "cancelled"},
    });
    let stream = json!({
        "attributes": {"span_type": "llm", "chunk_count": chunks, "preview_chars": text.len()},
        "raw": {"output": text, "stream_preview": text},
    });
    let mut span = same(&of_span, start);
    span.extend(same(&["attributes", "model"], start));
    let mut ends = vec![
        ended("llm.stream_end", same(&of_span, start), stream),
        ended("span.end", span, end.clone()),
    ];
    let of_trace = |event: &&Value| event["trace_id"] == start["trace_id"];
    let is_open = !both
        .reference
        .iter()
        .filter(of_trace)
        .any(|event| event["event_type"] == "trace.end");
    if is_open {
        let of_trace = ["schema_version", "trace_id", "occurred_at", "name"];
        ends.push(ended("trace.end", same(&of_trace, start), end));
    }
    ends
}

const CUT_SHORT: Difference = Difference::rule(
    "a stream that is dropped ends there, and was cancelled: what it brought is kept (defect 37)",
    |both| end_streams(both, "Your order", 2),
);

#[test]
fn dropped_half_way() {
    let provider = streaming([chat_text(false), chat_text(false)]);
    let program = Program::start();
    let client = openai(&provider);
    program.block_on(async {
        stopping(&client, "Where is my order?").await;
        read(&client, 3).await;
    });
    program.matches(
        "57-stream-dropped-by-consumer",
        &[
            &CUT_SHORT,
            &OWN_NUMBERS,
            &MODEL_VERSION,
            &STREAM_OUTPUT,
            &FIRST_TEXT,
            &STREAM_REQUEST,
            &STREAM_BEGUN,
            &CHAT_REQUEST,
        ],
    );
}

const CLOSED: Difference = Difference::rule(
    "to close a stream is to drop it, in Rust: it was cancelled, whyever the program did that",
    |both| {
        both.change(|event| {
            if event.contains_key("status") {
                event.insert("status".into(), json!("cancelled"));
                let outcome = json!({"success": false, "status": "cancelled"});
                event.insert("outcome".into(), outcome);
                event.remove("error");
            }
        })
    },
);

#[test]
fn closed_half_way() {
    let provider = streaming(vec![chat_text(false); 3]);
    let program = Program::start();
    let client = openai(&provider);
    program.block_on(async {
        read(&client, 3).await;
        read(&client, 1).await;
        read(&client, 1).await;
    });
    program.matches(
        "58-stream-closed-by-consumer",
        &[
            &CLOSED,
            &OWN_NUMBERS,
            &MODEL_VERSION,
            &STREAM_OUTPUT,
            &NO_EMPTY_TEXT,
            &FIRST_TEXT,
            &STREAM_REQUEST,
            &STREAM_BEGUN,
            &CHAT_REQUEST,
        ],
    );
}

const CUT_AT_ONCE: Difference = Difference::rule(
    "a stream that is dropped ends there, and was cancelled (defect 37)",
    |both| end_streams(both, "", 0),
);

#[test]
fn dropped_and_cancelled() {
    let pieces: Vec<String> = ["You", "r o", "rde", "r h", "as ", "shi"]
        .map(String::from)
        .to_vec();
    let provider = ScriptedProvider::start([
        Reply::sse(chat_text(false)),
        Reply::sse(stream::chat(&pieces, false)).hang_after(6),
    ]);
    let program = Program::start();
    let client = openai(&provider);
    program.block_on(async {
        read(&client, 1).await;
        let reading = read(&client, 7);
        let waiting = tokio::time::timeout(Duration::from_millis(1500), reading).await;
        waiting.unwrap_err();
    });
    program.matches(
        "59-stream-async-dropped-and-cancelled",
        &[
            &CUT_AT_ONCE,
            &CANCELLED,
            &OWN_NUMBERS,
            &MODEL_VERSION,
            &STREAM_OUTPUT,
            &NO_EMPTY_TEXT,
            &FIRST_TEXT,
            &STREAM_REQUEST,
            &STREAM_BEGUN,
            &CHAT_REQUEST,
        ],
    );
}

#[rollout::agent("run", skip(client), capture_output = false)]
async fn returning(client: &OpenAi) -> ChatCompletionResponseStream {
    begin(client).await
}

const OUTLIVED: Difference = Difference::attributes(
    "a trace that ends before its spans do says how many: more is to come, with the numbers and the \
     user of the trace (defect 45)",
    "run",
    &["rollout.open_spans"],
);

#[test]
fn read_after_the_agent() {
    let provider = streaming([chat_text(false)]);
    let program = Program::start();
    let client = openai(&provider);
    program.block_on(async {
        let stream = returning(&client).await;
        assert_eq!(stream.collect::<Vec<_>>().await.len(), 11);
    });
    program.matches(
        "60-stream-consumed-after-the-agent",
        &[
            &OUTLIVED,
            &OWN_NUMBERS,
            &MODEL_VERSION,
            &STREAM_OUTPUT,
            &FIRST_TEXT,
            &CHAT_STREAM,
        ],
    );
}
