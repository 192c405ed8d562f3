//! What lists and sums need of a run.

use std::collections::BTreeSet;

use rollout_core::show::{Preview, RecordedError, Run, Status, Step, StepKind, Usage};
use serde::{Deserialize, Serialize};

/// A run in a line. What is not known is left out, and so is never zero.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Row {
    pub(crate) id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) external_id: Option<String>,
    pub(crate) name: String,
    pub(crate) status: String,
    /// In microseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) started: Option<i64>,
    /// In microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) duration: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) session: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) conversation: Option<String>,
    /// The beginning of why it failed, else of what it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) about: Option<String>,
    pub(crate) models: BTreeSet<String>,
    pub(crate) tokens: Tokens,
    pub(crate) model_calls: u64,
    pub(crate) tool_calls: u64,
    pub(crate) errors: u64,
    /// What was consumed, each once.
    pub(crate) calls: Vec<Call>,
}

/// A call to a model, or a step that says what calls inside it consumed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "not every one is a call")]
pub(crate) struct Call {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) provider: Option<String>,
    /// The model asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) model: Option<String>,
    /// The model that answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) answered: Option<String>,
    pub(crate) status: String,
    /// The run that it was made in: a run inside another one, where there is one.
    pub(crate) agent: String,
    /// Whether it is a call, and not a step around some.
    pub(crate) is_call: bool,
    /// In microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) duration: Option<u64>,
    /// Until the first content came, in microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) first_token: Option<u64>,
    pub(crate) tokens: Tokens,
    /// What the provider or a gateway said that it cost, in US dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cost: Option<f64>,
}

/// How many tokens, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Tokens {
    /// All that were read, those from and to the cache included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) input: Option<u64>,
    /// All that were written, reasoning included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) output: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cached: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cache_write: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reasoning: Option<u64>,
}

impl Row {
    pub(crate) fn of(run: &Run) -> Self {
        let totals = run.totals();
        let mut row = Self {
            id: run.trace_id.clone(),
            external_id: run.external_trace_id.clone(),
            name: run.name.clone(),
            status: name_of(&run.status),
            started: run
                .started
                .and_then(|at| i64::try_from(at.unix_nanos() / 1000).ok()),
            duration: run.duration.map(micros),
            user: run.user_id.clone(),
            session: run.session_id.clone(),
            conversation: run.conversation_id.clone(),
            about: about(run),
            tokens: Tokens::of(&totals.usage),
            model_calls: totals.model_calls,
            tool_calls: totals.tool_calls,
            errors: totals.errors,
            ..Self::default()
        };
        for step in &run.steps {
            row.add(step, &run.name);
        }
        row
    }

    /// Adds what a step and those inside it consumed; returns whether anything there says so. A step
    /// around model calls may repeat what they consumed, added up.
    fn add(&mut self, step: &Step, agent: &str) -> bool {
        let agent = match step.kind {
            StepKind::Run => &step.name,
            _ => agent,
        };
        let is_call = step.kind == StepKind::Model;
        if is_call {
            let model = step.model.as_ref().or(step.response_model.as_ref());
            self.models.extend(model.cloned());
        }
        let mut counted = false;
        for inner in &step.steps {
            counted |= self.add(inner, agent);
        }
        let says = !counted && step.usage != Usage::default();
        if is_call || says {
            let mut call = Call::of(step, agent);
            if !says {
                // What was counted inside of it is not to be paid twice, nor unknown.
                (call.tokens, call.cost) = (Tokens::default(), counted.then_some(0.0));
            }
            self.calls.push(call);
        }
        counted || says
    }
}

impl Call {
    pub(crate) fn of(step: &Step, agent: &str) -> Self {
        Self {
            provider: step.provider.clone(),
            model: step.model.clone(),
            answered: step.response_model.clone(),
            status: name_of(&step.status),
            agent: agent.to_owned(),
            is_call: step.kind == StepKind::Model,
            duration: step.duration.map(micros),
            first_token: step.first_token.map(micros),
            tokens: Tokens::of(&step.usage),
            cost: step.usage.cost_usd,
        }
    }
}

impl Tokens {
    pub(crate) fn of(usage: &Usage) -> Self {
        Self {
            input: usage.input_tokens,
            output: usage.output_tokens,
            cached: usage.cached_tokens,
            cache_write: usage.cache_write_tokens,
            reasoning: usage.reasoning_tokens,
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (sum, part) in [
            (&mut self.input, other.input),
            (&mut self.output, other.output),
            (&mut self.cached, other.cached),
            (&mut self.cache_write, other.cache_write),
            (&mut self.reasoning, other.reasoning),
        ] {
            if let Some(part) = part {
                *sum = Some(sum.unwrap_or(0).saturating_add(part));
            }
        }
    }
}

/// So much of that is kept, in characters: of as many runs as there are.
const ABOUT: usize = 160;

fn about(run: &Run) -> Option<String> {
    let about = run.error.as_ref().map(failure).or_else(|| asked(run))?;
    Some(about.chars().take(ABOUT).collect())
}

/// Returns what a run was given, or its first call where nothing tells what the run itself was.
pub(crate) fn asked(run: &Run) -> Option<String> {
    fn first(steps: &[Step]) -> Option<&Preview> {
        let mut inputs = steps
            .iter()
            .map(|step| step.input.as_ref().or_else(|| first(&step.steps)));
        inputs.find_map(|input| input)
    }
    let input = run.input.as_ref().or_else(|| first(&run.steps));
    input.map(|input| input.text.clone())
}

/// Returns an error in a line, with its type.
pub(crate) fn failure(error: &RecordedError) -> String {
    match error.kind.as_deref() {
        None | Some("") => error.message.clone(),
        Some(kind) => format!("{kind}: {}", error.message),
    }
}

/// Returns a status in a word.
pub(crate) fn name_of(status: &Status) -> String {
    match status {
        Status::Unfinished => "unfinished".to_owned(),
        status => status.to_string(),
    }
}

fn micros(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
