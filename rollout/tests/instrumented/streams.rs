//! Streams stay streams, and their call ends once, when they do.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::future::BoxFuture;
use futures::stream::{self, BoxStream, Stream, StreamExt as _};
use rollout::protocol::{Event, EventType};
use rollout::{Instrumented, RecordedStream};
use serde_json::json;

use crate::gateway::{ApiError, ChatRequest, Chunk, Gateway, asking, chunks};
use crate::harness::{Recorded, block_on, record};

/// A stream type of one's own, which has more to tell than its chunks.
pub(crate) struct Chunks(std::vec::IntoIter<Result<Chunk, ApiError>>);

impl Chunks {
    fn request_id(&self) -> &'static str {
        "req_1"
    }
}

impl Stream for Chunks {
    type Item = Result<Chunk, ApiError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.next())
    }
}

/// A client that streams in every form there is.
#[derive(Instrumented)]
#[instrumented(provider = "openai")]
#[instrumented(chat: fn opaque(&self, request: &ChatRequest) -> impl Stream<Item = Result<Chunk, ApiError>>)]
#[instrumented(chat: async fn boxed(&self, request: &ChatRequest) -> Result<BoxStream<'static, Chunk>, ApiError>)]
#[instrumented(chat(stream): async fn named(&self, request: &ChatRequest) -> Result<RecordedStream<Chunks>, ApiError>)]
#[instrumented(chat: fn future(&self, request: &ChatRequest) -> impl Future<Output = Result<impl Stream<Item = Chunk>, ApiError>>)]
#[instrumented(chat: fn boxed_future<'a>(&'a self, request: &'a ChatRequest) -> BoxFuture<'a, Result<BoxStream<'a, Chunk>, ApiError>>)]
#[instrumented(chat: fn iterator<'a>(&'a self, request: &'a ChatRequest) -> Box<dyn Iterator<Item = Chunk> + 'a>)]
pub(crate) struct Forms;

impl Forms {
    fn opaque(&self, request: &ChatRequest) -> impl Stream<Item = Result<Chunk, ApiError>> {
        let question = request.messages[0].content.clone();
        stream::once(async { chunks_of(question) }).flat_map(stream::iter)
    }

    async fn boxed(&self, request: &ChatRequest) -> Result<BoxStream<'static, Chunk>, ApiError> {
        let chunks: Result<Vec<_>, _> = chunks(&request.messages[0].content).into_iter().collect();
        Ok(stream::iter(chunks?).boxed())
    }

    async fn named(&self, request: &ChatRequest) -> Result<Chunks, ApiError> {
        Ok(Chunks(chunks(&request.messages[0].content).into_iter()))
    }

    async fn future(&self, request: &ChatRequest) -> Result<BoxStream<'static, Chunk>, ApiError> {
        self.boxed(request).await
    }

    fn boxed_future<'a>(
        &'a self,
        request: &'a ChatRequest,
    ) -> BoxFuture<'a, Result<BoxStream<'a, Chunk>, ApiError>> {
        Box::pin(async { Ok(self.boxed(request).await?.boxed()) })
    }

    fn iterator<'a>(&'a self, request: &'a ChatRequest) -> Box<dyn Iterator<Item = Chunk> + 'a> {
        let words = request.messages[0].content.split_inclusive(' ');
        Box::new(words.flat_map(chunks).flatten())
    }
}

fn chunks_of(question: String) -> Vec<Result<Chunk, ApiError>> {
    chunks(&question)
}

/// Returns what the recorded stream is said to have brought.
fn text(recorded: &Recorded) -> String {
    let output = recorded.only(EventType::LlmStreamEnd).raw.output.as_ref();
    let output = output
        .map(rollout::protocol::Json::to_value)
        .unwrap_or_default();
    let text = &output["choices"][0]["message"]["content"];
    text.as_str().unwrap_or_default().to_owned()
}

fn end(recorded: &Recorded) -> &Event {
    recorded.only(EventType::SpanEnd)
}

