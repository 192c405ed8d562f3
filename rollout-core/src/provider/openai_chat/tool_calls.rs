//! Tool calls of a chat message: whole, and from the deltas of a stream.

use serde_json::{Map, Value};

use crate::provider::budget::Budget;
use crate::provider::json::{as_text, present, string, text, unwrapped};
use crate::provider::{ToolCall, ToolCallKind};

/// Returns a tool call of a message.
pub(super) fn tool_call(call: &Value) -> ToolCall {
    // Snowflake sends an empty `custom` along with each function.
    let (kind, tool, arguments) = match (present(call, "function"), present(call, "custom")) {
        (None, Some(custom)) => (ToolCallKind::Custom, custom, "input"),
        (function, _) => (
            ToolCallKind::Function,
            function.unwrap_or(call),
            "arguments",
        ),
    };
    named(
        tool,
        arguments,
        ToolCall {
            id: string(call, "id"),
            kind,
            ..ToolCall::default()
        },
    )
}

/// Returns the call of the first chat models, which have one a message.
pub(super) fn legacy_call(call: &Value) -> ToolCall {
    let kind = ToolCallKind::LegacyFunction;
    named(
        call,
        "arguments",
        ToolCall {
            kind,
            ..ToolCall::default()
        },
    )
}

fn named(tool: &Value, arguments: &str, call: ToolCall) -> ToolCall {
    let arguments = tool.get(arguments).unwrap_or(&Value::Null);
    ToolCall {
        name: string(tool, "name").unwrap_or_default(),
        arguments: as_text(arguments),
        input: if call.kind == ToolCallKind::Custom {
            None
        } else {
            unwrapped(arguments)
        },
        ..call
    }
}

/// The tool calls of one choice of a stream, in the order in which they began.
#[derive(Debug, Default)]
pub(super) struct ToolCalls {
    calls: Vec<(Option<u64>, Map<String, Value>)>,
}

impl ToolCalls {
    /// Takes a delta.
    pub(super) fn add(&mut self, delta: &Value, budget: &mut Budget) {
        let Value::Object(delta) = delta else { return };
        let Some(call) = self.find(delta, budget) else {
            return;
        };
        for (key, value) in delta {
            match key.as_str() {
                "index" => {}
                "id" => {
                    // Some repeat it with each delta, or send an empty one.
                    if is_blank(call.get("id")) {
                        budget.put(call, key, value);
                    }
                }
                "function" => add_tool(call, key, "arguments", value, budget),
                "custom" => add_tool(call, key, "input", value, budget),
                _ => budget.merge(call, key, value),
            }
        }
    }

    /// Returns the calls as a message has them.
    pub(super) fn finish(self) -> Vec<Value> {
        self.calls
            .into_iter()
            .map(|(_, call)| Value::Object(call))
            .collect()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.calls.is_empty()
    }

    /// Returns the call that a delta goes on with, or a new one.
    fn find(
        &mut self,
        delta: &Map<String, Value>,
        budget: &mut Budget,
    ) -> Option<&mut Map<String, Value>> {
        let index = delta.get("index").and_then(Value::as_u64);
        let id = delta
            .get("id")
            .and_then(Value::as_str)
            .filter(|id| !id.is_empty());
        let function = ["function", "custom"]
            .iter()
            .find_map(|key| delta.get(*key));
        let name = function
            .and_then(|f| text(f, "name"))
            .filter(|name| !name.is_empty());
        let place = match (index, id) {
            (Some(index), _) => {
                let at = |(found, _): &(Option<u64>, _)| *found == Some(index);
                let place = self.calls.iter().rposition(at);
                // There are servers that count each call as the first.
                place.filter(|place| !self.is_another(*place, id, name))
            }
            (None, Some(id)) => {
                let same = |(_, call): &(_, Map<String, Value>)| {
                    call.get("id").and_then(Value::as_str) == Some(id)
                };
                let unnamed = || {
                    if name.is_none() {
                        self.last_without_id()
                    } else {
                        None
                    }
                };
                self.calls.iter().rposition(same).or_else(unnamed)
            }
            // Without index and id, a name begins a call and anything else goes on with the last.
            (None, None) if name.is_some() => self.last_without_name(),
            (None, None) => self.calls.len().checked_sub(1),
        };
        if let Some(place) = place {
            return self.calls.get_mut(place).map(|(_, call)| call);
        }
        // The cost of a call is charged here, so that their number is bounded.
        if !budget.take(256) {
            return None;
        }
        self.calls.push((index, Map::new()));
        self.calls.last_mut().map(|(_, call)| call)
    }

    /// Returns whether a delta names another call than the one at this place.
    fn is_another(&self, place: usize, id: Option<&str>, name: Option<&str>) -> bool {
        let known = self
            .calls
            .get(place)
            .and_then(|(_, call)| call.get("id")?.as_str());
        match (known, id) {
            (Some(known), Some(id)) => !known.is_empty() && known != id && name.is_some(),
            _ => false,
        }
    }

