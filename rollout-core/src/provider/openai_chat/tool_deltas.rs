//! Tool calls of a chat message that come in pieces.

use serde_json::{Map, Value};

use crate::provider::budget::Budget;
use crate::provider::json::{as_index, parse, text};

/// What a call costs beside its content, so that their number is bounded.
const CALL: usize = 256;

/// The tool calls of one choice of a stream, in the order in which they began.
#[derive(Debug, Default)]
pub(super) struct ToolCalls {
    calls: Vec<Call>,
}

#[derive(Debug)]
struct Call {
    index: Option<u64>,
    call: Map<String, Value>,
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
                // Some repeat it with each delta, or send an empty one.
                "id" if !id(call).is_empty() => {}
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
            .map(|call| call.call.into())
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
        let index = delta.get("index").and_then(as_index);
        let place = match index {
            Some(index) => self.at(index, delta),
            None => self.without_index(delta),
        };
        if let Some(place) = place {
            return self.calls.get_mut(place).map(|call| &mut call.call);
        }
        if !budget.take(CALL) {
            return None;
        }
        self.calls.push(Call {
            index,
            call: Map::new(),
        });
        self.calls.last_mut().map(|call| &mut call.call)
    }

    fn at(&self, index: u64, delta: &Map<String, Value>) -> Option<usize> {
        let place = self
            .calls
            .iter()
            .rposition(|call| call.index == Some(index))?;
        let call = &self.calls.get(place)?.call;
        let (known, given) = (id(call), id(delta));
        let has_ids = !known.is_empty() && !given.is_empty();
        // There are servers that count each call as the first, with ids or without.
        let is_another = if has_ids {
            known != given && !name(delta).is_empty()
        } else {
            begins_again(call, delta)
        };
        (!is_another).then_some(place)
    }

    /// Without index the id tells calls apart, without id a name begins one; a delta that has neither
    /// goes on with the last.
    fn without_index(&self, delta: &Map<String, Value>) -> Option<usize> {
        let (id_given, name_given) = (id(delta), name(delta));
        let same = |call: &Call| !id_given.is_empty() && id(&call.call) == id_given;
        if let Some(place) = self.calls.iter().rposition(same) {
            return Some(place);
        }
        let last = &self.calls.last()?.call;
        // Some repeat the name with each piece of the arguments.
        let piece = arguments(delta).as_str().unwrap_or_default();
        let is_repeated = id_given.is_empty()
            && name_given == name(last)
            && !piece.is_empty()
            && !begins_again(last, delta);
        let goes_on = (id_given.is_empty() || id(last).is_empty())
            && (name_given.is_empty() || name(last).is_empty() || is_repeated);
        goes_on.then_some(self.calls.len() - 1)
    }
}

/// Returns whether a delta is of a call of its own: it says everything once more, though the call
/// before it is whole.
fn begins_again(call: &Map<String, Value>, delta: &Map<String, Value>) -> bool {
    let named = !name(call).is_empty() && !name(delta).is_empty();
    named && begins(arguments(delta)) && is_whole(arguments(call))
}

/// Returns the arguments of a call or a delta.
fn arguments(call: &Map<String, Value>) -> &Value {
    let function = call.get("function").unwrap_or(&Value::Null);
    function.get("arguments").unwrap_or(&Value::Null)
}

fn begins(arguments: &Value) -> bool {
    let text = arguments.as_str().unwrap_or_default();
    arguments.is_object() || text.trim_start().starts_with('{')
}

fn is_whole(arguments: &Value) -> bool {
    // What a server knows at once is short; of the rest not every delta need be read again.
    const LONGEST: usize = 64 * 1024;
    let whole = |text: &str| {
        let (text, longest) = (text.trim(), text.len() <= LONGEST);
        longest && text.ends_with('}') && parse(text.as_bytes()).is_some_and(|it| it.is_object())
    };
    arguments.is_object() || arguments.as_str().is_some_and(whole)
}

/// Returns the id of a call or a delta; an empty one is none.
fn id(call: &Map<String, Value>) -> &str {
    call.get("id").and_then(Value::as_str).unwrap_or_default()
}

/// Returns the name of the tool of a call or a delta; an empty one is none.
fn name(call: &Map<String, Value>) -> &str {
    let tool = ["function", "custom"].iter().find_map(|key| call.get(*key));
    tool.and_then(|tool| text(tool, "name")).unwrap_or_default()
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
    use super::super::tool_calls::tool_call;
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
    fn a_whole_call_at_the_place_of_a_whole_call_is_another_without_ids_too() {
        let whole = |index: Value, name, arguments: &str| json!({"index": index, "id": "", "function": {"name": name, "arguments": arguments}});
        for index in [json!(0), json!(0.0), Value::Null] {
            let calls = calls(&[
                whole(index.clone(), "f", "{\"x\":1}"),
                whole(index.clone(), "f", "{}"),
                whole(index, "g", "{}"),
            ]);
            let expected = [
                call("", "f", "{\"x\":1}"),
                call("", "f", "{}"),
                call("", "g", "{}"),
            ];
            assert_eq!(calls, expected);
        }
    }

    #[test]
    fn a_name_that_is_repeated_with_each_piece_begins_nothing() {
        let piece = |index: Value, arguments| json!({"index": index, "function": {"name": "f", "arguments": arguments}});
        for index in [json!(0), Value::Null] {
            let pieces = ["{\"x\"", ":{\"y\":", "1}", "}", "\n"];
            let pieces = pieces.map(|text| piece(index.clone(), text));
            assert_eq!(calls(&pieces)[0], call("", "f", "{\"x\":{\"y\":1}}\n"));
        }
    }

    #[test]
    fn whole_arguments_outlive_an_empty_piece() {
        let calls = calls(&[
            json!({"index": 0, "id": "a", "function": {"name": "f", "arguments": {"x": 1}}}),
            json!({"index": 0, "function": {"arguments": ""}}),
        ]);
        assert_eq!(calls, [call("a", "f", "{\"x\":1}")]);
    }
}
