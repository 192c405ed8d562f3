//! However a run ends, each trace and each span of it ends once, and keeps what it was given.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::types::chat::{ChatCompletionResponseStream, CreateChatCompletionRequest};
use futures::StreamExt as _;
use rollout::protocol::{Event, EventType};
use rollout::{Instrument as _, agent, span, tool};
use rollout_tests::provider::openai as provider;
use rollout_tests::{Recorder, Reply, ScriptedProvider};
use serde_json::{Value, json};

/// The answer. It comes a word at a time, after a chunk that only says who speaks.
const TEXT: &str = "It arrives on Tuesday.";

fn frames() -> Vec<String> {
    provider::chat_frames(&provider::chat_chunks(&provider::answer(TEXT)))
}

/// What a model does in a test: it streams, and then nothing more comes.
fn stalling() -> Reply {
    Reply::sse(frames()).hang_after(4)
}

/// A program with a recorder, and a model that answers once.
struct Program {
    recorder: Recorder,
    provider: ScriptedProvider,
}

impl Program {
    fn new(reply: Reply) -> Self {
        Self {
            recorder: Recorder::new(),
            provider: ScriptedProvider::start([reply]),
        }
    }

    fn client(&self) -> rollout::openai::Client<OpenAIConfig> {
        let config = OpenAIConfig::new()
            .with_api_base(self.provider.base_url())
            .with_api_key("k");
        rollout::wrap(Client::with_config(config))
    }

    fn block_on<F: Future>(&self, future: F) -> F::Output {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().unwrap();
        runtime.block_on(future.in_context(self.recorder.rollout().context()))
    }

    /// Returns how everything ended, in order: the name and the status of each trace, span and tool.
    ///
    /// Checks that what began has ended, once, in one trace.
    #[track_caller]
    fn ends(&self) -> Vec<(String, String)> {
        use EventType as T;
        let events = self.recorder.events();
        let of = |kinds: &[T]| -> Vec<Event> {
            events
                .iter()
                .filter(|event| kinds.contains(&event.event_type()))
                .cloned()
                .collect()
        };
        let id = |event: &Event| (event.trace_id.clone(), event.span_id.clone());
        let sorted = |events: &[Event]| {
            let mut ids: Vec<_> = events.iter().map(id).collect();
            ids.sort();
            ids
        };
        for (starts, end) in [
            (
                &[T::TraceStart, T::SpanStart, T::ToolCall][..],
                &[T::TraceEnd, T::SpanEnd, T::ToolResult][..],
            ),
            (&[T::LlmStreamStart], &[T::LlmStreamEnd]),
        ] {
            assert_eq!(
                sorted(&of(starts)),
                sorted(&of(end)),
                "each beginning has an end, and one"
            );
        }
        let mut traces: Vec<_> = events.iter().map(|event| &event.trace_id).collect();
        traces.dedup();
        assert_eq!(traces.len(), 1, "one trace, and nothing after it");
        assert_eq!(events.last().map(Event::event_type), Some(T::TraceEnd));
        let told = |event: Event| (event.name.unwrap(), event.status.unwrap());
        of(&[T::SpanEnd, T::ToolResult, T::TraceEnd])
            .into_iter()
            .map(told)
            .collect()
    }

    /// Returns the text that the one call to the model brought.
    #[track_caller]
    fn text(&self) -> String {
        let call = self.recorder.only_call();
        let text = &call.output["choices"][0]["message"]["content"];
        text.as_str().unwrap_or_default().to_owned()
    }

    #[track_caller]
    fn assert_ends(&self, expected: &[(&str, &str)]) {
        let ends = self.ends();
        let ends: Vec<_> = ends
            .iter()
            .map(|(name, status)| (name.as_str(), status.as_str()))
            .collect();
        assert_eq!(ends, expected);
    }
}

fn request() -> CreateChatCompletionRequest {
    let messages = json!([{"role": "user", "content": "When?"}]);
    serde_json::from_value(json!({"model": "gpt-4.1-mini", "messages": messages})).unwrap()
}

