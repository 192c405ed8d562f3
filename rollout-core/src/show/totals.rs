//! What a run amounts to.

use std::time::Duration;

use super::model::{Run, Status, Step, StepKind, Usage};

/// The sums over a run and the runs inside it.
///
/// ```no_run
/// # use rollout_core as rollout;
/// if let Some(run) = rollout::show::latest(".rollout")? {
///     let totals = run.totals();
///     println!("{} calls, {:?} tokens", totals.model_calls, totals.usage.total_tokens);
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Totals {
    /// How many times a model was called.
    pub model_calls: u64,
    /// How long the models took, added up: calls at the same time count each.
    pub model_time: Duration,
    /// How many times a tool was called.
    pub tool_calls: u64,
    /// How long the tools took, added up.
    pub tool_time: Duration,
    /// What was consumed.
    pub usage: Usage,
    /// How many things went wrong. An error that passes through several steps counts once.
    pub errors: u64,
}

impl Run {
    /// Returns the sums over the run.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for step in &self.steps {
            totals.count(step);
        }
        totals.errors = errors(&self.steps, &self.status);
        totals
    }
}

impl Totals {
    /// Counts a step and what is inside it; returns whether anything there says what was consumed.
    fn count(&mut self, step: &Step) -> bool {
        let duration = step.duration.unwrap_or_default();
        match step.kind {
            StepKind::Model => {
                self.model_calls += 1;
                self.model_time = self.model_time.saturating_add(duration);
            }
            StepKind::Tool => {
                self.tool_calls += 1;
                self.tool_time = self.tool_time.saturating_add(duration);
            }
            StepKind::Span | StepKind::Run | StepKind::Event => {}
        }
        let mut counted = false;
        for inner in &step.steps {
            counted |= self.count(inner);
        }
        // A step around model calls may repeat what they consumed, added up.
        if !counted && step.usage != Usage::default() {
            self.usage.add(&step.usage);
            counted = true;
        }
        counted
    }
}

fn errors(steps: &[Step], status: &Status) -> u64 {
    let inside: u64 = steps
        .iter()
        .map(|step| errors(&step.steps, &step.status))
        .sum();
    if inside == 0 {
        u64::from(*status == Status::Failed)
    } else {
        inside
    }
}

impl Usage {
    /// Adds what is known of another consumption.
    pub(super) fn add(&mut self, other: &Self) {
        for (sum, part) in [
            (&mut self.input_tokens, other.input_tokens),
            (&mut self.output_tokens, other.output_tokens),
            (&mut self.cached_tokens, other.cached_tokens),
            (&mut self.cache_write_tokens, other.cache_write_tokens),
            (&mut self.reasoning_tokens, other.reasoning_tokens),
            (&mut self.total_tokens, other.total_tokens),
        ] {
            if let Some(part) = part {
                *sum = Some(sum.unwrap_or(0).saturating_add(part));
            }
        }
        if let Some(cost) = other.cost_usd {
            *self.cost_usd.get_or_insert(0.0) += cost;
        }
    }
}
