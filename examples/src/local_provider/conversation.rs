//! What the APIs have in common: what was said so far, and what the model says next.

use serde_json::Value;

use super::usage::Usage;

/// Everything a request tells the model.
#[derive(Clone, Debug, Default)]
pub struct Conversation {
    /// What was said so far.
    pub messages: Vec<Message>,
    /// The tools it may call.
    pub tools: Vec<Tool>,
    /// Whether it may call several at a time.
    pub parallel: bool,
    /// Whether it should think first.
    pub reasoning: bool,
}

/// One thing that was said.
#[derive(Clone, Debug)]
pub enum Message {
    /// Instructions.
    System(String),
    /// A question of the customer.
    User(String),
    /// An earlier answer.
    Assistant(String),
    /// An earlier wish of the model.
    Call(ToolCall),
    /// What the tool returned.
    Result {
        /// The call it is the result of.
        call_id: String,
        /// JSON, or any text.
        output: String,
    },
}

/// A tool on offer.
#[derive(Clone, Debug)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// JSON schema of its arguments.
    pub parameters: Value,
}

/// The model's wish that a tool be called.
#[derive(Clone, Debug)]
pub struct ToolCall {
    /// What the result will refer to.
    pub id: String,
    /// Which tool.
    pub name: String,
    /// A JSON object, as text.
    pub arguments: String,
}

/// What the model says in one turn.
#[derive(Clone, Debug, Default)]
pub struct Turn {
    /// What it thought, if it was asked to.
    pub reasoning: Option<String>,
    /// Its answer.
    pub text: Option<String>,
    /// The tools it wants called.
    pub tool_calls: Vec<ToolCall>,
    /// What that costs.
    pub usage: Usage,
}

/// Returns the text of a message's `content`: a text, or an array of parts that have one.
pub(super) fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts
            .iter()
            .filter_map(|part| part["text"].as_str())
            .collect(),
        _ => String::new(),
    }
}

/// Returns the elements of an array; none, if it is no array.
pub(super) fn items_of(array: &Value) -> &[Value] {
    array.as_array().map_or(&[], Vec::as_slice)
}