async fn open(client: &rollout::openai::Client<OpenAIConfig>) -> ChatCompletionResponseStream {
    client.chat().create_stream(request()).await.unwrap()
}

/// Reads so many items, which are fine.
async fn read(stream: &mut ChatCompletionResponseStream, items: usize) {
    for _ in 0..items {
        stream.next().await.unwrap().unwrap();
    }
}

const CALL: &str = "openai.chat.completions";

#[agent(skip(client))]
async fn ask(client: &rollout::openai::Client<OpenAIConfig>, items: usize) -> Vec<String> {
    let stream = open(client).await;
    let texts = stream.take(items).map(|item| {
        item.ok()
            .and_then(|chunk| chunk.choices.into_iter().next()?.delta.content)
            .unwrap_or_default()
    });
    texts.collect().await
}

#[test]
fn a_stream_that_is_dropped_in_an_agent() {
    let program = Program::new(Reply::sse(frames()));
    program.block_on(ask(&program.client(), 3));
    // The agent took what it wanted.
    program.assert_ends(&[(CALL, "cancelled"), ("ask", "ok")]);
    assert_eq!(program.text(), "It arrives ");
}

#[test]
fn a_stream_that_is_dropped_outside() {
    let program = Program::new(stalling());
    program.block_on(async { read(&mut open(&program.client()).await, 3).await });
    program.assert_ends(&[(CALL, "cancelled"), (CALL, "cancelled")]);
    assert_eq!(program.text(), "It arrives ");
}

#[test]
fn a_stream_that_is_dropped_unread() {
    let program = Program::new(stalling());
    program.block_on(async { drop(open(&program.client()).await) });
    program.assert_ends(&[(CALL, "cancelled"), (CALL, "cancelled")]);
    assert_eq!(program.text(), "");
}

#[test]
fn a_stream_that_is_read_to_its_last_word_but_not_beyond() {
    let program = Program::new(Reply::sse(frames()));
    let words = provider::chat_chunks(&provider::answer(TEXT)).len();
    program.block_on(async { read(&mut open(&program.client()).await, words).await });
    program.assert_ends(&[(CALL, "ok"), (CALL, "ok")]);
    assert_eq!(program.text(), TEXT);
}

#[test]
fn an_agents_future_that_is_dropped() {
    let program = Program::new(stalling());
    let client = program.client();
    program.block_on(async {
        let timeout = tokio::time::timeout(Duration::from_millis(300), ask(&client, usize::MAX));
        assert!(timeout.await.is_err());
    });
    program.assert_ends(&[(CALL, "cancelled"), ("ask", "cancelled")]);
    assert_eq!(program.text(), "It arrives on ");
    let events = program.recorder.events();
    assert_eq!(
        events[0].raw.input.as_ref().unwrap().to_value()["items"],
        usize::MAX
    );
}

#[test]
fn an_agents_task_that_is_aborted() {
    let program = Program::new(stalling());
    let client = program.client();
    program.block_on(async {
        let task = async move { ask(&client, usize::MAX).await };
        let task = tokio::spawn(task.in_context(rollout::Context::current()));
        while program.provider.requests().is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
    });
    program.assert_ends(&[(CALL, "cancelled"), ("ask", "cancelled")]);
}

#[test]
fn an_agents_future_that_is_never_polled() {
    let program = Program::new(stalling());
    program.block_on(async { drop(ask(&program.client(), 1)) });
    assert_eq!(program.recorder.events(), []);
}

#[agent(skip(client))]
async fn explode(client: &rollout::openai::Client<OpenAIConfig>) {
    let mut stream = open(client).await;
    read(&mut stream, 3).await;
    let _step = span("step").start();
    trip();
}

#[tool]
fn trip() {
    panic!("over the rug");
}