    fn last_without_id(&self) -> Option<usize> {
        let last = self.calls.len().checked_sub(1)?;
        let (_, call) = self.calls.get(last)?;
        is_blank(call.get("id")).then_some(last)
    }

    fn last_without_name(&self) -> Option<usize> {
        let last = self.calls.len().checked_sub(1)?;
        let (_, call) = self.calls.get(last)?;
        let tool = ["function", "custom"].iter().find_map(|key| call.get(*key));
        is_blank(tool.and_then(|tool| tool.get("name"))).then_some(last)
    }
}

fn is_blank(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(value) => value.as_str().is_some_and(str::is_empty),
    }
}

/// Adds to the function of a call: its name, and the text of its arguments.
fn add_tool(
    call: &mut Map<String, Value>,
    key: &str,
    arguments: &str,
    delta: &Value,
    budget: &mut Budget,
) {
    let Value::Object(delta) = delta else { return };
    let tool = call.entry(key).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(tool) = tool {
        add_function(tool, arguments, delta, budget);
    }
}

/// Adds to a function: its name, and the text of its arguments.
pub(super) fn add_function(
    tool: &mut Map<String, Value>,
    arguments: &str,
    delta: &Map<String, Value>,
    budget: &mut Budget,
) {
    for (key, value) in delta {
        match value {
            Value::String(more) if key == arguments => budget.append_to(tool, key, more),
            Value::String(name) if key == "name" => {
                // Names come in one piece; some servers repeat them with each delta.
                if tool.get(key) != Some(value) && !(name.is_empty() && tool.contains_key(key)) {
                    budget.append_to(tool, key, name);
                }
            }
            value => budget.merge(tool, key, value),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Returns id, name and arguments of the calls that deltas amount to.
    fn calls(deltas: &[Value]) -> Vec<(String, String, String)> {
        let mut calls = ToolCalls::default();
        for delta in deltas {
            calls.add(delta, &mut Budget::default());
        }
        let calls = calls.finish();
        let calls = calls.iter().map(tool_call);
        calls
            .map(|call| (call.id.unwrap_or_default(), call.name, call.arguments))
            .collect()
    }

    fn call(id: &str, name: &str, arguments: &str) -> (String, String, String) {
        (id.to_owned(), name.to_owned(), arguments.to_owned())
    }

    #[test]
    fn interleaved_calls_are_kept_apart_by_index() {
        let calls = calls(&[
            json!({"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": ""}}),
            json!({"index": 1, "id": "b", "type": "function", "function": {"name": "g", "arguments": ""}}),
            json!({"index": 0, "function": {"arguments": "{\"x\""}}),
            json!({"index": 1, "id": null, "function": {"name": null, "arguments": "{}"}}),
            json!({"index": 0, "id": "", "function": {"name": "", "arguments": ":1}"}}),
        ]);
        assert_eq!(calls, [call("a", "f", "{\"x\":1}"), call("b", "g", "{}")]);
    }

    #[test]
    fn ids_and_names_that_are_repeated_are_not_joined() {
        let delta = |arguments| json!({"index": 0, "id": "a", "function": {"name": "f", "arguments": arguments}});
        assert_eq!(
            calls(&[delta("{"), delta("}"), delta("")]),
            [call("a", "f", "{}")]
        );
    }

    #[test]
    fn without_index_the_id_tells_calls_apart() {
        let calls = calls(&[
            json!({"id": "a", "function": {"name": "f", "arguments": "{"}}),
            json!({"function": {"arguments": "}"}}),
            json!({"id": "b", "function": {"name": "f", "arguments": "{}"}}),
            json!({"id": "a", "function": {"arguments": " "}}),
        ]);
        assert_eq!(calls, [call("a", "f", "{} "), call("b", "f", "{}")]);
    }

    #[test]
    fn without_index_and_id_a_name_begins_a_call() {
        let calls = calls(&[
            json!({"function": {"name": "f", "arguments": {"x": 1}}}),
            json!({"function": {"name": "g", "arguments": "{"}}),
            json!({"function": {"arguments": "}"}}),
        ]);
        assert_eq!(calls, [call("", "f", "{\"x\":1}"), call("", "g", "{}")]);
    }

    #[test]
    fn another_id_and_name_at_the_same_index_are_another_call() {
        let calls = calls(&[
            json!({"index": 0, "id": "a", "function": {"name": "f", "arguments": "{}"}}),
            json!({"index": 0, "id": "b", "function": {"name": "f", "arguments": "{"}}),
            json!({"index": 0, "function": {"arguments": "}"}}),
        ]);
        assert_eq!(calls, [call("a", "f", "{}"), call("b", "f", "{}")]);
    }

    #[test]
    fn custom_calls_have_text_as_input() {
        let custom = tool_call(&json!({"id": "a", "custom": {"name": "f", "input": "4 + 4"}}));
        assert_eq!(custom.kind, ToolCallKind::Custom);
        assert_eq!((custom.arguments.as_str(), custom.input), ("4 + 4", None));
    }
}
