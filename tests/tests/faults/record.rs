//! What is recorded is right, and all of it.

use std::time::Duration;

use async_openai::types::chat::ChatCompletionResponseStream;
use futures::StreamExt as _;
use rollout::agent;
use rollout::protocol::EventType;
use rollout_tests::provider::openai;
use rollout_tests::{Call, IngestServer, Recorder, Reply, ScriptedProvider};
use serde_json::{Value, json};

use super::{block_on, client, request, runtime, sending_to};

fn frames(turn: &openai::Turn) -> Vec<String> {
    openai::chat_frames(&openai::chat_chunks(turn))
}

/// Streams an answer to the end, through async-openai's types.
fn streamed(reply: Reply) -> Call {
    let server = ScriptedProvider::start([reply]);
    let recorder = Recorder::new();
    let wrapped = recorder.wrap(client(&server));
    runtime().block_on(async {
        let stream = wrapped.chat().create_stream(request()).await.unwrap();
        stream.collect::<Vec<_>>().await;
    });
    recorder.only_call()
}

#[test]
fn defect_38_calls_of_tools_in_a_stream_are_recorded_one_by_one() {
    let arguments = [json!({"city": "Paris"}), json!({"zone": "CET"})];
    let [city, zone] = arguments.clone();
    let call = streamed(Reply::sse(frames(&openai::calls([
        ("call_1", "weather", city),
        ("call_2", "time", zone),
    ]))));
    let calls = call.output["choices"][0]["message"]["tool_calls"]
        .as_array()
        .unwrap();
    for ((call, name), arguments) in calls.iter().zip(["weather", "time"]).zip(arguments) {
        assert_eq!(call["function"]["name"], name);
        let written = call["function"]["arguments"].as_str().unwrap();
        assert_eq!(serde_json::from_str::<Value>(written).unwrap(), arguments);
    }
    assert_eq!(calls.len(), 2);
}

#[test]
fn defect_39_defect_40_of_a_stream_everything_is_kept() {
    let text = "All of it. ".repeat(2_000);
    let call = streamed(Reply::sse(frames(&openai::answer(&text))));
    assert_eq!(call.output["choices"][0]["message"]["content"], text);
    assert_eq!(call.output["choices"][0]["finish_reason"], "stop");
    assert_eq!(
        call.attribute("gen_ai.response.finish_reasons"),
        json!(["stop"])
    );
    assert!(call.attribute("gen_ai.response.id").is_string());
    assert!(
        call.previews
            .iter()
            .all(|preview| preview.chars().count() <= 4_096)
    );
}

#[test]
fn defect_41_the_time_to_the_first_chunk_is_the_time_to_the_first_chunk() {
    let delay = Duration::from_millis(150);
    let call = streamed(Reply::sse(frames(&openai::answer("Hi there."))).after(delay));
    let first = call
        .attribute("gen_ai.response.time_to_first_chunk")
        .as_f64()
        .unwrap();
    assert!(first >= delay.as_secs_f64(), "{first}");
    assert!(first * 1e3 <= call.end.duration_ms.unwrap());
}

#[agent(capture_output = false, skip(client), user_id = "u1")]
async fn begin(client: rollout::openai::Client) -> ChatCompletionResponseStream {
    client.chat().create_stream(request()).await.unwrap()
}

#[test]
fn defect_45_a_stream_that_outlives_its_agent_keeps_its_place_and_its_user() {
    let server = ScriptedProvider::start([Reply::sse(frames(&openai::answer("Hi there.")))]);
    let recorder = Recorder::new();
    block_on(recorder.rollout(), async {
        let stream = begin(rollout::wrap(client(&server))).await;
        stream.collect::<Vec<_>>().await;
    });
    let events = recorder.events();
    let mut numbers: Vec<_> = events.iter().map(|event| event.sequence.unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=events.len() as u64).collect::<Vec<_>>());
    for event in &events {
        assert_eq!(
            event.context.user_id.as_deref(),
            Some("u1"),
            "{:?}",
            event.event_type()
        );
    }
    assert_eq!(recorder.only_call().status(), "ok");
}

#[test]
fn defect_46_usage_that_nobody_asked_for_is_unknown_and_not_zero() {
    let mut chunks = openai::chat_chunks(&openai::answer("Hi."));
    chunks.pop();
    let call = streamed(Reply::sse(openai::chat_frames(&chunks)));
    assert_eq!(call.usage(), json!({}));
    let call = streamed(Reply::sse(frames(&openai::answer("Hi."))));
    assert_eq!(call.usage()["input_tokens"], 21);
}

