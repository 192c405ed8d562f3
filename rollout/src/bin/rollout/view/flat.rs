//! The steps of a run as a list in the order of the tree, which is how the page draws them.

use rollout_core::show::{Attempt, Run, Step, StepKind};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::prices::Prices;

use super::summary::{Consumed, Summary, is_false, millis, millis_of, status};

/// A step without what is inside it. What is not known is left out.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct FlatStep {
    /// Its id, by which more can be asked of it.
    pub(super) key: String,
    pub(super) depth: usize,
    pub(super) kind: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) label: String,
    pub(super) name: String,
    pub(super) status: String,
    /// When it began, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) started: Option<f64>,
    /// The same in milliseconds since the run began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) at: Option<f64>,
    /// In milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) duration: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) provider: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) model: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) response_model: Option<String>,
    #[serde(flatten)]
    pub(super) consumed: Consumed,
    /// In milliseconds since it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) first_token: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) chunks: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lost_chunks: Option<u64>,
    #[serde(skip_serializing_if = "is_false")]
    pub(super) incomplete: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) finish: Vec<String>,
    /// The tools that a model asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) calls: Vec<Value>,
    /// The request for a tool that this call of a tool answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) call_id: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) attempts: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) attempt_count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) input: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) output: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<Value>,
}

/// Returns the run and its steps, each before what is inside it.
pub(super) fn steps(run: &Run, summary: &Summary, prices: &Prices) -> Vec<FlatStep> {
    let mut all = vec![root(run, summary)];
    for step in &run.steps {
        add(step, 1, prices, &mut all);
    }
    all
}

/// Returns the ids of the traces that a run is made of: its own, and those begun inside it.
pub(super) fn traces(run: &Run) -> Vec<String> {
    fn inside(steps: &[Step], all: &mut Vec<String>) {
        for step in steps {
            if step.kind == StepKind::Run {
                all.extend(step.id.clone());
            }
            inside(&step.steps, all);
        }
    }
    let mut all = vec![run.trace_id.clone()];
    all.extend(run.external_trace_id.clone());
    inside(&run.steps, &mut all);
    all
}

fn root(run: &Run, summary: &Summary) -> FlatStep {
    FlatStep {
        key: run.trace_id.clone(),
        kind: kind(StepKind::Run),
        name: run.name.clone(),
        status: summary.status.clone(),
        started: summary.started,
        at: run.started.map(|_| 0.0),
        duration: summary.duration,
        consumed: summary.consumed,
        input: run.input.as_ref().map(preview),
        output: run.output.as_ref().map(preview),
        error: run.error.as_ref().map(error),
        ..FlatStep::default()
    }
}

fn add(step: &Step, depth: usize, prices: &Prices, all: &mut Vec<FlatStep>) {
    all.push(FlatStep {
        // Only what no id is recorded of has none, and then there is nothing to ask for.
        key: step.id.clone().unwrap_or_else(|| format!("~{}", all.len())),
        depth,
        kind: kind(step.kind),
        label: step.label.clone(),
        name: step.name.clone(),
        status: status(&step.status),
        started: step.started.map(millis_of),
        at: step.offset.map(millis),
        duration: step.duration.map(millis),
        provider: step.provider.clone(),
        model: step.model.clone(),
        response_model: step.response_model.clone(),
        consumed: Consumed::of_step(step, prices),
        first_token: step.first_token.map(millis),
        chunks: step.chunks,
        lost_chunks: step.lost_chunks,
        incomplete: step.incomplete,
        finish: step.finish_reasons.clone(),
        calls: step
            .tool_calls
            .iter()
            .map(|call| {
                object([
                    ("id", json!(call.id)),
                    ("name", json!(call.name)),
                    ("arguments", json!(call.arguments)),
                ])
            })
            .collect(),
        call_id: step.tool_call_id.clone(),
        attempts: step.attempts.iter().map(attempt).collect(),
        attempt_count: step.attempt_count,
        input: step.input.as_ref().map(preview),
        output: step.output.as_ref().map(preview),
        error: step.error.as_ref().map(error),
    });
    for inner in &step.steps {
        add(inner, depth + 1, prices, all);
    }
}

fn kind(kind: StepKind) -> &'static str {
    match kind {
        StepKind::Model => "model",
        StepKind::Tool => "tool",
        StepKind::Run => "run",
        StepKind::Event => "event",
        _ => "span",
    }
}

fn attempt(attempt: &Attempt) -> Value {
    object([
        ("status", json!(attempt.status)),
        ("error", json!(attempt.error)),
        ("duration", json!(attempt.duration.map(millis))),
    ])
}

fn preview(preview: &rollout_core::show::Preview) -> Value {
    object([("role", json!(preview.role)), ("text", json!(preview.text))])
}

fn error(error: &rollout_core::show::RecordedError) -> Value {
    object([
        ("type", json!(error.kind)),
        ("message", json!(error.message)),
        ("status", json!(error.status)),
        ("code", json!(error.code)),
    ])
}

/// Returns an object of what is known.
fn object<const N: usize>(entries: [(&str, Value); N]) -> Value {
    let known = entries.into_iter().filter(|(_, value)| !value.is_null());
    let known = known.map(|(key, value)| (key.to_owned(), value));
    Value::Object(known.collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use rollout_core::show;

    use super::*;

    #[test]
    fn steps_come_in_the_order_of_the_tree_with_their_depth() {
        let event = |kind: &str, span: &str, parent: Option<&str>, at: u32| {
            json!({
                "event_type": kind, "trace_id": "t", "span_id": span, "parent_span_id": parent, "name": span,
                "occurred_at": format!("2026-01-01T00:00:0{at}Z"), "started_at": format!("2026-01-01T00:00:0{at}Z"),
            })
        };
        let events = [
            event("span.start", "a", None, 1),
            event("span.start", "b", Some("a"), 2),
            event("span.start", "c", None, 3),
            json!({"event_type": "message", "event_id": "e1", "trace_id": "t", "span_id": "b",
                "occurred_at": "2026-01-01T00:00:04Z", "message": {"role": "user", "content": "hi"}}),
        ];
        let run = &show::runs(&events)[0];
        let prices = Prices::listed().unwrap();
        let flat = steps(run, &Summary::of(run, &prices), &prices);
        let told: Vec<_> = flat
            .iter()
            .map(|step| (&*step.key, step.depth, step.kind))
            .collect();
        assert_eq!(
            told,
            [
                ("t", 0, "run"),
                ("a", 1, "span"),
                ("b", 2, "span"),
                ("e1", 3, "event"),
                ("c", 1, "span")
            ]
        );
        assert_eq!(flat[2].at, Some(1000.0));
        assert_eq!(traces(run), ["t"]);
    }
}
