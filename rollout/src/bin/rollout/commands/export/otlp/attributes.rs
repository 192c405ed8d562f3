//! Attributes as OTLP/JSON has them, by the names of the conventions.

use rollout_core::show::{RecordedError, Status, Step};
use serde_json::{Map, Value, json};

/// Attributes, of which none is empty.
#[derive(Debug, Default)]
pub(super) struct Attributes(pub(super) Vec<Value>);

impl Attributes {
    fn put(&mut self, key: &str, value: &Value) {
        self.0.push(json!({"key": key, "value": value}));
    }

    pub(super) fn text(&mut self, key: &str, text: Option<&str>) {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            self.put(key, &json!({"stringValue": text}));
        }
    }

    fn texts(&mut self, key: &str, texts: &[String]) {
        if !texts.is_empty() {
            let values: Vec<Value> = texts
                .iter()
                .map(|text| json!({"stringValue": text}))
                .collect();
            self.put(key, &json!({"arrayValue": {"values": values}}));
        }
    }

    fn count(&mut self, key: &str, number: Option<u64>) {
        if let Some(number) = number {
            self.put(key, &json!({"intValue": number.to_string()}));
        }
    }

    fn number(&mut self, key: &str, number: Option<f64>) {
        if let Some(number) = number {
            self.put(key, &json!({"doubleValue": number}));
        }
    }

    pub(super) fn call(&mut self, step: &Step) {
        let usage = &step.usage;
        self.text(
            "gen_ai.provider.name",
            step.provider.as_deref().map(provider),
        );
        self.text("gen_ai.request.model", step.model.as_deref());
        self.text("gen_ai.response.model", step.response_model.as_deref());
        self.texts("gen_ai.response.finish_reasons", &step.finish_reasons);
        let first = step.first_token.map(|first| first.as_secs_f64());
        self.number("gen_ai.response.time_to_first_chunk", first);
        // As here, what is cached is a part of the input, and reasoning of the output.
        self.count("gen_ai.usage.input_tokens", usage.input_tokens);
        self.count("gen_ai.usage.output_tokens", usage.output_tokens);
        self.count("gen_ai.usage.cache_read.input_tokens", usage.cached_tokens);
        self.count(
            "gen_ai.usage.cache_write.input_tokens",
            usage.cache_write_tokens,
        );
        self.count(
            "gen_ai.usage.reasoning.output_tokens",
            usage.reasoning_tokens,
        );
        self.number("rollout.cost.usd", usage.cost_usd);
        self.payloads(step, "rollout.input.preview", "rollout.output.preview");
    }

    pub(super) fn tool(&mut self, step: &Step) {
        self.text("gen_ai.tool.name", Some(&step.name));
        self.text("gen_ai.tool.call.id", step.tool_call_id.as_deref());
        self.payloads(step, "rollout.input.preview", "rollout.output.preview");
    }

    fn payloads(&mut self, step: &Step, input: &str, output: &str) {
        self.text(input, step.input.as_ref().map(|said| said.text.as_str()));
        self.text(output, step.output.as_ref().map(|said| said.text.as_str()));
    }

    pub(super) fn failure(&mut self, status: &Status, error: Option<&RecordedError>) {
        if *status == Status::Failed {
            let kind = error.and_then(|error| error.code.as_deref().or(error.kind.as_deref()));
            self.text("error.type", Some(kind.unwrap_or("_OTHER")));
        }
    }

    /// The program's own.
    pub(super) fn own(&mut self, attributes: &Map<String, Value>) {
        for (key, value) in attributes {
            match value {
                Value::String(text) => self.text(key, Some(text)),
                Value::Bool(flag) => self.put(key, &json!({"boolValue": flag})),
                Value::Number(number) => match number.as_i64() {
                    Some(number) => self.put(key, &json!({"intValue": number.to_string()})),
                    None => self.number(key, number.as_f64()),
                },
                Value::Null => {}
                value => self.text(key, Some(&value.to_string())),
            }
        }
    }
}

/// Returns a provider's name in the conventions.
fn provider(name: &str) -> &str {
    match name {
        "azure" => "azure.ai.openai",
        "bedrock" => "aws.bedrock",
        "google" | "gemini" => "gcp.gemini",
        "mistral" => "mistral_ai",
        "xai" => "x_ai",
        name => name,
    }
}
