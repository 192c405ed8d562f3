//! The same traffic through clients: what the span says, and that the program gets what it got.

use std::time::Duration;

use async_openai::middleware::ReqwestService;
use async_openai::middleware::retry::OpenAIRetryLayer;
use futures::StreamExt as _;
use rollout::openai::TraceLayer;
use rollout::{MemoryExporter, Rollout, WrapOptions};
use rollout_tests::ScriptedProvider;
use rollout_tests::corpus::{Field, Interaction, Operation, Score, fields};
use serde_json::{Value, json};
use tower::ServiceBuilder;

use super::decoders::NOT_OURS;
use super::losses;
use super::served::{Answer, Client, Request, client, config, send, serve};
use super::span::{self, Call};

/// The attribute by which the calls are told apart.
const MARK: &str = "replay";

/// How many interactions are under way at a time.
const AT_A_TIME: usize = 16;

#[tokio::test]
async fn recorded_traffic_through_clients_yields_the_facts_that_it_must() {
    judge(super::recorded()).await;
}

#[tokio::test]
async fn handwritten_interactions_through_clients_yield_the_facts_that_they_must() {
    judge(super::handwritten()).await;
}

/// What came of an interaction: the answers without and with recording.
struct Replay {
    interaction: Interaction,
    sent: Value,
    is_recorded: bool,
    plain: Answer,
    answers: [Answer; 3],
}

/// A way to record.
#[derive(Clone, Copy)]
pub(super) struct Way {
    name: &'static str,
    place: usize,
}

const WRAPPED: Way = Way {
    name: "wrapped client",
    place: 0,
};
const LAYERED: Way = Way {
    name: "layer",
    place: 1,
};
const BOTH: Way = Way {
    name: "wrapped client over layer",
    place: 2,
};

impl Way {
    fn mark(self, interaction: &Interaction) -> String {
        format!("{}: {}", self.name, interaction.id)
    }

    /// A client is recorded with what the program gets of it.
    pub(super) fn sees_the_program(self) -> bool {
        self.place != LAYERED.place
    }

    /// A layer is recorded with what is on the wire.
    pub(super) fn sees_the_wire(self) -> bool {
        self.place != WRAPPED.place
    }
}

async fn judge(interactions: Vec<Interaction>) {
    let interactions: Vec<_> = interactions
        .into_iter()
        .filter(|interaction| interaction.operation != Operation::Messages)
        .collect();
    let memory = MemoryExporter::new();
    let rollout = Rollout::builder()
        .exporter(memory.clone())
        .max_queue_events(1_000_000)
        .max_queue_bytes(1_000_000_000)
        .max_value_bytes(8_000_000)
        .build()
        .unwrap();
    let server = serve(&interactions, 4);
    let http = reqwest::Client::new();
    let replays = futures::stream::iter(interactions)
        .map(|interaction| replay(&rollout, &server, &http, interaction))
        .buffer_unordered(AT_A_TIME);
    let replays: Vec<Replay> = replays.collect().await;
    assert_eq!(server.unused(), 0);
    rollout.flush(Duration::from_secs(60)).unwrap();
    let events = memory.events();
    let calls = span::calls(&events, MARK);

    let mut scores = [WRAPPED, LAYERED, BOTH].map(|way| (way, Score::new(way.name, NOT_OURS)));
    for replay in &replays {
        let id = &replay.interaction.id;
        for (way, score) in &mut scores {
            let answer = &replay.answers[way.place];
            assert_eq!(*answer, replay.plain, "{id}, {}", way.name);
            replay.score(&calls[&*way.mark(&replay.interaction)], *way, score);
        }
    }
    let small = replays.iter().filter(|replay| !replay.is_recorded).count();
    println!("{small} small requests, where async-openai's has no room for the recorded one");
    for (_, score) in &scores {
        println!("{score}");
    }
    for (_, score) in scores {
        score.judge();
    }
}

async fn replay(
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
        answers: [
            send!(wrapped, request),
            send!(layered, request),
            send!(both, request),
        ],
        interaction,
    }
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

impl Replay {
    fn score(&self, call: &Call<'_>, way: Way, score: &mut Score) {
        let interaction = &self.interaction;
        let mut compared = fields(interaction, &call.observed(interaction));
        let expected = interaction.expected.as_ref();
        let failed = (way.sees_the_program() && self.plain.failed())
            || expected.is_some_and(|expected| !expected["error"].is_null());
        for (name, expected, got) in [
            (
                "input",
                without_media(&self.sent),
                without_media(&call.input()),
            ),
            (
                "span.status",
                json!(if failed { "error" } else { "ok" }),
                json!(call.end().status),
            ),
        ] {
            compared.push(Field {
                name,
                expected,
                got,
            });
        }
        let program = fields(
            interaction,
            &self.plain.observed(interaction.operation, &self.sent),
        );
        score.count_with(interaction, compared, |field| {
            let same = |it: &&Field| it.name == field.name;
            let known = program.iter().find(same).map(|it| &it.got);
            losses::reason(way, field, known, &self.plain)
        });
    }
}

/// Media are recorded by their hash. What they were is compared elsewhere.
fn without_media(value: &Value) -> Value {
    const LONG: usize = 256;
    let is_media = |text: &str| text.len() > LONG && !text.contains(' ');
    match value {
        Value::String(text) if is_media(text) || text.starts_with("rollout-blob:") => {
            json!("media")
        }
        Value::Array(items) => items.iter().map(without_media).collect(),
        Value::Object(members) => members
            .iter()
            .map(|(key, value)| (key.clone(), without_media(value)))
            .collect(),
        value => value.clone(),
    }
}
