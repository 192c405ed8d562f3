//! What was seen of an interaction, whichever way it went.

use rollout_core::provider::{RequestFacts, ResponseFacts};
use serde_json::Value;

use super::{Interaction, Operation};

/// What was seen of an interaction.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// The model that was asked for.
    pub model_requested: Option<String>,
    /// The facts of the answer.
    pub facts: ResponseFacts,
    /// The answer itself, as JSON: that of a stream as if it had not been one.
    pub output: Value,
}

impl Observed {
    /// Decodes an interaction as a span does.
    pub fn decoded(interaction: &Interaction) -> Self {
        let format = interaction.operation.wire_format();
        let RequestFacts { model, .. } = format.request(&interaction.request);
        let (output, facts) = format.decode(
            Some(interaction.status),
            interaction.content_type(),
            &interaction.body,
        );
        Self {
            model_requested: model,
            facts,
            output,
        }
    }

    /// Returns the reasoning where the corpus looks for it: it reads two members of a chat message
    /// and the summaries of a response. Facts hold what other servers show of it as well.
    pub(super) fn reasoning(&self, operation: Operation) -> Vec<&str> {
        match operation {
            Operation::Chat => list(&self.output, "choices")
                .filter_map(|choice| {
                    let message = choice.get("message")?;
                    text(message, "reasoning_content").or_else(|| text(message, "reasoning"))
                })
                .collect(),
            Operation::Responses => list(&self.output, "output")
                .filter(|item| text(item, "type") == Some("reasoning"))
                .flat_map(|item| list(item, "summary"))
                .filter_map(|part| text(part, "text"))
                .collect(),
            Operation::Messages => self.facts.reasoning.iter().map(String::as_str).collect(),
        }
    }
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key)?.as_str().filter(|text| !text.is_empty())
}
