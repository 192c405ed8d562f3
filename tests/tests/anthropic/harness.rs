//! One scenario, in every way in which claude-api can be called.

use std::fmt::Debug;

use claude_api::messages::CreateMessageRequest;
use claude_api::retry::RetryPolicy;
use claude_api::{Client, Error};
use futures::StreamExt as _;
use rollout::anthropic::blocking;
use rollout_tests::{Call, Recorder, Reply, Request, ScriptedProvider};
use tokio::runtime::Runtime;

/// How the answer is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Create,
    Stream,
    Aggregate,
}

pub(crate) const STREAMED: [Way; 2] = [Way::Stream, Way::Aggregate];
pub(crate) const ALL: [Way; 3] = [Way::Create, Way::Stream, Way::Aggregate];

pub(crate) fn request() -> CreateMessageRequest {
    CreateMessageRequest::builder()
        .model("claude-sonnet-4-5")
        .max_tokens(64)
        .temperature(0.5)
        .system("Be brief.")
        .user("What is the weather in Paris?")
        .build()
        .unwrap()
}

/// Returns a client that tries once.
pub(crate) fn client(url: &str) -> Client {
    client_with(url, RetryPolicy::none())
}

pub(crate) fn client_with(url: &str, retry: RetryPolicy) -> Client {
    let builder = Client::builder().api_key("sk-ant-test-0123456789");
    builder.base_url(url).retry(retry).build().unwrap()
}

/// Returns a runtime of one thread.
pub(crate) fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().unwrap()
}

/// What a caller gets, to be compared: a text each result or item.
pub(crate) type Got = Vec<String>;

fn one<T: Debug>(result: Result<T, Error>) -> Got {
    vec![format!("{result:?}")]
}

fn many<T: Debug>(items: Vec<Result<T, Error>>) -> Got {
    items.into_iter().flat_map(one).collect()
}

/// Calls a client, which is claude-api's or a wrapped one.
macro_rules! call {
    ($client:expr, $way:expr) => {{
        let messages = $client.messages();
        match $way {
            Way::Create => one(messages.create(request()).await),
            way => match messages.create_stream(request()).await {
                Ok(stream) if way == Way::Aggregate => one(stream.aggregate().await),
                Ok(stream) => many(stream.collect().await),
                Err(error) => one::<()>(Err(error)),
            },
        }
    }};
}

/// Calls the blocking twin of a wrapped client.
pub(crate) fn call_blocking(client: &blocking::Client, way: Way) -> Got {
    let messages = client.messages();
    match way {
        Way::Create => one(messages.create(request())),
        way => match messages.create_stream(request()) {
            Ok(stream) if way == Way::Aggregate => one(stream.aggregate()),
            Ok(stream) => many(stream.collect()),
            Err(error) => one::<()>(Err(error)),
        },
    }
}

/// Calls claude-api's client as it is.
pub(crate) fn call_bare(client: &Client, way: Way) -> Got {
    runtime().block_on(async { call!(client, way) })
}

/// Calls a wrapped client.
pub(crate) fn call_wrapped(client: &rollout::anthropic::Client, way: Way) -> Got {
    runtime().block_on(async { call!(client, way) })
}

/// Plays a scenario in these ways, each bare, wrapped, and wrapped and blocking. Whoever calls gets the
/// same, the server the same request, and one call is recorded, to be looked at.
#[track_caller]
pub(crate) fn check(reply: impl Fn() -> Reply, ways: &[Way], look: impl Fn(Way, &Call)) {
    for &way in ways {
        let provider = ScriptedProvider::start([reply(), reply(), reply()]);
        let url = provider.url();
        let bare = call_bare(&client(&url), way);

        let recorder = Recorder::new();
        let got = call_wrapped(&recorder.wrap(client(&url)), way);
        assert_eq!(got, bare, "{way:?}");
        look(way, &recorder.only_call());

        let recorder = Recorder::new();
        let blocking = recorder.wrap(client(&url)).blocking().unwrap();
        let got = call_blocking(&blocking, way);
        assert_eq!(got, bare, "{way:?}, blocking");
        look(way, &recorder.only_call());

        let requests = provider.requests();
        assert_eq!(requests.len(), 3);
        for request in &requests {
            assert_same_request(request, &requests[0]);
        }
    }
}

#[track_caller]
fn assert_same_request(request: &Request, other: &Request) {
    assert_eq!(
        (&request.method, &request.path),
        (&other.method, &other.path)
    );
    assert_eq!(request.headers, other.headers);
    assert_eq!(request.body, other.body);
}
