//! Chat completions and responses through async-openai: wrapped, above a layer, and both.

mod losses;
mod request;

use async_openai::config::OpenAIConfig;
use async_openai::middleware::ReqwestService;
use async_openai::middleware::retry::OpenAIRetryLayer;
use futures::StreamExt as _;
use rollout::openai::TraceLayer;
use rollout::{Rollout, WrapOptions};
use rollout_tests::ScriptedProvider;
use rollout_tests::corpus::{Interaction, Operation};
use tower::{Layer as _, ServiceBuilder};

use self::request::Request;
use super::replay::{AT_A_TIME, MARK, Replay, Way, check_broken, judge, recorder};
use super::served::{Answer, is_long_stream, serve, serve_halves};

type Client = async_openai::Client<OpenAIConfig>;

const WRAPPED: Way = Way {
    name: "wrapped async-openai",
    sees_the_program: true,
    sees_the_wire: false,
};
const LAYERED: Way = Way {
    name: "layer below async-openai",
    sees_the_program: false,
    sees_the_wire: true,
};
const BOTH: Way = Way {
    name: "wrapped async-openai over layer",
    sees_the_program: true,
    sees_the_wire: true,
};

#[tokio::test]
async fn recorded_traffic_through_openai_clients_yields_the_facts_that_it_must() {
    replay(super::recorded()).await;
}

#[tokio::test]
async fn handwritten_interactions_through_openai_clients_yield_the_facts_that_they_must() {
    replay(super::handwritten()).await;
}

async fn replay(mut interactions: Vec<Interaction>) {
    interactions.retain(|interaction| interaction.operation != Operation::Messages);
    let recorder = recorder();
    let server = serve(&interactions, 4);
    judge(
        &ask_all(&recorder.0, server, interactions).await,
        &recorder,
        losses::reason,
    );
}

#[tokio::test]
async fn of_streams_that_break_off_openai_clients_record_the_beginning() {
    let mut interactions = super::recorded();
    interactions.extend(super::handwritten());
    interactions.retain(|interaction| interaction.operation != Operation::Messages);
    interactions.retain(is_long_stream);
    let recorder = recorder();
    let server = serve_halves(&interactions, 4);
    check_broken(&ask_all(&recorder.0, server, interactions).await, &recorder);
}

/// Sends all requests, each without and with recording.
async fn ask_all(
    rollout: &Rollout,
    server: ScriptedProvider,
    interactions: Vec<Interaction>,
) -> Vec<Replay> {
    let http = reqwest::Client::new();
    let replays = futures::stream::iter(interactions)
        .map(|interaction| ask(rollout, &server, &http, interaction))
        .buffer_unordered(AT_A_TIME);
    let replays = replays.collect().await;
    assert_eq!(server.unused(), 0);
    replays
}

/// Sends a request with a client, wrapped or not: they have the same methods.
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

async fn ask(
    rollout: &Rollout,
    server: &ScriptedProvider,
    http: &reqwest::Client,
    mut interaction: Interaction,
) -> Replay {
    let (request, is_recorded) = Request::of(&interaction);
    let sent = request.to_json();
    // The model may have been in the path, where this client does not put it.
    if let Some(expected) = &mut interaction.expected {
        expected["model_requested"] = sent["model"].clone();
    }
    let mark = |way: Way| WrapOptions::new().attribute(MARK, way.mark(&interaction));

    let client = client(server, http, &interaction);
    let wrapped = rollout.wrap_with(client.clone(), mark(WRAPPED));
    let layered = layered(rollout, server, http, &interaction, mark(LAYERED));
    let both = rollout.wrap_with(layered.clone(), mark(BOTH));
    Replay {
        sent,
        is_recorded,
        plain: send!(client, request),
        answers: vec![
            (WRAPPED, send!(wrapped, request)),
            (LAYERED, send!(layered, request)),
            (BOTH, send!(both, request)),
        ],
        interaction,
    }
}

/// Returns a client for an interaction. It does not try again what failed, for the sake of time.
fn client(server: &ScriptedProvider, http: &reqwest::Client, interaction: &Interaction) -> Client {
    let service = OpenAIRetryLayer::new(0).layer(ReqwestService::new(http.clone()));
    Client::build(http.clone(), config(server, interaction)).with_http_service(service)
}

fn layered(
    rollout: &Rollout,
    server: &ScriptedProvider,
    http: &reqwest::Client,
    interaction: &Interaction,
    options: WrapOptions,
) -> Client {
    let layer = TraceLayer::of(rollout, options);
    let service = ServiceBuilder::new()
        .layer(layer.clone())
        .layer(OpenAIRetryLayer::new(0))
        .layer(layer)
        .service(ReqwestService::new(http.clone()));
    Client::build(http.clone(), config(server, interaction)).with_http_service(service)
}

fn config(server: &ScriptedProvider, interaction: &Interaction) -> OpenAIConfig {
    OpenAIConfig::new()
        .with_api_base(format!("{}/{}", server.url(), interaction.id))
        .with_api_key("key")
}
