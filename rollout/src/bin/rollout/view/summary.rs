//! What the page shows of a run in a line.

use std::time::{Duration, SystemTime};

use rollout_core::Timestamp;
use rollout_core::show::{Preview, Run, Status, Step, StepKind, Usage};
use serde::Serialize;

use crate::prices::{Cost, Prices};
use crate::store::{Call, Row, asked, failure};

/// So long after its last sign of life, a run that has not ended counts as running, if its program may
/// run. That is known of most: this is for file systems that have no locks.
const SILENCE: Duration = Duration::from_secs(24 * 3600);

/// A run, summed up. What is not known is left out.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Summary {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) status: String,
    /// Whether it seems to run.
    pub(super) live: bool,
    /// When it began, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) started: Option<f64>,
    /// In milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) duration: Option<f64>,
    /// When the last that is known of it happened, in milliseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last: Option<f64>,
    pub(super) models: Vec<String>,
    #[serde(flatten)]
    pub(super) consumed: Consumed,
    pub(super) calls: u64,
    pub(super) tools: u64,
    pub(super) errors: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) input: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) output: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) external_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) session: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) conversation: Option<String>,
}

/// Tokens and dollars. What is not known is left out, and so is never zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub(super) struct Consumed {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) input_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) output_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cached_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cache_write_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reasoning_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) total_tokens: Option<u64>,
    /// In US dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) cost: Option<f64>,
    /// Whether a part of it is not known, or all.
    #[serde(skip_serializing_if = "is_false")]
    pub(super) cost_partial: bool,
    /// Whether it was worked out from a table of prices.
    #[serde(skip_serializing_if = "is_false")]
    pub(super) cost_estimated: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
pub(super) fn is_false(value: &bool) -> bool {
    !value
}

impl Summary {
    pub(super) fn of(run: &Run, prices: &Prices) -> Self {
        let totals = run.totals();
        // As the other commands have it.
        let Row { models, calls, .. } = Row::of(run);
        let cost = prices.sum(&calls);
        let consumed = Consumed {
            cost: cost.usd,
            cost_partial: cost.unknown > 0,
            cost_estimated: cost.estimated,
            ..Consumed::of(&totals.usage)
        };
        let last = run
            .started
            .map(|at| millis_of(at) + millis(run.duration.unwrap_or_default()));
        Self {
            id: run.trace_id.clone(),
            name: run.name.clone(),
            status: status(&run.status),
            live: run.status == Status::Unfinished && last.is_some_and(is_recent),
            started: run.started.map(millis_of),
            duration: run.duration.map(millis),
            last,
            models: models.into_iter().collect(),
            consumed,
            calls: totals.model_calls,
            tools: totals.tool_calls,
            errors: totals.errors,
            input: asked(run),
            output: text(run.output.as_ref()),
            error: run.error.as_ref().map(failure),
            external_id: run.external_trace_id.clone(),
            user: run.user_id.clone(),
            session: run.session_id.clone(),
            conversation: run.conversation_id.clone(),
        }
    }
}

impl Summary {
    /// Returns the same, some time later: a run that was silent for too long does not run any more.
    pub(super) fn now(&self) -> Self {
        Self {
            live: self.live && self.last.is_some_and(is_recent),
            ..self.clone()
        }
    }
}

impl Consumed {
    pub(super) fn of(usage: &Usage) -> Self {
        Self {
            input_tokens: usage.input_tokens,
            output_tokens: usage.output_tokens,
            cached_tokens: usage.cached_tokens,
            cache_write_tokens: usage.cache_write_tokens,
            reasoning_tokens: usage.reasoning_tokens,
            total_tokens: usage.total_tokens,
            cost: usage.cost_usd,
            ..Self::default()
        }
    }

    /// Returns what a step consumed, and what that costs.
    pub(super) fn of_step(step: &Step, prices: &Prices) -> Self {
        let consumed = Self::of(&step.usage);
        if step.kind != StepKind::Model {
            return consumed;
        }
        let cost = prices.cost(&Call::of(step, ""));
        Self {
            cost: match cost {
                Some(Cost::Said(usd) | Cost::Listed(usd)) => Some(usd),
                // What failed before it consumed anything is not asked money for.
                Some(Cost::Unknown) | None => None,
            },
            cost_partial: cost == Some(Cost::Unknown),
            cost_estimated: matches!(cost, Some(Cost::Listed(usd)) if usd > 0.0),
            ..consumed
        }
    }
}

