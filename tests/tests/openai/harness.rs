//! One scenario, in every way in which a client can be recorded.

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use futures::StreamExt as _;
use rollout_tests::{Call, Recorder, Reply, Request, ScriptedProvider};

use super::calls::{Got, Way, call_bare, chat_request, client, response_request, runtime};

/// How the client is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tap {
    /// By `wrap`.
    Wrapped,
    /// By `wrap`, twice.
    WrappedTwice,
    /// By the layer below the client.
    Layered,
    /// By both.
    Both,
}

pub(crate) const TAPS: [Tap; 4] = [Tap::Wrapped, Tap::WrappedTwice, Tap::Layered, Tap::Both];

impl Tap {
    /// Returns whether it sees headers, attempts, and fields that the client's types have no room for.
    pub(crate) fn sees_wire(self) -> bool {
        matches!(self, Self::Layered | Self::Both)
    }
}

/// Returns a client whose requests pass through the layer.
pub(crate) fn layered(base_url: &str) -> Client<OpenAIConfig> {
    rollout::openai::client(client(base_url).config().clone())
}

/// Makes a call that is recorded.
pub(crate) fn call(recorder: &Recorder, base_url: &str, tap: Tap, way: Way) -> Got {
    let wrapped = match tap {
        Tap::Layered => {
            let client = layered(base_url);
            let context = recorder.rollout().context();
            return context.in_scope(|| call_bare(&client, way));
        }
        Tap::Both => recorder.wrap(layered(base_url)),
        Tap::Wrapped => recorder.wrap(client(base_url)),
        Tap::WrappedTwice => recorder.wrap(recorder.wrap(client(base_url))),
    };
    call_wrapped(&wrapped, way)
}

pub(crate) fn call_wrapped(client: &rollout::openai::Client, way: Way) -> Got {
    fn shown(result: &impl std::fmt::Debug) -> String {
        format!("{result:?}")
    }
    runtime().block_on(async {
        match way {
            Way::Chat => vec![shown(&client.chat().create(chat_request()).await)],
            Way::Response => vec![shown(&client.responses().create(response_request()).await)],
            Way::ChatStream => match client.chat().create_stream(chat_request()).await {
                Ok(stream) => stream.map(|item| shown(&item)).collect().await,
                Err(error) => vec![shown(&Err::<(), _>(error))],
            },
            Way::ResponseStream => {
                match client.responses().create_stream(response_request()).await {
                    Ok(stream) => stream.map(|item| shown(&item)).collect().await,
                    Err(error) => vec![shown(&Err::<(), _>(error))],
                }
            }
        }
    })
}

/// Plays a scenario, bare and recorded. Whoever calls gets the same, the server the same requests, and
/// one call is recorded, to be looked at.
#[track_caller]
pub(crate) fn check(
    ways: &[Way],
    replies: impl Fn(Way) -> Vec<Reply>,
    look: impl Fn(Tap, Way, &Call),
) {
    for &way in ways {
        let expected_requests = replies(way).len();
        let provider = ScriptedProvider::start(replies(way));
        let expected = call_bare(&client(&provider.base_url()), way);
        let bare = provider.requests();
        assert_eq!(bare.len(), expected_requests, "{way:?}: {expected:?}");
        for tap in TAPS {
            let provider = ScriptedProvider::start(replies(way));
            let recorder = Recorder::new();
            let got = call(&recorder, &provider.base_url(), tap, way);
            assert_eq!(got, expected, "{tap:?} {way:?}");
            assert_same_requests(&provider.requests(), &bare);
            look(tap, way, &recorder.only_call());
        }
    }
}

#[track_caller]
pub(crate) fn assert_same_requests(requests: &[Request], bare: &[Request]) {
    // The two servers have two ports.
    let headers = |request: &Request| {
        let mut headers = request.headers.clone();
        headers.remove("host");
        headers
    };
    assert_eq!(requests.len(), bare.len());
    for (request, other) in requests.iter().zip(bare) {
        assert_eq!(
            (&request.method, &request.path),
            (&other.method, &other.path)
        );
        assert_eq!(headers(request), headers(other));
        assert_eq!(request.body, other.body);
    }
}