#[test]
fn defect_59_all_choices_of_a_stream_are_recorded() {
    let mut chunks = openai::chat_chunks(&openai::answer("first"));
    let mut second = openai::chat_chunks(&openai::answer("second"));
    for chunk in &mut second {
        for choice in chunk["choices"].as_array_mut().unwrap() {
            choice["index"] = json!(1);
        }
    }
    second.extend(chunks.split_off(1));
    chunks.extend(second);
    let call = streamed(Reply::sse(openai::chat_frames(&chunks)));
    let texts: Vec<_> = call.output["choices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|choice| choice["message"]["content"].as_str().unwrap())
        .collect();
    assert_eq!(texts, ["first", "second"]);
}

#[test]
fn defect_63_an_answer_is_sent_once_and_nothing_empty_with_it() {
    let text = "x1".repeat(50_000);
    let turn = openai::answer(&text);
    for is_stream in [false, true] {
        let reply = if is_stream {
            Reply::sse(frames(&turn))
        } else {
            Reply::json(openai::chat(&turn))
        };
        let (server, ingest) = (ScriptedProvider::start([reply]), IngestServer::start());
        let rollout = sending_to(&ingest).build().unwrap();
        let wrapped = rollout.wrap(client(&server));
        runtime().block_on(async {
            if is_stream {
                let stream = wrapped.chat().create_stream(request()).await.unwrap();
                stream.collect::<Vec<_>>().await;
            } else {
                wrapped.chat().create(request()).await.unwrap();
            }
        });
        rollout.shutdown();
        let events = ingest.events();
        let whole = |event: &&Value| event.to_string().contains(&text);
        assert_eq!(events.iter().filter(whole).count(), 1);
        for event in &events {
            let empty = event
                .as_object()
                .unwrap()
                .values()
                .any(|value| *value == json!({}));
            assert!(!empty, "{event}");
        }
    }
}

#[test]
fn defect_52_success_is_what_the_status_says() {
    let recorder = Recorder::new();
    recorder.rollout().context().in_scope(|| {
        let mut span = rollout::span("step").start();
        span.record_error(&std::io::Error::other("no"));
        span.end();
    });
    let events = recorder.events();
    let ends = events
        .iter()
        .filter(|event| matches!(event.event_type(), EventType::SpanEnd | EventType::TraceEnd));
    for end in ends {
        assert_eq!(
            (end.status.as_deref(), end.outcome.success),
            (Some("error"), Some(false))
        );
    }
}

#[test]
fn defect_42_without_output_no_event_has_a_word_of_it() {
    let word = "Xylophone";
    let turn = openai::answer(&format!("{word} ").repeat(200));
    for is_stream in [false, true] {
        let reply = if is_stream {
            Reply::sse(frames(&turn))
        } else {
            Reply::json(openai::chat(&turn))
        };
        let server = ScriptedProvider::start([reply]);
        let recorder = Recorder::with(rollout::builder().capture_output(false));
        let wrapped = recorder.wrap(client(&server));
        runtime().block_on(async {
            if is_stream {
                let stream = wrapped.chat().create_stream(request()).await.unwrap();
                stream.collect::<Vec<_>>().await;
            } else {
                wrapped.chat().create(request()).await.unwrap();
            }
        });
        assert_eq!(recorder.only_call().usage()["output_tokens"], 11);
        for event in recorder.events() {
            let text = serde_json::to_string(&event).unwrap();
            assert!(!text.contains(word), "{text}");
        }
    }
}

#[test]
fn defect_47_responses_that_fail_or_stop_half_way_are_not_ok() {
    let failed = json!({"code": "server_error", "message": "Sorry."});
    for (kind, status, more) in [
        ("response.failed", "failed", json!({"error": failed})),
        (
            "response.incomplete",
            "incomplete",
            json!({"incomplete_details": {"reason": "max_output_tokens"}}),
        ),
    ] {
        let mut events = openai::response_events(&openai::answer("It leaves at nine."));
        let mut last = events.pop().unwrap();
        last["type"] = json!(kind);
        last["response"]["status"] = json!(status);
        for (key, value) in more.as_object().unwrap() {
            last["response"][key] = value.clone();
        }
        events.push(last);
        let server = ScriptedProvider::start([Reply::sse(openai::response_frames(&events))]);
        let recorder = Recorder::new();
        let wrapped = recorder.wrap(client(&server));
        let asked = json!({"model": openai::MODEL, "input": "When?"});
        let asked = serde_json::from_value(asked).unwrap();
        runtime().block_on(async {
            let stream = wrapped.responses().create_stream(asked).await.unwrap();
            stream.collect::<Vec<_>>().await;
        });
        let call = recorder.only_call();
        let told = format!("{:?}", call.end);
        if kind == "response.failed" {
            assert_eq!(call.status(), "error", "{told}");
            assert!(told.contains("Sorry."), "{told}");
        } else {
            // It is an answer, and says that it is cut off.
            assert!(told.contains("max_output_tokens"), "{told}");
        }
    }
}
