//! What comes back, and what is recorded.

use async_openai::config::OpenAIConfig;
use async_openai::traits::RequestOptionsBuilder as _;
use rollout::openai::blocking;
use rollout_tests::provider::openai;
use rollout_tests::{NOBODY, Recorder, Reply, ScriptedProvider};
use serde_json::{Value, json};

use super::harness::{
    ALL, STREAMED, TEXT, Way, answer, call, call_bare, chat_request, check, client,
    response_request,
};

#[test]
fn answers() {
    check(&ALL, answer, |way, call| {
        assert_eq!(call.status(), "ok");
        let name = match way {
            Way::Chat | Way::ChatStream => "openai.chat.completions",
            Way::Response | Way::ResponseStream => "openai.responses",
        };
        assert_eq!(call.start.name.as_deref(), Some(name));
        assert!(call.output.to_string().contains(TEXT));
        assert!(call.input.to_string().contains("Where is my order?"));
        assert_eq!(call.usage()["input_tokens"], 21);
        assert_eq!(call.usage()["cached_tokens"], 8);
        if STREAMED.contains(&way) {
            assert_eq!(call.input["stream"], true);
            assert!(!call.previews.is_empty());
            assert!(
                call.attribute("gen_ai.response.time_to_first_chunk")
                    .is_f64()
            );
        }
    });
}

#[test]
fn errors_of_the_provider() {
    // async-openai tries a 500 again, four times in all; a lasting 429 for a quarter of an hour.
    let refusal =
        |_| Reply::json(openai::error("invalid_request_error", Some("no"), "No.")).with_status(400);
    check(&ALL, refusal, |_, call| {
        assert_eq!(call.status(), "error");
        assert_eq!(call.attribute("http.response.status_code"), 400);
        assert_eq!(call.attribute("error.type"), "no");
    });
    let quota = |_| {
        let error = openai::error("insufficient_quota", Some("insufficient_quota"), "Pay.");
        Reply::json(error).with_status(429)
    };
    check(&ALL, quota, |_, call| {
        assert_eq!(call.status(), "error");
        assert_eq!(call.attribute("http.response.status_code"), 429);
    });
}

#[test]
fn an_error_that_lasts_is_one_call_however_often_it_was_tried() {
    let refusal = || Reply::json(openai::error("server_error", None, "Sorry.")).with_status(500);
    let provider = ScriptedProvider::start(vec![refusal(); 8]);
    let recorder = Recorder::new();
    let wrapped = recorder.wrap(client(&provider.base_url()));
    let expected = call_bare(wrapped.inner(), Way::Response);
    let got = call(&wrapped.blocking().unwrap(), Way::Response);
    assert_eq!(got, expected);
    assert_eq!(provider.unused(), 0);
    let call = recorder.only_call();
    assert_eq!(call.status(), "error");
    assert_eq!(call.attribute("http.response.status_code"), 500);
}

#[test]
fn a_refused_connection() {
    let url = format!("http://{NOBODY}/v1");
    // Both at once, as each is tried for two seconds.
    std::thread::scope(|threads| {
        for way in [Way::Chat, Way::Response] {
            let url = &url;
            threads.spawn(move || {
                let recorder = Recorder::new();
                let client = recorder.wrap(client(url));
                let expected = call_bare(client.inner(), way);
                assert_eq!(call(&client.blocking().unwrap(), way), expected);
                assert_eq!(recorder.only_call().status(), "error");
            });
        }
    });
}

#[test]
fn an_answer_that_cant_be_read() {
    let reply = |_| Reply::json(json!({"hello": "world"}));
    check(&[Way::Chat, Way::Response], reply, |_, call| {
        assert_eq!(call.status(), "error");
        assert_eq!(call.output, json!({"hello": "world"}));
    });
}

#[test]
fn a_stream_that_is_cut_keeps_what_it_brought() {
    let reply = |way| answer(way).cut_after(if way == Way::ChatStream { 4 } else { 6 });
    check(&STREAMED, reply, |_, call| {
        assert_eq!(call.status(), "error");
        assert!(
            call.output.to_string().contains("It arr"),
            "{}",
            call.output
        );
        assert_eq!(call.attribute("rollout.stream.complete"), false);
    });
}

