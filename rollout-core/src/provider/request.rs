//! Options of a request under their OpenTelemetry names.

use serde_json::{Map, Value, json};

use super::json::{list, present, text};

/// Collects the options that a request's body sets.
pub(super) struct Options<'a> {
    body: &'a Value,
    attributes: Map<String, Value>,
}

impl<'a> Options<'a> {
    pub(super) fn of(body: &'a Value) -> Self {
        Self {
            body,
            attributes: Map::new(),
        }
    }

    /// Notes the numbers under these keys.
    pub(super) fn numbers(mut self, names: &[(&str, &str)]) -> Self {
        for (key, attribute) in names {
            if let Some(number) = self.body.get(key).filter(|value| value.is_number()) {
                self.attributes
                    .insert((*attribute).to_owned(), number.clone());
            }
        }
        self
    }

    /// Notes a value, if there is one.
    pub(super) fn note(mut self, attribute: &str, value: Option<impl Into<Value>>) -> Self {
        if let Some(value) = value {
            self.attributes.insert(attribute.to_owned(), value.into());
        }
        self
    }

    /// Notes the number of choices, which is worth telling only where it is not one.
    pub(super) fn choices(self) -> Self {
        let choices = self
            .body
            .get("n")
            .and_then(Value::as_u64)
            .filter(|choices| *choices != 1);
        self.note("gen_ai.request.choice.count", choices)
    }

    /// Notes where the model is to stop: one text or several.
    pub(super) fn stop_sequences(self, key: &str) -> Self {
        let sequences: Vec<_> = match self.body.get(key) {
            Some(Value::String(sequence)) => vec![sequence.as_str()],
            _ => list(self.body, key)
                .iter()
                .filter_map(Value::as_str)
                .collect(),
        };
        let sequences = if sequences.is_empty() {
            None
        } else {
            Some(json!(sequences))
        };
        self.note("gen_ai.request.stop_sequences", sequences)
    }

    /// Notes what kind of output a format asks for.
    pub(super) fn output_type(self, format: Option<&Value>) -> Self {
        let output = match format.and_then(|format| text(format, "type")) {
            Some("json_object" | "json_schema") => Some("json"),
            Some("text") => Some("text"),
            _ => None,
        };
        self.note("gen_ai.output.type", output)
    }

    /// Notes the tools on offer, by type and name only: their schemas are in the input.
    pub(super) fn tools(self) -> Self {
        let offered = list(self.body, "tools").iter().map(definition);
        let legacy = list(self.body, "functions").iter().map(definition);
        let tools: Vec<_> = offered.chain(legacy).collect();
        let tools = if tools.is_empty() { None } else { Some(tools) };
        self.note("gen_ai.tool.definitions", tools)
    }

    /// Notes that the answer is to be streamed.
    pub(super) fn stream(self, stream: bool) -> Self {
        self.note("gen_ai.request.stream", stream.then_some(true))
    }

    /// Returns the attributes.
    pub(super) fn finish(self) -> Map<String, Value> {
        self.attributes
    }
}

/// Returns a tool without what is long in it.
fn definition(tool: &Value) -> Value {
    let kind = text(tool, "type").unwrap_or("function");
    let name = ["name", "server_label"]
        .iter()
        .find_map(|key| text(tool, key));
    let mut nested = ["function", "custom"]
        .iter()
        .filter_map(|key| present(tool, key));
    match name.or_else(|| nested.find_map(|tool| text(tool, "name"))) {
        Some(name) => json!({ "type": kind, "name": name }),
        None => json!({ "type": kind }),
    }
}

/// Returns the temperature that a request asks for.
pub(super) fn temperature(body: &Value) -> Option<f64> {
    body.get("temperature").and_then(Value::as_f64)
}

/// Returns whether a request asks for a stream.
pub(super) fn is_stream(body: &Value) -> bool {
    body.get("stream").and_then(Value::as_bool).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_of_all_shapes_are_named() {
        let body = json!({"tools": [
            {"type": "function", "function": {"name": "a", "parameters": {}}},
            {"type": "custom", "custom": {"name": "b"}},
            {"type": "web_search"},
            {"type": "mcp", "server_label": "c"},
            {"name": "d", "input_schema": {}},
            7,
        ]});
        let attributes = Options::of(&body).tools().finish();
        assert_eq!(
            attributes["gen_ai.tool.definitions"],
            json!([
                {"type": "function", "name": "a"},
                {"type": "custom", "name": "b"},
                {"type": "web_search"},
                {"type": "mcp", "name": "c"},
                {"type": "function", "name": "d"},
                {"type": "function"},
            ])
        );
    }

    #[test]
    fn what_is_not_asked_for_is_not_noted() {
        let body = json!({"n": 1, "stop": [], "top_p": "high", "tools": []});
        let options = Options::of(&body)
            .choices()
            .stop_sequences("stop")
            .tools()
            .stream(false);
        assert!(options.numbers(&[("top_p", "x")]).finish().is_empty());
    }
}
