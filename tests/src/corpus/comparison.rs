//! One fact after the other, in the shape that the corpus has it in.

use rollout_core::provider::{CallError, ToolCall, Usage};
use serde_json::{Value, json};

use super::expectation::Field;
use super::observed::Observed;
use super::shape::as_accumulated;
use super::{Interaction, Operation};

pub(super) struct Fields<'a> {
    expected: &'a Value,
    fields: Vec<Field>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(expected: &'a Value) -> Self {
        Self {
            expected,
            fields: Vec::new(),
        }
    }

    pub(super) fn finish(self) -> Vec<Field> {
        self.fields
    }

    pub(super) fn expected(&self, name: &str) -> Value {
        self.expected.get(name).cloned().unwrap_or_default()
    }

    pub(super) fn add(&mut self, name: &'static str, expected: Value, got: Value) {
        self.fields.push(Field {
            name,
            expected,
            got,
        });
    }

    pub(super) fn same(&mut self, name: &'static str, got: Value) {
        self.add(name, self.expected(name), got);
    }

    /// Compares a list that the corpus leaves out where it is empty.
    pub(super) fn list(&mut self, name: &'static str, got: Value) {
        let expected = Some(self.expected(name)).filter(|expected| !expected.is_null());
        self.add(name, expected.unwrap_or_else(|| json!([])), got);
    }

    /// Compares the texts; none and an empty one are alike.
    pub(super) fn texts(&mut self, interaction: &Interaction, texts: &[Option<String>]) {
        let full: Vec<_> = texts
            .iter()
            .map(|text| text.clone().unwrap_or_default())
            .collect();
        let output = match interaction.operation {
            Operation::Chat => full.first().cloned().unwrap_or_default(),
            Operation::Responses | Operation::Messages => full.concat(),
        };
        self.add(
            "output_text",
            text_or_empty(&self.expected("output_text")),
            output.into(),
        );
        if interaction.operation != Operation::Responses {
            let expected = self.expected("output_texts");
            let expected = expected
                .as_array()
                .into_iter()
                .flatten()
                .map(text_or_empty)
                .collect();
            let got = if full.len() > 1 {
                json!(full)
            } else {
                json!([])
            };
            self.add("output_texts", expected, got);
        }
    }

    /// Compares the reasoning; facts may know of more than the corpus does, not of less.
    pub(super) fn reasoning(&mut self, operation: Operation, observed: &Observed) {
        let seen = observed.reasoning(operation);
        if operation == Operation::Responses {
            return self.list("reasoning_summary", json!(seen));
        }
        let expected = text_or_empty(&self.expected("reasoning_text"));
        let got = if expected == "" {
            seen.concat()
        } else {
            observed.facts.reasoning.concat()
        };
        self.add("reasoning_text", expected, got.into());
    }

    pub(super) fn tool_calls(&mut self, calls: &[ToolCall], shape: fn(&ToolCall, &Value) -> Value) {
        let expected = self.expected("tool_calls");
        let expected = expected.as_array().cloned().unwrap_or_default();
        let model = |place| expected.get(place).unwrap_or(&Value::Null);
        let got = calls
            .iter()
            .enumerate()
            .map(|(place, call)| shape(call, model(place)))
            .collect();
        self.add("tool_calls", Value::Array(expected.clone()), got);
    }

    /// Compares the calls of server tools, apart from the text of their arguments.
    pub(super) fn server_tool_calls(&mut self, got: Value) {
        let mut expected = self.expected("server_tool_calls");
        for call in expected.as_array_mut().into_iter().flatten() {
            call.as_object_mut()
                .and_then(|call| call.remove("arguments_text"));
        }
        self.add(
            "server_tool_calls",
            if expected.is_null() {
                json!([])
            } else {
                expected
            },
            got,
        );
    }

    pub(super) fn usage(&mut self, interaction: &Interaction, usage: Option<&Usage>) {
        let expected = self.expected("usage");
        let Some(usage) = usage.filter(|_| !expected.is_null()) else {
            let got = usage.map_or(Value::Null, |usage| usage.raw.clone());
            return self.add("usage", expected, got);
        };
        for (name, count) in [
            ("usage.input_tokens", usage.input_tokens),
            ("usage.output_tokens", usage.output_tokens),
            ("usage.total_tokens", usage.total_tokens),
            ("usage.cached_tokens", usage.cached_tokens),
            ("usage.cache_write_tokens", usage.cache_write_tokens),
            ("usage.reasoning_tokens", usage.reasoning_tokens),
        ] {
            self.add(name, member(&expected, name), json!(count));
        }
        let (mut expected, mut got) = (member(&expected, "usage.raw"), usage.raw.clone());
        if interaction.operation == Operation::Messages && interaction.streaming {
            as_accumulated(&mut expected, &mut got);
        }
        self.add("usage.raw", expected, got);
    }

    pub(super) fn error(&mut self, error: Option<&CallError>) {
        let expected = self.expected("error");
        let Some(error) = error.filter(|_| !expected.is_null()) else {
            let got = error.map_or(Value::Null, |error| json!(format!("{error:?}")));
            return self.add("error", expected, got);
        };
        let code = match member(&expected, "error.code") {
            Value::Number(code) => code.to_string().into(),
            code => code,
        };
        let mid_stream = member(&expected, "error.mid_stream") == true;
        self.add(
            "error.status",
            member(&expected, "error.status"),
            json!(error.status),
        );
        self.add(
            "error.type",
            member(&expected, "error.type"),
            json!(error.kind),
        );
        self.add("error.code", code, json!(error.code));
        self.add(
            "error.message",
            member(&expected, "error.message"),
            json!(error.message),
        );
        self.add(
            "error.mid_stream",
            mid_stream.into(),
            error.mid_stream.into(),
        );
    }
}

/// Returns the member that the last part of a name names.
fn member(object: &Value, name: &str) -> Value {
    let key = name.rsplit('.').next().unwrap_or(name);
    object.get(key).cloned().unwrap_or_default()
}

fn text_or_empty(value: &Value) -> Value {
    if value.is_null() {
        "".into()
    } else {
        value.clone()
    }
}