#[test]
fn each_form_of_stream_is_recorded_whole_and_passed_on_untouched() {
    let forms = rollout::wrap(Forms);
    let request = asking("one two ");
    let expected: Vec<Chunk> = chunks("one two ").into_iter().map(Result::unwrap).collect();
    let check = |what: &str, program: &dyn Fn() -> Vec<Chunk>| {
        let mut passed = Vec::new();
        let recorded = record(|| passed = program());
        assert_eq!(passed.first(), expected.first(), "{what}");
        assert_eq!(text(&recorded), "one two ", "{what}");
        assert_eq!(end(&recorded).status.as_deref(), Some("ok"), "{what}");
    };
    check("opaque", &|| {
        block_on(forms.opaque(&request).map(Result::unwrap).collect())
    });
    check("boxed", &|| {
        block_on(async { forms.boxed(&request).await.unwrap().collect().await })
    });
    check("named", &|| {
        block_on(async {
            let chunks = forms.named(&request).await.unwrap();
            assert_eq!(chunks.inner().request_id(), "req_1");
            chunks.map(Result::unwrap).collect().await
        })
    });
    check("future", &|| {
        block_on(async { forms.future(&request).await.unwrap().collect().await })
    });
    check("boxed future", &|| {
        block_on(async { forms.boxed_future(&request).await.unwrap().collect().await })
    });
    check("iterator", &|| forms.iterator(&request).collect());
}

#[test]
fn a_boxed_stream_stays_the_type_it_was() {
    let gateway = rollout::wrap(Gateway::default());
    let recorded = record(|| {
        let request = asking("one two ");
        let stream: crate::gateway::ChunkStream = block_on(gateway.stream(&request)).unwrap();
        assert_eq!(block_on(stream.collect::<Vec<_>>()), chunks("one two "));
    });
    assert_eq!(text(&recorded), "one two ");
    let stream_end = recorded.only(EventType::LlmStreamEnd);
    assert_eq!(stream_end.attributes["chunk_count"], json!(2));
}

#[test]
fn an_error_instead_of_a_stream_ends_the_call() {
    let gateway = rollout::wrap(Gateway::default());
    let recorded = record(|| assert!(gateway.stream_now(&asking("refuse")).is_err()));
    assert_eq!(end(&recorded).error.r#type.as_deref(), Some("ApiError"));
}

#[test]
fn an_error_among_the_items_is_recorded_with_what_came_before() {
    let gateway = rollout::wrap(Gateway::default());
    let recorded = record(|| gateway.stream_now(&asking("one fail")).unwrap().count());
    assert_eq!(text(&recorded), "one ");
    let error = end(&recorded).error.message_preview.as_deref();
    assert_eq!(error, Some("the gateway answered 502: connection lost"));
}

#[test]
fn a_stream_that_is_dropped_was_cancelled_with_what_came() {
    let gateway = rollout::wrap(Gateway::default());
    let recorded = record(|| {
        let mut stream = block_on(gateway.stream(&asking("one two three "))).unwrap();
        block_on(stream.next()).unwrap().unwrap();
    });
    assert_eq!(text(&recorded), "one ");
    assert_eq!(end(&recorded).status.as_deref(), Some("cancelled"));
}

#[test]
fn a_panic_in_a_stream_ends_it_once_and_goes_on() {
    let forms = rollout::wrap(Forms);
    let recorded = record(|| {
        let request = asking("panic");
        let mut stream = Box::pin(forms.opaque(&request));
        let panicked = || block_on(stream.next());
        catch_unwind(AssertUnwindSafe(panicked)).unwrap_err();
    });
    assert_eq!(end(&recorded).error.r#type.as_deref(), Some("panic"));
    let message = end(&recorded).error.message_preview.as_deref();
    assert!(message.unwrap().contains("in the middle of a stream"));
}

#[rollout::tool]
fn look_up(word: &str) -> usize {
    word.len()
}

#[test]
fn what_a_stream_does_is_part_of_its_call() {
    #[derive(Instrumented)]
    #[instrumented(provider = "openai")]
    #[instrumented(chat: fn ask(&self, request: &ChatRequest) -> impl Iterator<Item = Chunk> + use<>)]
    struct Nested;

    impl Nested {
        fn ask(&self, request: &ChatRequest) -> impl Iterator<Item = Chunk> + use<> {
            let answer = chunks(&request.messages[0].content);
            answer.into_iter().flatten().inspect(|chunk| {
                look_up(chunk.id);
            })
        }
    }

    let recorded = record(|| rollout::wrap(Nested).ask(&asking("one ")).count());
    let call = recorded.only(EventType::SpanStart);
    let tools = recorded.events.iter().filter(|event| {
        event.event_type() == EventType::ToolCall && event.parent_span_id == call.span_id
    });
    assert_eq!(tools.count(), 2);
}
