//! Runs as JSON: the names of fields that scripts can rely on.

use rollout_core::show::{RecordedError, Run, Step, StepKind};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::prices::{Prices, Sum};
use crate::store::{Row, Tokens, name_of};
use crate::words;

/// A run in a line. What is not known is left out.
#[derive(Debug, Serialize)]
pub(crate) struct RunLine<'a> {
    trace_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_trace_id: Option<&'a str>,
    name: &'a str,
    status: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<f64>,
    models: Vec<&'a str>,
    #[serde(flatten)]
    tokens: TokenFields,
    #[serde(flatten)]
    cost: Sum,
    model_calls: u64,
    tool_calls: u64,
    errors: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_id: Option<&'a str>,
}

/// Tokens by the names of the protocol.
#[expect(clippy::struct_field_names, reason = "the names of the protocol")]
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct TokenFields {
    #[serde(skip_serializing_if = "Option::is_none")]
    input_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    output_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cached_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cache_write_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reasoning_tokens: Option<u64>,
}

impl From<Tokens> for TokenFields {
    fn from(tokens: Tokens) -> Self {
        Self {
            input_tokens: tokens.input,
            output_tokens: tokens.output,
            cached_tokens: tokens.cached,
            cache_write_tokens: tokens.cache_write,
            reasoning_tokens: tokens.reasoning,
        }
    }
}

impl<'a> RunLine<'a> {
    pub(crate) fn of(row: &'a Row, prices: &Prices) -> Self {
        Self {
            trace_id: &row.id,
            external_trace_id: row.external_id.as_deref(),
            name: &row.name,
            status: &row.status,
            started_at: row.started.map(words::rfc3339),
            duration_ms: row.duration.map(millis),
            models: row.models.iter().map(String::as_str).collect(),
            tokens: row.tokens.into(),
            cost: prices.sum(&row.calls),
            model_calls: row.model_calls,
            tool_calls: row.tool_calls,
            errors: row.errors,
            user_id: row.user.as_deref(),
            session_id: row.session.as_deref(),
            conversation_id: row.conversation.as_deref(),
        }
    }
}

/// Returns microseconds in milliseconds.
#[expect(clippy::cast_precision_loss, reason = "no run takes centuries")]
pub(crate) fn millis(micros: u64) -> f64 {
    micros as f64 / 1e3
}

/// Returns a run with its steps.
pub(crate) fn tree(run: &Run, prices: &Prices) -> Value {
    let row = Row::of(run);
    let mut value = serde_json::to_value(RunLine::of(&row, prices)).unwrap_or_default();
    if let Value::Object(map) = &mut value {
        let payload =
            |preview: Option<&rollout_core::show::Preview>| json!(preview.map(|p| &p.text));
        insert(map, "input", payload(run.input.as_ref()));
        insert(map, "output", payload(run.output.as_ref()));
        insert(map, "error", json!(run.error.as_ref().map(error)));
        insert(map, "attributes", json!(run.attributes));
        map.insert("steps".to_owned(), steps(&run.steps));
    }
    value
}

fn steps(steps: &[Step]) -> Value {
    steps.iter().map(step).collect()
}

fn step(step: &Step) -> Value {
    let mut map = Map::new();
    let millis =
        |duration: Option<std::time::Duration>| json!(duration.map(|d| d.as_secs_f64() * 1e3));
    let text = |preview: Option<&rollout_core::show::Preview>| json!(preview.map(|p| &p.text));
    for (key, value) in [
        ("kind", json!(kind(step.kind))),
        ("type", json!(step.label)),
        ("id", json!(step.id)),
        ("name", json!(step.name)),
        ("status", json!(name_of(&step.status))),
        ("started_at", json!(step.started.map(|at| at.to_string()))),
        ("duration_ms", millis(step.duration)),
        ("provider", json!(step.provider)),
        ("model", json!(step.model)),
        ("response_model", json!(step.response_model)),
        ("usage", json!(TokenFields::from(Tokens::of(&step.usage)))),
        ("cost_usd", json!(step.usage.cost_usd)),
        ("first_token_ms", millis(step.first_token)),
        ("finish_reasons", json!(step.finish_reasons)),
        ("tool_call_id", json!(step.tool_call_id)),
        ("input", text(step.input.as_ref())),
        ("output", text(step.output.as_ref())),
        ("truncated", json!(step.truncated)),
        ("error", json!(step.error.as_ref().map(error))),
        ("attributes", json!(step.attributes)),
        ("steps", steps(&step.steps)),
    ] {
        insert(&mut map, key, value);
    }
    Value::Object(map)
}

/// Inserts what says something.
fn insert(map: &mut Map<String, Value>, key: &str, value: Value) {
    let is_empty = match &value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    };
    if !is_empty {
        map.insert(key.to_owned(), value);
    }
}

pub(crate) fn kind(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Model => "model",
        StepKind::Tool => "tool",
        StepKind::Run => "run",
        StepKind::Event => "event",
        _ => "span",
    }
}

fn error(error: &RecordedError) -> Value {
    let mut map = Map::new();
    insert(&mut map, "type", json!(error.kind));
    insert(&mut map, "message", json!(error.message));
    insert(&mut map, "status", json!(error.status));
    insert(&mut map, "code", json!(error.code));
    Value::Object(map)
}
