//! Calls to OpenAI, as async-openai makes them and as the blocking twin does.

use std::fmt::Debug;

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::types::chat::CreateChatCompletionRequest;
use async_openai::types::responses::CreateResponse;
use futures::StreamExt as _;
use rollout::openai::blocking;
use rollout_tests::provider::openai;
use rollout_tests::{Call, Recorder, Reply, ScriptedProvider};
use serde_json::json;
use tokio::runtime::{Builder, Runtime};

pub(crate) const TEXT: &str = "It arrives on Tuesday.";

/// The four calls to a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Chat,
    ChatStream,
    Response,
    ResponseStream,
}

pub(crate) const ALL: [Way; 4] = [
    Way::Chat,
    Way::ChatStream,
    Way::Response,
    Way::ResponseStream,
];
pub(crate) const STREAMED: [Way; 2] = [Way::ChatStream, Way::ResponseStream];

pub(crate) fn chat_request() -> CreateChatCompletionRequest {
    let messages = json!([{"role": "user", "content": "Where is my order?"}]);
    serde_json::from_value(json!({"model": openai::MODEL, "messages": messages})).unwrap()
}

pub(crate) fn response_request() -> CreateResponse {
    let request = json!({"model": openai::MODEL, "input": "Where is my order?"});
    serde_json::from_value(request).unwrap()
}

pub(crate) fn client(base_url: &str) -> Client<OpenAIConfig> {
    let config = OpenAIConfig::new().with_api_base(base_url);
    Client::with_config(config.with_api_key("sk-test-0123456789abcdef"))
}

pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// What a caller gets, to be compared: a text each result or item.
pub(crate) type Got = Vec<String>;

fn one<T: Debug>(result: Result<T, OpenAIError>) -> Got {
    vec![format!("{result:?}")]
}

fn many<T: Debug>(items: Vec<Result<T, OpenAIError>>) -> Got {
    items.into_iter().flat_map(one).collect()
}

/// Calls async-openai's client as it is.
pub(crate) fn call_bare(client: &Client<OpenAIConfig>, way: Way) -> Got {
    runtime().block_on(async {
        match way {
            Way::Chat => one(client.chat().create(chat_request()).await),
            Way::Response => one(client.responses().create(response_request()).await),
            Way::ChatStream => match client.chat().create_stream(chat_request()).await {
                Ok(stream) => many(stream.collect().await),
                Err(error) => one::<()>(Err(error)),
            },
            Way::ResponseStream => {
                match client.responses().create_stream(response_request()).await {
                    Ok(stream) => many(stream.collect().await),
                    Err(error) => one::<()>(Err(error)),
                }
            }
        }
    })
}

pub(crate) fn call(client: &blocking::Client<OpenAIConfig>, way: Way) -> Got {
    match way {
        Way::Chat => one(client.chat().create(chat_request())),
        Way::Response => one(client.responses().create(response_request())),
        Way::ChatStream => match client.chat().create_stream(chat_request()) {
            Ok(stream) => many(stream.collect()),
            Err(error) => one::<()>(Err(error)),
        },
        Way::ResponseStream => match client.responses().create_stream(response_request()) {
            Ok(stream) => many(stream.collect()),
            Err(error) => one::<()>(Err(error)),
        },
    }
}

pub(crate) fn answer(way: Way) -> Reply {
    let turn = openai::answer(TEXT);
    match way {
        Way::Chat => Reply::json(openai::chat(&turn)),
        Way::ChatStream => Reply::sse(openai::chat_frames(&openai::chat_chunks(&turn))),
        Way::Response => Reply::json(openai::response(&turn)),
        Way::ResponseStream => Reply::sse(openai::response_frames(&openai::response_events(&turn))),
    }
}

/// Plays a scenario, bare and blocking, and looks at what is recorded.
#[track_caller]
pub(crate) fn check(ways: &[Way], reply: impl Fn(Way) -> Reply, look: impl Fn(Way, &Call)) {
    for &way in ways {
        let provider = ScriptedProvider::start([reply(way), reply(way)]);
        let expected = call_bare(&client(&provider.base_url()), way);
        let recorder = Recorder::new();
        let client = recorder.wrap(client(&provider.base_url()));
        let got = call(&client.blocking().unwrap(), way);
        assert_eq!(got, expected, "{way:?}");
        look(way, &recorder.only_call());
        let requests = provider.requests();
        assert_eq!(requests[0].body, requests[1].body);
        assert_eq!(requests[0].headers, requests[1].headers);
    }
}
