//! Clients of two versions of async-openai in one program, through the same `wrap`.

use futures::StreamExt as _;
use rollout_tests::provider::openai;
use rollout_tests::{Recorder, Reply, ScriptedProvider};
use serde_json::json;

/// Asks, streamed and not, by a client of one version; the last answer is an error.
macro_rules! ask {
    ($recorder:expr, $provider:expr, $async_openai:ident, $wrapped:ty) => {{
        use $async_openai::{Client, config::OpenAIConfig};
        let config = OpenAIConfig::new()
            .with_api_base($provider.base_url())
            .with_api_key("sk-test");
        let client: $wrapped = $recorder.wrap(Client::with_config(config));
        let messages = json!([{"role": "user", "content": "Where is my order?"}]);
        let request = json!({"model": openai::MODEL, "messages": messages});
        let request = move || serde_json::from_value(request.clone()).unwrap();

        let whole = client.chat().create(request()).await.unwrap();
        let stream = client.chat().create_stream(request()).await.unwrap();
        assert!(stream.all(|chunk| async move { chunk.is_ok() }).await);
        let blocking = client.blocking().unwrap();
        let error = tokio::task::spawn_blocking(move || blocking.chat().create(request()));
        assert!(error.await.unwrap().is_err());
        whole.choices[0].message.content.clone().unwrap()
    }};
}

#[tokio::test]
async fn clients_of_two_versions_are_wrapped_in_one_program() {
    let turn = openai::answer("It arrives on Tuesday.");
    let refusal = openai::error("invalid_request_error", Some("no"), "No.");
    let round = || {
        [
            Reply::json(openai::chat(&turn)),
            Reply::sse(openai::chat_frames(&openai::chat_chunks(&turn))),
            Reply::json(refusal.clone()).with_status(400),
        ]
    };
    let provider = ScriptedProvider::start(round().into_iter().chain(round()));
    let recorder = Recorder::new();
    assert_eq!(
        ask!(recorder, provider, async_openai, rollout::openai::Client<_>),
        "It arrives on Tuesday."
    );
    assert_eq!(
        ask!(
            recorder,
            provider,
            async_openai_0_42,
            rollout::openai::v0_42::Client<_>
        ),
        "It arrives on Tuesday."
    );

    let calls = recorder.calls();
    assert_eq!(calls.len(), 6);
    for calls in calls.chunks(3) {
        for call in &calls[..2] {
            assert_eq!(call.status(), "ok");
            assert_eq!(call.usage()["input_tokens"], 21);
            assert!(call.output.to_string().contains("It arrives on Tuesday."));
        }
        assert_eq!(calls[1].input["stream"], true);
        assert_eq!(calls[2].attribute("error.type"), "no");
        assert_eq!(calls[2].attribute("http.response.status_code"), 400);
    }
}
