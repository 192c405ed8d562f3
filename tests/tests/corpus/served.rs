//! Interactions over HTTP: a server that gives the recorded answers, and clients that ask for them.

use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::middleware::ReqwestService;
use async_openai::middleware::retry::OpenAIRetryLayer;
use async_openai::types::chat::CreateChatCompletionRequest;
use async_openai::types::responses::CreateResponse;
use async_openai::types::stream::StreamResponse;
use futures::StreamExt as _;
use rollout_tests::corpus::{Interaction, Observed, Operation};
use rollout_tests::{Reply, ScriptedProvider};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tower::Layer as _;

pub(super) type Client = async_openai::Client<OpenAIConfig>;

/// What a client is not to be told: how the answer was sent then is not how it is now.
const OF_THE_CONNECTION: [&str; 4] = [
    "connection",
    "content-encoding",
    "content-length",
    "transfer-encoding",
];

/// How long the pieces are that streams come in: shorter than most events, and no event ends there.
const PIECE: usize = 997;

/// Starts a server that answers each interaction under a path of its own, so many times.
pub(super) fn serve(interactions: &[Interaction], times: usize) -> ScriptedProvider {
    let replies = interactions.iter().flat_map(|interaction| {
        let reply = reply(interaction);
        let path = match interaction.operation {
            Operation::Responses => "responses",
            _ => "chat/completions",
        };
        let reply = reply.for_path(&format!("/{}/{path}", interaction.id));
        std::iter::repeat_n(reply, times)
    });
    ScriptedProvider::start(replies)
}

fn reply(interaction: &Interaction) -> Reply {
    let body = &interaction.body;
    let mut reply = if interaction.streaming {
        Reply::sse(body.chunks(PIECE).map(<[u8]>::to_vec))
    } else {
        Reply::pieces([body.clone()]).with_header("content-type", "application/json")
    };
    for (name, value) in &interaction.headers {
        if !OF_THE_CONNECTION.contains(&name.as_str()) {
            reply = reply.with_header(name, value);
        }
    }
    reply.with_status(interaction.status)
}

/// Returns a client for an interaction. It does not try again what failed, for the sake of time.
pub(super) fn client(
    server: &ScriptedProvider,
    http: &reqwest::Client,
    interaction: &Interaction,
) -> Client {
    let service = OpenAIRetryLayer::new(0).layer(ReqwestService::new(http.clone()));
    Client::build(http.clone(), config(server, interaction)).with_http_service(service)
}

pub(super) fn config(server: &ScriptedProvider, interaction: &Interaction) -> OpenAIConfig {
    OpenAIConfig::new()
        .with_api_base(format!("{}/{}", server.url(), interaction.id))
        .with_api_key("key")
}

/// A request that async-openai can send.
#[derive(Clone)]
pub(super) enum Request {
    Chat(Box<CreateChatCompletionRequest>),
    Responses(Box<CreateResponse>),
}

impl Request {
    /// Returns the recorded request, or, where async-openai has no room for what it says, a small one
    /// for the same model; and whether it is the recorded one.
    pub(super) fn of(interaction: &Interaction) -> (Self, bool) {
        let streaming = match interaction.request.get("stream") {
            Some(stream) => stream == true,
            // Of some answers the request is not known.
            None => interaction.request.is_null() && interaction.streaming,
        };
        let model = interaction.request.get("model").and_then(Value::as_str);
        let asked = json!({"model": model.unwrap_or("in-the-path"), "stream": streaming});
        let small = match interaction.operation {
            Operation::Responses => json!({"input": "hi"}),
            _ => json!({"messages": [{"role": "user", "content": "hi"}]}),
        };
        let recorded = Self::read(interaction.operation, &with(&interaction.request, &asked));
        let is_recorded = recorded.is_some();
        let request = recorded
            .or_else(|| Self::read(interaction.operation, &with(&small, &asked)))
            .unwrap();
        (request, is_recorded)
    }

