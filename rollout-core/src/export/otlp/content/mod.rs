//! What was said in a call to a model, whoever the provider is.

mod input;
mod openinference;
mod output;
mod part;
mod write;

use serde_json::Value;

pub(crate) use input::conversation;
pub(crate) use openinference::{flatten, invocation_parameters};
pub(crate) use output::answers;
pub(crate) use write::{messages, parts};

/// What a model was given.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Conversation {
    /// Instructions that are given apart from the messages.
    pub(crate) system: Vec<Part>,
    pub(crate) messages: Vec<Message>,
}

/// Something that somebody said.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Message {
    pub(crate) role: String,
    pub(crate) name: Option<String>,
    pub(crate) parts: Vec<Part>,
    /// Why the model stopped, in the conventions' words.
    pub(crate) finish_reason: Option<String>,
}

/// A part of a message.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Part {
    Text(String),
    Reasoning(String),
    /// The model asks for a tool of the program.
    ToolCall {
        id: Option<String>,
        name: String,
        arguments: Value,
    },
    /// What the tool answered.
    ToolResponse {
        id: Option<String>,
        response: Value,
    },
    /// The provider ran a tool itself.
    ServerToolCall {
        id: Option<String>,
        name: String,
        kind: String,
        input: Option<Value>,
    },
    ServerToolResponse {
        id: Option<String>,
        kind: String,
        content: Value,
    },
    Media {
        modality: &'static str,
        mime: Option<String>,
        source: Source,
    },
    /// Something that the conventions have no word for.
    Other {
        kind: String,
        content: Value,
    },
}

/// Where media are.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Source {
    /// In the message, in base64.
    Blob(String),
    /// At an address; ours begin with `rollout-blob:` and say what was left out.
    Uri(String),
    /// At the provider.
    File(String),
}

impl Message {
    pub(crate) fn new(role: impl Into<String>, parts: Vec<Part>) -> Self {
        Self {
            role: role.into(),
            name: None,
            parts,
            finish_reason: None,
        }
    }

    /// Returns what is said, without reasoning.
    pub(crate) fn text(&self) -> String {
        let texts: Vec<&str> = self
            .parts
            .iter()
            .filter_map(|part| match part {
                Part::Text(text) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        texts.join("\n")
    }
}

/// Returns a message that says a value: a text as it is, anything else as JSON.
pub(crate) fn plain(role: &str, value: &Value) -> Message {
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    Message::new(role, vec![Part::Text(text)])
}
