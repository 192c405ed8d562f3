//! Messages through a wrapped claude-api.

mod losses;

use claude_api::Client;
use claude_api::messages::CreateMessageRequest;
use claude_api::retry::RetryPolicy;
use futures::StreamExt as _;
use rollout::{Rollout, WrapOptions};
use rollout_tests::ScriptedProvider;
use rollout_tests::corpus::{Interaction, Operation};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::replay::{AT_A_TIME, MARK, Replay, Way, check_broken, judge, recorder};
use super::served::{Answer, is_long_stream, serve, serve_halves, to_json};

const WRAPPED: Way = Way {
    name: "wrapped claude-api",
    sees_the_program: true,
    sees_the_wire: false,
};

#[tokio::test]
async fn recorded_traffic_through_an_anthropic_client_yields_the_facts_that_it_must() {
    replay(super::recorded()).await;
}

#[tokio::test]
async fn handwritten_interactions_through_an_anthropic_client_yield_the_facts_that_they_must() {
    replay(super::handwritten()).await;
}

async fn replay(mut interactions: Vec<Interaction>) {
    interactions.retain(|interaction| interaction.operation == Operation::Messages);
    let recorder = recorder();
    let server = serve(&interactions, 2);
    judge(
        &ask_all(&recorder.0, server, interactions).await,
        &recorder,
        losses::reason,
    );
}

#[tokio::test]
async fn of_streams_that_break_off_an_anthropic_client_record_the_beginning() {
    let mut interactions = super::recorded();
    interactions.extend(super::handwritten());
    interactions.retain(|interaction| interaction.operation == Operation::Messages);
    interactions.retain(is_long_stream);
    let recorder = recorder();
    let server = serve_halves(&interactions, 2);
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
    ($client:expr, $request:expr, $streaming:expr) => {
        if $streaming {
            Answer::of_stream($client.messages().create_stream($request.clone()).await).await
        } else {
            Answer::of($client.messages().create($request.clone()).await)
        }
    };
}

async fn ask(
    rollout: &Rollout,
    server: &ScriptedProvider,
    http: &reqwest::Client,
    mut interaction: Interaction,
) -> Replay {
    let streaming = match interaction.request.get("stream") {
        Some(stream) => stream == true,
        // Of some answers the request is not known.
        None => interaction.request.is_null() && interaction.streaming,
    };
    let recorded = request(&interaction.request);
    let is_recorded = recorded.is_some();
    let request = recorded.unwrap_or_else(|| small(&interaction.request));
    let mut sent = to_json(&request);
    if streaming {
        sent["stream"] = true.into();
    }
    // The model may have been in the path, where this client does not put it.
    if let Some(expected) = &mut interaction.expected {
        expected["model_requested"] = sent["model"].clone();
    }
    let client = Client::builder()
        .api_key("key")
        .base_url(format!("{}/{}", server.url(), interaction.id))
        .http_client(http.clone())
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    let options = WrapOptions::new().attribute(MARK, WRAPPED.mark(&interaction));
    let wrapped = rollout.wrap_with(client.clone(), options);
    Replay {
        sent,
        is_recorded,
        plain: send!(client, request, streaming),
        answers: vec![(WRAPPED, send!(wrapped, request, streaming))],
        interaction,
    }
}

/// Returns what of a recorded request claude-api has room for; `None` if that is not all that the
/// model would answer to.
fn request(body: &Value) -> Option<CreateMessageRequest> {
    let mut request = CreateMessageRequest::builder()
        .model(model(body))
        .max_tokens(read::<u32>(body, "max_tokens")??)
        .messages(read(body, "messages")??);
    if let Some(system) = read::<claude_api::messages::SystemPrompt>(body, "system")? {
        request = request.system(system);
    }
    if let Some(tools) = read(body, "tools")? {
        request = request.tools(tools);
    }
    if let Some(choice) = read(body, "tool_choice")? {
        request = request.tool_choice(choice);
    }
    if let Some(thinking) = read(body, "thinking")? {
        request = request.thinking(thinking);
    }
    if let Some(temperature) = read(body, "temperature")? {
        request = request.temperature(temperature);
    }
    request.build().ok()
}

/// Returns a small request for the same model.
fn small(body: &Value) -> CreateMessageRequest {
    let request = CreateMessageRequest::builder().model(model(body));
    request.max_tokens(8).user("hi").build().unwrap()
}

fn model(body: &Value) -> String {
    let model = body.get("model").and_then(Value::as_str);
    model.unwrap_or("in-the-path").to_owned()
}

/// Reads a member; `None` if claude-api can't, `Some(None)` if it is not there.
#[expect(clippy::option_option, reason = "what is missing is no mistake")]
fn read<T: DeserializeOwned>(body: &Value, key: &str) -> Option<Option<T>> {
    match body.get(key) {
        None | Some(Value::Null) => Some(None),
        Some(value) => serde_json::from_value(value.clone()).ok().map(Some),
    }
}
