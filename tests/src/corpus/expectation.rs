//! What an interaction must yield, and what it did yield, side by side.

use serde_json::{Value, json};

use super::comparison::Fields;
use super::observed::Observed;
use super::shape::{anthropic_call, item, openai_call, server_call};
use super::{Interaction, Operation};

/// One fact, as it must be and as it is.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name in the corpus; `usage.raw` and the like for members of members.
    pub name: &'static str,
    /// What the corpus says.
    pub expected: Value,
    /// What was observed.
    pub got: Value,
}

impl Field {
    /// Returns whether it is as it must be.
    pub fn agrees(&self) -> bool {
        self.expected == self.got
    }
}

/// Returns all facts that are compared, as they must be and as they are; none if nothing is expected.
///
/// # Panics
///
/// If the corpus expects something that is not known here, and so would not be compared.
pub fn fields(interaction: &Interaction, observed: &Observed) -> Vec<Field> {
    let Some(expected) = &interaction.expected else {
        return Vec::new();
    };
    let known = |member: &String| MEMBERS.contains(&member.as_str());
    for member in expected.as_object().into_iter().flat_map(|map| map.keys()) {
        assert!(
            known(member),
            "{}: nobody compares `{member}`",
            interaction.id
        );
    }
    let response = &observed.facts;
    let mut fields = Fields::new(expected);
    fields.same("model_requested", json!(observed.model_requested));
    fields.same("model_responded", json!(response.model));
    fields.same("response_id", json!(response.id));
    fields.same("finish_reasons", json!(response.finish_reasons));
    fields.texts(interaction, &response.texts);
    fields.reasoning(interaction.operation, observed);
    fields.usage(interaction, response.usage.as_ref());
    fields.error(response.error.as_ref());
    match interaction.operation {
        Operation::Chat => {
            fields.tool_calls(&response.tool_calls, openai_call);
            fields.list("refusals", json!(response.refusals));
            let embeddings = observed.output.get("data").and_then(Value::as_array);
            fields.same("embedding_count", json!(embeddings.map(Vec::len)));
        }
        Operation::Responses => {
            fields.tool_calls(&response.tool_calls, openai_call);
            fields.list("refusals", json!(response.refusals));
            fields.list(
                "other_output_items",
                response.server_tool_calls.iter().map(item).collect(),
            );
            fields.list("output_item_types", json!(response.item_types));
            fields.same("status", json!(response.status));
            fields.same("incomplete_reason", json!(response.incomplete_reason));
            if interaction.streaming {
                let terminated = fields.expected("terminal_event").is_string();
                fields.add(
                    "terminal_event",
                    terminated.into(),
                    response.complete.into(),
                );
            }
        }
        Operation::Messages => {
            fields.tool_calls(&response.tool_calls, anthropic_call);
            let calls = response.server_tool_calls.iter().map(server_call).collect();
            fields.server_tool_calls(calls);
            fields.list("content_block_types", json!(response.item_types));
            fields.same("stop_sequence", json!(response.stop_sequence));
        }
    }
    fields.finish()
}

/// What the corpus may expect. The last two say where on the wire the usage and the output were,
/// which are compared themselves.
const MEMBERS: [&str; 23] = [
    "model_requested",
    "model_responded",
    "response_id",
    "finish_reasons",
    "output_text",
    "output_texts",
    "reasoning_text",
    "reasoning_summary",
    "usage",
    "error",
    "tool_calls",
    "server_tool_calls",
    "other_output_items",
    "output_item_types",
    "content_block_types",
    "refusals",
    "status",
    "incomplete_reason",
    "stop_sequence",
    "terminal_event",
    "embedding_count",
    "usage_location",
    "terminal_output_empty",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn interaction(operation: Operation, expected: Value) -> Interaction {
        let file = json!({
            "id": "x", "streaming": false, "request": {"body": {"model": "m"}},
            "response": {"status": 200, "body": {}}, "expected": expected,
        });
        Interaction::parse(operation, &file).unwrap()
    }

    fn disagreeing(interaction: &Interaction) -> Vec<&'static str> {
        let fields = fields(interaction, &Observed::decoded(interaction));
        let disagreeing = fields.iter().filter(|field| !field.agrees());
        disagreeing.map(|field| field.name).collect()
    }

    #[test]
    fn what_differs_is_named() {
        let expected = json!({
            "model_requested": "m", "finish_reasons": ["stop"], "output_text": "a",
            "usage": {"raw": {}}, "error": {"status": 500}, "tool_calls": [{}],
        });
        let interaction = interaction(Operation::Chat, expected);
        let names = disagreeing(&interaction);
        assert_eq!(
            names,
            [
                "finish_reasons",
                "output_text",
                "usage",
                "error",
                "tool_calls"
            ]
        );
    }

    #[test]
    fn what_is_left_out_is_empty() {
        let expected = json!({"model_requested": "m", "finish_reasons": []});
        for operation in [Operation::Chat, Operation::Responses, Operation::Messages] {
            let interaction = interaction(operation, expected.clone());
            assert!(disagreeing(&interaction).is_empty());
        }
    }

    #[test]
    #[should_panic(expected = "nobody compares `mood`")]
    fn what_is_not_known_is_not_passed_over() {
        disagreeing(&interaction(Operation::Chat, json!({"mood": "good"})));
    }

    #[test]
    fn of_what_nobody_can_read_nothing_is_expected() {
        let interaction = interaction(Operation::Chat, Value::Null);
        assert!(disagreeing(&interaction).is_empty());
    }
}
