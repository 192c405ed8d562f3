//! Odd answers, early ends and options of a call: whoever calls and whoever answers notices nothing.

use async_openai::error::OpenAIError;
use async_openai::traits::RequestOptionsBuilder as _;
use futures::StreamExt as _;
use rollout_tests::provider::openai;
use rollout_tests::{Recorder, Reply, Request, ScriptedProvider};

use super::calls::{
    ALL, STREAMED, TEXT, Way, answer, chat_request, client, response_request, runtime,
};
use super::harness::{assert_same_requests, check, layered};

fn busy(status: u16) -> Reply {
    let error = openai::error("server_error", Some("busy"), "Later.");
    let reply = Reply::json(error).with_status(status);
    reply
        .with_header("retry-after", "0")
        .with_header("x-request-id", "req_busy")
}

#[test]
fn a_server_that_stays_busy() {
    for status in [429, 500, 503] {
        check(
            &[Way::Chat, Way::ResponseStream],
            |_| vec![busy(status); 4],
            |tap, _, call| {
                assert_eq!(call.status(), "error");
                if tap.sees_wire() {
                    assert_eq!(call.attribute("rollout.attempt_count"), 4);
                    assert_eq!(call.attribute("rollout.attempts")[3]["status"], status);
                    assert_eq!(call.attribute("rollout.attempts")[0]["retry_after"], "0");
                    assert_eq!(
                        call.attribute("rollout.attempts")[0]["request_id"],
                        "req_busy"
                    );
                }
            },
        );
    }
}

#[test]
fn a_server_that_is_busy_at_first() {
    check(
        &ALL,
        |way| vec![busy(429), busy(429), answer(way)],
        |tap, _, call| {
            assert_eq!(call.status(), "ok");
            assert!(call.output.to_string().contains(TEXT));
            if tap.sees_wire() {
                assert_eq!(call.attribute("rollout.attempt_count"), 3);
            }
        },
    );
}

#[test]
fn events_that_are_no_json_or_of_no_known_form() {
    for odd in [
        "data: {\"id\": \n\n",
        "data: {\"hello\": 1}\n\n",
        "event: odd\ndata: \n\n",
        ": only a comment\n\n",
    ] {
        let reply = |way: Way| {
            let turn = openai::answer(TEXT);
            let mut frames = match way {
                Way::ChatStream => openai::chat_frames(&openai::chat_chunks(&turn)),
                _ => openai::response_frames(&openai::response_events(&turn)),
            };
            frames.insert(3, odd.to_owned());
            vec![Reply::sse(frames)]
        };
        check(&STREAMED, reply, |_, _, call| {
            assert!(call.end.ended_at.is_some())
        });
    }
}

#[test]
fn a_stream_in_pieces_of_a_byte() {
    let reply = |way: Way| {
        let turn = openai::answer("Ünïcödé \u{1f600}");
        let frames = match way {
            Way::ChatStream => openai::chat_frames(&openai::chat_chunks(&turn)),
            _ => openai::response_frames(&openai::response_events(&turn)),
        };
        let bytes = frames.concat().into_bytes();
        vec![Reply::sse(
            bytes.chunks(7).map(<[u8]>::to_vec).collect::<Vec<_>>(),
        )]
    };
    check(&STREAMED, reply, |_, _, call| {
        assert_eq!(call.status(), "ok");
        assert!(call.output.to_string().contains("Ünïcödé \u{1f600}"));
    });
}

/// Does the same with a client as it is, wrapped, layered and both: what comes back and what is asked
/// for has to be the same. Returns the recorders of those that record.
macro_rules! same {
    ($replies:expr, |$client:ident| $work:expr) => {{
        let mut seen: Vec<(String, Vec<Request>)> = Vec::new();
        let mut recorders = Vec::new();
        for tap in 0..4 {
            let provider = ScriptedProvider::start($replies);
            let recorder = Recorder::new();
            let context = recorder.rollout().context();
            let url = provider.base_url();
            let got = runtime().block_on(rollout::Instrument::in_context(
                async {
                    match tap {
                        0 => {
                            let $client = client(&url);
                            format!("{:?}", $work)
                        }
                        1 => {
                            let $client = rollout::wrap(client(&url));
                            format!("{:?}", $work)
                        }
                        2 => {
                            let $client = layered(&url);
                            format!("{:?}", $work)
                        }
                        _ => {
                            let $client = rollout::wrap(layered(&url));
                            format!("{:?}", $work)
                        }
                    }
                },
                context,
            ));
            seen.push((got, provider.requests()));
            if tap > 0 {
                recorders.push(recorder);
            }
        }
        for (got, requests) in &seen[1..] {
            assert_eq!(*got, seen[0].0);
            assert_same_requests(requests, &seen[0].1);
        }
        recorders
    }};
}

/// Returns an error's variant and text, and what is at the end of its causes. In between reqwest puts
/// links of its own where a layer passes its bodies on.
fn essence(error: &OpenAIError) -> (bool, String, String) {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    let from_reqwest = matches!(error, OpenAIError::Reqwest(error) if error.is_decode());
    let text = error.to_string();
    // It ends with the address, in which two servers have two ports.
    let text = text.split(" (http").next().unwrap_or_default().to_owned();
    (from_reqwest, text, cause.to_string())
}

#[test]
fn an_answer_that_breaks_off() {
    for way in [Way::Chat, Way::Response] {
        let recorders = same!([answer(way).truncated_to(60)], |client| {
            let error = match way {
                Way::Chat => client.chat().create(chat_request()).await.unwrap_err(),
                _ => client
                    .responses()
                    .create(response_request())
                    .await
                    .unwrap_err(),
            };
            let essence = essence(&error);
            assert!(essence.0, "{error:?}");
            essence
        });
        for recorder in recorders {
            let call = recorder.only_call();
            assert_eq!(call.status(), "error");
            assert!(!call.error().is_empty());
        }
    }
}

#[test]
fn a_stream_that_is_dropped() {
    for items in [0, 1, 4] {
        // The layer sees what has arrived, read or not: it must not be all.
        let recorders = same!([answer(Way::ChatStream).hang_after(5)], |client| {
            let stream = client.chat().create_stream(chat_request()).await.unwrap();
            stream.take(items).collect::<Vec<_>>().await
        });
        for recorder in recorders {
            assert_eq!(recorder.only_call().status(), "cancelled");
        }
    }
}

#[test]
fn headers_queries_and_paths_of_a_call() {
    let replies = || {
        [
            answer(Way::Chat),
            answer(Way::Response).for_path("/v1/eu/responses"),
            answer(Way::ChatStream),
        ]
    };
    let recorders = same!(replies(), |client| {
        let chat = client
            .chat()
            .header("x-team", "support")
            .unwrap()
            .query(&[("trial", "1")])
            .unwrap();
        let first = chat.create(chat_request()).await;
        let second = client
            .responses()
            .path("/eu/responses")
            .unwrap()
            .create(response_request())
            .await;
        let streamed = client
            .chat()
            .query(&[("q", "ä &")])
            .unwrap()
            .create_stream(chat_request())
            .await;
        (first, second, streamed.unwrap().collect::<Vec<_>>().await)
    });
    for recorder in recorders {
        assert_eq!(recorder.calls().len(), 3);
    }
}