    fn read(operation: Operation, body: &Value) -> Option<Self> {
        fn read<T: DeserializeOwned>(body: &Value) -> Option<T> {
            serde_json::from_value(body.clone()).ok()
        }
        match operation {
            Operation::Responses => read(body).map(Self::Responses),
            _ => read(body).map(Self::Chat),
        }
    }

    pub(super) fn is_streaming(&self) -> bool {
        let stream = match self {
            Self::Chat(request) => request.stream,
            Self::Responses(request) => request.stream,
        };
        stream == Some(true)
    }

    pub(super) fn to_json(&self) -> Value {
        match self {
            Self::Chat(request) => to_json(request),
            Self::Responses(request) => to_json(request),
        }
    }
}

/// As it is on the wire, where an `f32` has no more digits than it needs.
fn to_json<T: Serialize>(value: &T) -> Value {
    serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
}

fn with(body: &Value, members: &Value) -> Value {
    let mut body = body.clone();
    if let (Some(body), Some(members)) = (body.as_object_mut(), members.as_object()) {
        body.extend(members.clone());
    }
    body
}

/// Sends a request with a client of async-openai, wrapped or not: they have the same methods.
macro_rules! send {
    ($client:expr, $request:expr) => {{
        let streaming = $request.is_streaming();
        match ($request.clone(), streaming) {
            (Request::Chat(request), false) => Answer::of($client.chat().create(*request).await),
            (Request::Chat(request), true) => {
                Answer::of_stream($client.chat().create_stream(*request).await).await
            }
            (Request::Responses(request), false) => {
                Answer::of($client.responses().create(*request).await)
            }
            (Request::Responses(request), true) => {
                Answer::of_stream($client.responses().create_stream(*request).await).await
            }
        }
    }};
}
pub(super) use send;

/// What a program gets: a value, or those of a stream, and the errors.
#[derive(Debug, PartialEq)]
pub(super) struct Answer {
    streamed: bool,
    items: Vec<Result<Value, String>>,
}

impl Answer {
    pub(super) fn of<T: Serialize>(result: Result<T, OpenAIError>) -> Self {
        Self {
            streamed: false,
            items: vec![item(result)],
        }
    }

    pub(super) async fn of_stream<T: Serialize>(
        result: Result<StreamResponse<T>, OpenAIError>,
    ) -> Self {
        let stream = match result {
            Ok(stream) => stream,
            Err(error) => return Self::of::<T>(Err(error)),
        };
        Self {
            streamed: true,
            items: stream.map(item).collect().await,
        }
    }

    /// Returns whether the program got an error, in the middle of a stream perhaps.
    pub(super) fn failed(&self) -> bool {
        self.items.iter().any(Result::is_err)
    }

    /// Returns the errors that the program got.
    pub(super) fn errors(&self) -> impl Iterator<Item = &str> {
        let errors = self.items.iter().filter_map(|item| item.as_ref().err());
        errors.map(String::as_str)
    }

    /// Returns what the program can know: what async-openai's types have room for.
    pub(super) fn observed(&self, operation: Operation, request: &Value) -> Observed {
        let format = operation.wire_format();
        let mut observed = Observed {
            model_requested: format.request(request).model,
            ..Observed::default()
        };
        let values = self.items.iter().flatten();
        (observed.output, observed.facts) = if self.streamed {
            let mut assembler = format.assembler();
            for value in values {
                assembler.push(None, value);
            }
            assembler.finish()
        } else {
            let value = values.last().cloned().unwrap_or_default();
            let facts = format.response(None, &value);
            (value, facts)
        };
        observed
    }
}

/// Errors are compared by all that they say: they have no other equality.
fn item<T: Serialize>(result: Result<T, OpenAIError>) -> Result<Value, String> {
    match result {
        Ok(value) => Ok(to_json(&value)),
        Err(error) => Err(format!("{error:?}")),
    }
}
