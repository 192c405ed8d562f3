//! What was said in a call to a model, whoever the provider is.

mod convention;
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

/// Returns what an agent is asked to do: the arguments of a function, or a prompt with what belongs to it.
pub(crate) fn task(input: &Value) -> Conversation {
    const OF_A_PROMPT: [&str; 3] = ["prompt", "system", "tools"];
    let is_prompt = input.as_object().is_some_and(|members| {
        members.contains_key("prompt")
            && members
                .keys()
                .all(|key| OF_A_PROMPT.contains(&key.as_str()))
    });
    let read = is_prompt.then(|| conversation(input)).flatten();
    read.unwrap_or_else(|| Conversation {
        messages: vec![plain("user", input)],
        ..Conversation::default()
    })
}

/// Returns what an agent answers: messages, or whatever its function returns.
pub(crate) fn result(output: &Value) -> Vec<Message> {
    if output::are_messages(output) {
        return answers(output);
    }
    vec![plain("assistant", output)]
}

/// Returns a message that says a value: a text as it is, anything else as JSON.
pub(crate) fn plain(role: &str, value: &Value) -> Message {
    let text = value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned);
    Message::new(role, vec![Part::Text(text)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_agent_is_asked_in_words_or_by_arguments() {
        let asked = |input: Value| {
            let task = task(&input);
            assert_eq!(task.messages.len(), 1);
            (task.messages[0].text(), task.system.len())
        };
        assert_eq!(asked(json!({"prompt": "hi"})), ("hi".to_owned(), 0));
        let prompt = json!({"prompt": [{"role": "user", "parts": [{"type": "text", "content": "hi"}]}], "system": "S"});
        assert_eq!(asked(prompt), ("hi".to_owned(), 1));
        let arguments = json!({"prompt": "hi", "user": 7});
        assert_eq!(asked(arguments.clone()), (arguments.to_string(), 0));
        let said = json!([{"role": "assistant", "parts": [{"type": "text", "content": "ho"}]}]);
        assert_eq!(result(&said)[0].text(), "ho");
        assert_eq!(result(&json!(["a", "b"]))[0].text(), r#"["a","b"]"#);
    }
}
