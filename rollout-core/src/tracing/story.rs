//! What fields say, in our terms.
//!
//! The names are those of the GenAI conventions, from the earliest to the newest, as libraries follow
//! them at their own pace.

use std::borrow::Cow;

use bytes::Bytes;
use serde_json::Value;

use super::fields::Fields;
use super::operation::Operation;
use crate::capture::Payload;
use crate::failure::Failure;
use crate::provider::Usage;
use crate::record::{Outcome, Update};
use crate::span::{Span, SpanBuilder, ToldCall};
use crate::trace::Trace;

const PROVIDER: &[&str] = &["gen_ai.provider.name", "gen_ai.system"];
const MODEL: &[&str] = &["gen_ai.request.model"];
const INPUT: &[&str] = &[INPUT_MESSAGES, "gen_ai.prompt"];
const OUTPUT: &[&str] = &[OUTPUT_MESSAGES, "gen_ai.completion"];
pub(super) const INPUT_MESSAGES: &str = "gen_ai.input.messages";
pub(super) const OUTPUT_MESSAGES: &str = "gen_ai.output.messages";
const SYSTEM: &[&str] = &["gen_ai.system_instructions"];
const TOOLS: &[&str] = &["gen_ai.tool.definitions"];
const ARGUMENTS: &[&str] = &["gen_ai.tool.call.arguments"];
const RESULT: &[&str] = &["gen_ai.tool.call.result"];
const ERROR_TYPE: &[&str] = &["error.type", "gen_ai.tool.error.type", "exception.type"];
const ERROR_MESSAGE: &[&str] = &[
    "otel.status_description",
    "otel.status_message",
    "error.message",
    "exception.message",
];
/// What is told of spans themselves, which ours tell in their own way.
const ABOUT_THE_SPAN: &[&str] = &["otel.name", "otel.kind", "otel.status_code"];

/// Lists that libraries write as text, as fields of `tracing` can't be lists.
const LISTS: &[&str] = &[
    "gen_ai.response.finish_reasons",
    "gen_ai.request.stop_sequences",
    "gen_ai.request.encoding_formats",
];

pub(super) fn kind(operation: &Operation) -> Cow<'static, str> {
    match operation {
        Operation::Inference => "llm".into(),
        Operation::Tool => "tool".into(),
        Operation::Agent => "agent".into(),
        Operation::Step(kind) => kind.clone(),
    }
}

pub(super) fn name(operation: &Operation, fields: &Fields) -> Cow<'static, str> {
    let said = match operation {
        Operation::Agent => return agent_name(fields),
        Operation::Inference => "gen_ai.request.model",
        Operation::Step(_) | Operation::Tool => "gen_ai.workflow.name",
    };
    match text(fields, said) {
        Some(model) if *operation == Operation::Inference => format!("chat {model}").into(),
        Some(name) => name.to_owned().into(),
        None => kind(operation),
    }
}

pub(super) fn agent_name(fields: &Fields) -> Cow<'static, str> {
    match text(fields, "gen_ai.agent.name") {
        Some(name) => name.to_owned().into(),
        None => "agent".into(),
    }
}

pub(super) fn tool_name(fields: &mut Fields) -> Cow<'static, str> {
    let name = fields.take_text(&["gen_ai.tool.name"]);
    name.map_or("tool".into(), Cow::Owned)
}

/// Says what is known of a call before it is answered.
pub(super) fn with_request(
    mut span: SpanBuilder,
    operation: &Operation,
    fields: &Fields,
) -> SpanBuilder {
    for (name, value) in fields.iter() {
        if name.starts_with("gen_ai.request.") || name == "gen_ai.agent.name" {
            span = span.attribute(name, attribute(name, value.clone()));
        }
    }
    if *operation != Operation::Inference {
        return span;
    }
    let told = |names: &[&str]| {
        names
            .iter()
            .find_map(|name| text(fields, name))
            .map(str::to_owned)
    };
    let mut call = ToldCall::default();
    call.model.provider = told(PROVIDER);
    call.model.model = told(MODEL);
    let temperature = fields.get("gen_ai.request.temperature");
    call.model.temperature = temperature.and_then(Value::as_f64);
    span.told_call(call)
}