#[test]
fn a_panic_in_an_agent_with_a_tool_a_span_and_a_stream_under_way() {
    let program = Program::new(stalling());
    let client = program.client();
    let panic = catch_unwind(AssertUnwindSafe(|| program.block_on(explode(&client)))).unwrap_err();
    assert_eq!(
        panic.downcast_ref::<&str>(),
        Some(&"over the rug"),
        "it goes on as it was"
    );
    program.assert_ends(&[
        ("trip", "error"),
        ("step", "error"),
        (CALL, "error"),
        ("explode", "error"),
    ]);
    assert_eq!(program.text(), "It arrives ");
    for event in program.recorder.events() {
        if event.status.is_some() {
            assert_eq!(
                event.error.r#type.as_deref(),
                Some("panic"),
                "{:?}",
                event.name
            );
            assert_eq!(event.outcome.success, Some(false));
        }
    }
}

#[test]
fn a_panic_while_a_stream_is_read() {
    let program = Program::new(Reply::sse(frames()));
    let client = program.client();
    let reading = async {
        let stream = open(&client).await;
        stream
            .for_each(async |item| assert!(!format!("{item:?}").contains("\"on \""), "no more"))
            .await;
    };
    catch_unwind(AssertUnwindSafe(|| program.block_on(reading))).unwrap_err();
    program.assert_ends(&[(CALL, "error"), (CALL, "error")]);
    assert_eq!(program.text(), "It arrives on ");
    assert_eq!(
        program.recorder.only_call().end.error.r#type.as_deref(),
        Some("panic")
    );
}

#[test]
fn a_server_that_cuts_what_it_says() {
    for reply in [
        Reply::sse(frames()).cut_after(4),
        Reply::sse(frames())
            .paced(Duration::from_millis(5))
            .reset_after(4),
    ] {
        let program = Program::new(reply);
        let got = program.block_on(ask(&program.client(), usize::MAX));
        assert_eq!(got.concat(), "It arrives on ");
        program.assert_ends(&[(CALL, "error"), ("ask", "ok")]);
        assert_eq!(program.text(), "It arrives on ");
        let call = program.recorder.only_call();
        assert_eq!(call.attribute("rollout.stream.complete"), false);
    }
}

#[test]
fn a_server_that_stops_as_if_that_were_the_end() {
    let mut short = frames();
    short.truncate(4);
    let program = Program::new(Reply::sse(short));
    program.block_on(ask(&program.client(), usize::MAX));
    let ends = program.ends();
    assert_eq!(ends[1], ("ask".to_owned(), "ok".to_owned()));
    assert_eq!(program.text(), "It arrives on ");
    let call = program.recorder.only_call();
    assert_eq!(call.attribute("rollout.stream.complete"), false);
}

#[test]
fn a_stream_that_outlives_its_agent_belongs_to_it_all_the_same() {
    #[agent(capture_output = false, skip(client))]
    async fn begin(client: rollout::openai::Client<OpenAIConfig>) -> ChatCompletionResponseStream {
        open(&client).await
    }
    let program = Program::new(Reply::sse(frames()));
    program.block_on(async {
        let stream = begin(program.client()).await;
        assert!(stream.collect::<Vec<_>>().await.iter().all(Result::is_ok));
    });
    let call = program.recorder.only_call();
    assert_eq!((call.status(), program.text().as_str()), ("ok", TEXT));
    let events = program.recorder.events();
    let count = |kind| {
        events
            .iter()
            .filter(|event| event.event_type() == kind)
            .count()
    };
    assert_eq!(
        (count(EventType::TraceStart), count(EventType::TraceEnd)),
        (1, 1)
    );
    let numbers: Vec<_> = events.iter().map(|event| event.sequence.unwrap()).collect();
    let mut sorted = numbers.clone();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted.len(), numbers.len(), "each number once: {numbers:?}");
    assert!(
        events
            .iter()
            .all(|event| event.trace_id == call.end.trace_id)
    );
    assert_ne!(Value::from(call.end.span_id.clone()), Value::Null);
}