pub(super) fn text(preview: Option<&Preview>) -> Option<String> {
    preview.map(|preview| preview.text.clone())
}

/// Returns the status in a word of the page's.
pub(super) fn status(status: &Status) -> String {
    match status {
        Status::Unfinished => "unfinished".to_owned(),
        status => status.to_string(),
    }
}

fn is_recent(last: f64) -> bool {
    let now = Timestamp::from(SystemTime::now());
    millis_of(now) - last < millis(SILENCE)
}

/// Returns a moment in milliseconds since 1970, to the microsecond.
#[expect(
    clippy::cast_precision_loss,
    reason = "microseconds of this century fit"
)]
pub(super) fn millis_of(at: Timestamp) -> f64 {
    (at.unix_nanos() / 1000) as f64 / 1e3
}

pub(super) fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use rollout_core::show;
    use serde_json::{Value, json};

    use super::*;

    fn summary(events: &[Value]) -> Summary {
        Summary::of(&show::runs(events)[0], &Prices::listed().unwrap())
    }

    fn call(span: &str, usage: &Value) -> Value {
        json!({
            "event_type": "span.end", "trace_id": "t", "span_id": span, "span_type": "llm", "status": "ok",
            "occurred_at": "2026-01-01T00:00:01Z", "model": {"model": "m"}, "usage": usage,
        })
    }

    #[test]
    fn what_nobody_said_is_left_out_and_not_zero() {
        let summary = summary(&[call("a", &json!({}))]);
        let json = serde_json::to_value(&summary).unwrap();
        let unknown = Consumed {
            cost_partial: true,
            ..Consumed::default()
        };
        assert_eq!(summary.consumed, unknown);
        for key in ["cost", "input_tokens"] {
            assert_eq!(json.get(key), None, "{key}");
        }
    }

    #[test]
    fn a_call_that_failed_before_it_consumed_anything_leaves_no_cost_open() {
        let mut failed = call("a", &json!({}));
        failed["status"] = json!("error");
        let known = call("b", &json!({"cost_usd": 0.5}));
        assert_eq!(summary(&[failed.clone()]).consumed, Consumed::default());
        let both = summary(&[failed, known]).consumed;
        assert_eq!((both.cost, both.cost_partial), (Some(0.5), false));
    }

    #[test]
    fn a_cost_of_which_a_part_is_not_known_says_so() {
        let known = call("a", &json!({"cost_usd": 0.5}));
        let free = call("b", &json!({"cost_usd": 0.0}));
        let both = summary(&[known.clone(), free]);
        assert_eq!(
            (both.consumed.cost, both.consumed.cost_partial),
            (Some(0.5), false)
        );
        let partly = summary(&[known, call("b", &json!({"input_tokens": 3}))]);
        assert_eq!(
            (partly.consumed.cost, partly.consumed.cost_partial),
            (Some(0.5), true)
        );
    }

    #[test]
    fn what_nobody_said_the_cost_of_is_worked_out_where_there_is_a_price() {
        let priced = |provider: &str, model: &str| {
            let mut call = call("a", &json!({"input_tokens": 1_000_000, "output_tokens": 0}));
            call["model"] = json!({"provider": provider, "model": model});
            let consumed = summary(&[call]).consumed;
            (consumed.cost, consumed.cost_estimated)
        };
        assert_eq!(priced("openai", "gpt-4.1-mini"), (Some(0.4), true));
        // A model of one's own machine takes no money, and that is no estimate.
        assert_eq!(priced("ollama", "qwen3"), (Some(0.0), false));
        // The same name from somebody else may have any price.
        assert_eq!(priced("acme", "gpt-4.1-mini"), (None, false));
    }

    #[test]
    fn an_unfinished_run_of_long_ago_does_not_run() {
        let start = |at: &str| json!({"event_type": "trace.start", "trace_id": "t", "occurred_at": at, "started_at": at});
        assert!(!summary(&[start("2020-01-01T00:00:00Z")]).live);
        let now = Timestamp::from(SystemTime::now()).to_string();
        assert!(summary(&[start(&now)]).live);
    }
}