/// Takes what the step starts from.
pub(super) fn input(operation: &Operation, fields: &mut Fields, capture: bool) -> Payload {
    let parts: [(&'static str, &[&str]); 3] = match operation {
        Operation::Tool => return whole(fields.take(ARGUMENTS), capture),
        Operation::Inference => [("messages", INPUT), ("system", SYSTEM), ("tools", TOOLS)],
        Operation::Agent | Operation::Step(_) => {
            [("prompt", INPUT), ("system", SYSTEM), ("tools", TOOLS)]
        }
    };
    let mut members = Vec::new();
    for (key, names) in parts {
        let value = whole(fields.take(names), capture);
        if !value.is_none() {
            members.push((key, value));
        }
    }
    if members.is_empty() {
        return Payload::none();
    }
    Payload::object(members)
}

/// Records what the step starts from, where that was told after it had begun.
pub(super) fn tell_input(span: &Span, operation: &Operation, fields: &mut Fields) {
    let told = match operation {
        Operation::Tool => ARGUMENTS,
        _ => INPUT,
    };
    if !told.iter().any(|name| fields.get(name).is_some()) {
        return;
    }
    let Some(state) = span.state() else { return };
    let input = input(operation, fields, state.core().config.capture_input);
    if !input.is_none() {
        state.update(Update::Input(input));
    }
}

pub(super) fn end_span(
    mut span: Span,
    operation: &Operation,
    mut fields: Fields,
    failure: Option<Failure>,
) {
    tell_input(&span, operation, &mut fields);
    let Some(state) = span.state() else { return };
    let capture = state.core().config.capture_output;
    let output = match operation {
        Operation::Tool => whole(fields.take(RESULT), capture),
        _ => whole(fields.take(OUTPUT), capture),
    };
    let outcome = outcome(&mut fields, failure);
    let usage = usage(&mut fields);
    if operation.asks_a_model() {
        let provider = fields.take_text(PROVIDER);
        let model = fields.take_text(MODEL).or_else(|| {
            // Better than none.
            text(&fields, "gen_ai.response.model").map(str::to_owned)
        });
        span.know_model(provider, model);
        span.set_usage(usage);
    }
    // The usage of an agent is that of its calls, which would be counted twice.
    for (name, value) in fields.rest() {
        if !ABOUT_THE_SPAN.contains(&name) {
            span.set_attribute(name, attribute(name, value));
        }
    }
    span.set(outcome, output);
    span.finish();
}

pub(super) fn end_trace(mut trace: Trace, mut fields: Fields, failure: Option<Failure>) {
    let Some(state) = trace.state() else { return };
    let output = whole(fields.take(OUTPUT), state.core.config.capture_output);
    let outcome = outcome(&mut fields, failure);
    let _ = usage(&mut fields);
    trace.set(outcome, output);
    trace.end();
}

fn outcome(fields: &mut Fields, failure: Option<Failure>) -> Outcome {
    let kind = fields.take_text(ERROR_TYPE);
    let message = fields.take_text(ERROR_MESSAGE);
    let is_error = text(fields, "otel.status_code")
        .is_some_and(|code| code.eq_ignore_ascii_case("error"))
        || text(fields, "gen_ai.tool.call.outcome").is_some_and(|outcome| outcome == "error");
    if kind.is_none() && !is_error && failure.is_none() {
        return Outcome::Ok;
    }
    let mut failure = failure.unwrap_or_default();
    if let Some(kind) = kind {
        failure.kind = kind;
    }
    if let Some(message) = message {
        failure.message = crate::pipeline::redact::text(&message).into_owned();
    }
    if failure.kind.is_empty() {
        failure.kind = "error".into();
    }
    Outcome::Failed(Box::new(failure))
}

fn usage(fields: &mut Fields) -> Usage {
    let mut count = |names: &[&str]| fields.take_count(names);
    Usage {
        input_tokens: count(&["gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"]),
        output_tokens: count(&[
            "gen_ai.usage.output_tokens",
            "gen_ai.usage.completion_tokens",
        ]),
        total_tokens: count(&["gen_ai.usage.total_tokens"]),
        cached_tokens: count(&["gen_ai.usage.cache_read.input_tokens"]),
        cache_write_tokens: count(&[
            "gen_ai.usage.cache_write.input_tokens",
            "gen_ai.usage.cache_creation.input_tokens",
        ]),
        reasoning_tokens: count(&[
            "gen_ai.usage.reasoning.output_tokens",
            "gen_ai.usage.reasoning_tokens",
        ]),
        ..Usage::default()
    }
}

/// Returns a value to be recorded as it is: the JSON that a text holds, else the text.
fn whole(value: Option<Value>, capture: bool) -> Payload {
    match value {
        Some(_) if !capture => Payload::none(),
        Some(Value::String(text)) => Payload::bytes(Bytes::from(text)),
        Some(Value::Null) | None => Payload::none(),
        Some(value) => Payload::value(value),
    }
}

/// Returns the value of an attribute, lists as lists.
fn attribute(name: &str, value: Value) -> Value {
    if !LISTS.contains(&name) {
        return value;
    }
    let Value::String(text) = &value else {
        return value;
    };
    match serde_json::from_str(text) {
        Ok(Value::Array(list)) => Value::Array(list),
        _ => Value::Array(vec![value]),
    }
}

fn text<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty())
}
