//! Interactions over HTTP: a server that gives the recorded answers, and what a client makes of them.

use std::fmt::Debug;

use futures::{Stream, StreamExt as _};
use rollout_tests::corpus::{Interaction, Observed, Operation};
use rollout_tests::{Reply, ScriptedProvider};
use serde::Serialize;
use serde_json::Value;

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
    start(interactions, times, |interaction| reply(interaction, PIECE))
}

/// Starts such a server that closes the connection in the middle of each answer.
pub(super) fn serve_halves(interactions: &[Interaction], times: usize) -> ScriptedProvider {
    start(interactions, times, |interaction| {
        reply(interaction, interaction.body.len() / 2).cut_after(1)
    })
}

/// Returns whether half of an answer is a stream that breaks off.
pub(super) fn is_long_stream(interaction: &Interaction) -> bool {
    interaction.streaming && interaction.status == 200 && interaction.body.len() > PIECE
}

fn start(
    interactions: &[Interaction],
    times: usize,
    reply: fn(&Interaction) -> Reply,
) -> ScriptedProvider {
    let replies = interactions.iter().flat_map(|interaction| {
        let reply = reply(interaction);
        let path = match interaction.operation {
            Operation::Chat => "chat/completions",
            Operation::Responses => "responses",
            Operation::Messages => "v1/messages",
        };
        let reply = reply.for_path(&format!("/{}/{path}", interaction.id));
        std::iter::repeat_n(reply, times)
    });
    ScriptedProvider::start(replies)
}

fn reply(interaction: &Interaction, piece: usize) -> Reply {
    let body = &interaction.body;
    let mut reply = if interaction.streaming {
        Reply::sse(body.chunks(piece).map(<[u8]>::to_vec))
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

/// As it is on the wire, where an `f32` has no more digits than it needs.
pub(super) fn to_json<T: Serialize>(value: &T) -> Value {
    serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
}

/// What a program gets: a value, or those of a stream, and the errors.
#[derive(Debug, PartialEq)]
pub(super) struct Answer {
    streamed: bool,
    items: Vec<Result<Value, String>>,
}

impl Answer {
    pub(super) fn of<T: Serialize, E: Debug>(result: Result<T, E>) -> Self {
        Self {
            streamed: false,
            items: vec![item(result)],
        }
    }

    pub(super) async fn of_stream<S, T, E>(result: Result<S, E>) -> Self
    where
        S: Stream<Item = Result<T, E>>,
        T: Serialize,
        E: Debug,
    {
        let stream = match result {
            Ok(stream) => stream,
            Err(error) => return Self::of::<T, E>(Err(error)),
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

    pub(super) fn is_streamed(&self) -> bool {
        self.streamed
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
fn item<T: Serialize, E: Debug>(result: Result<T, E>) -> Result<Value, String> {
    match result {
        Ok(value) => Ok(to_json(&value)),
        Err(error) => Err(format!("{error:?}")),
    }
}