#[test]
fn an_error_in_the_middle_of_a_stream() {
    let reply = |way| {
        let turn = openai::answer(TEXT);
        if way == Way::ChatStream {
            let mut chunks = openai::chat_chunks(&turn);
            chunks.truncate(4);
            chunks.push(openai::error("server_error", Some("overloaded"), "Sorry."));
            Reply::sse(openai::chat_frames(&chunks))
        } else {
            let mut events = openai::response_events(&turn);
            events.truncate(6);
            events.push(json!({
                "type": "error", "sequence_number": 9, "code": "overloaded", "message": "Sorry.",
                "param": null,
            }));
            Reply::sse(openai::response_frames(&events))
        }
    };
    check(&STREAMED, reply, |_, call| {
        assert_eq!(call.status(), "error");
        assert_eq!(call.attribute("rollout.error.mid_stream"), true);
        assert!(
            call.output.to_string().contains("It arr"),
            "{}",
            call.output
        );
    });
}

#[test]
fn an_iterator_that_is_dropped_is_cancelled_at_once() {
    let provider = ScriptedProvider::start([
        answer(Way::ChatStream).hang_after(4),
        answer(Way::ChatStream).hang_after(4),
    ]);
    let recorder = Recorder::new();
    let client = recorder
        .wrap(client(&provider.base_url()))
        .blocking()
        .unwrap();
    let stream = client.chat().create_stream(chat_request()).unwrap();
    assert_eq!(stream.take(3).count(), 3);
    // Ended at once, with no need to wait for the background.
    let call = recorder.only_call();
    assert_eq!(call.status(), "cancelled");
    assert!(
        call.output.to_string().contains("It arr"),
        "{}",
        call.output
    );

    drop(client.chat().create_stream(chat_request()).unwrap());
    assert_eq!(recorder.calls()[1].status(), "cancelled");
}

#[test]
fn headers_and_queries_are_sent() {
    let provider = ScriptedProvider::start([answer(Way::Chat), answer(Way::Response)]);
    let recorder = Recorder::new();
    let client = recorder
        .wrap(client(&provider.base_url()))
        .blocking()
        .unwrap();
    let chat = client.chat().header("x-team", "support").unwrap();
    chat.create(chat_request()).unwrap();
    let responses = client.responses().query(&[("trial", "1")]).unwrap();
    responses.create(response_request()).unwrap();
    let requests = provider.requests();
    assert_eq!(requests[0].header("x-team"), Some("support"));
    assert!(
        requests[1].path.ends_with("?trial=1"),
        "{}",
        requests[1].path
    );
    assert_eq!(recorder.calls().len(), 2);
}

#[test]
fn defect_55_what_is_not_recorded_can_be_called_and_waited_for() {
    let list =
        json!({"object": "list", "data": [], "first_id": null, "last_id": null, "has_more": false});
    let provider = ScriptedProvider::start([Reply::json(list)]);
    let recorder = Recorder::new();
    let client = recorder
        .wrap(client(&provider.base_url()))
        .blocking()
        .unwrap();
    let list = client.wait(async { client.inner().chat().list().await });
    assert!(list.unwrap().data.is_empty());
    assert!(recorder.calls().is_empty());
}

#[test]
fn wrapping_a_twin_changes_nothing() {
    let provider = ScriptedProvider::start([answer(Way::Chat)]);
    let recorder = Recorder::new();
    let once = recorder
        .wrap(client(&provider.base_url()))
        .into_blocking()
        .unwrap();
    let twice: blocking::Client<OpenAIConfig> = recorder.wrap(once);
    call(&twice, Way::Chat);
    let call = recorder.only_call();
    assert_ne!(call.input, Value::Null);
    let shown = format!("{twice:?} {:?} {:?}", twice.chat(), twice.responses());
    assert!(!shown.contains("sk-test"), "{shown}");
}
