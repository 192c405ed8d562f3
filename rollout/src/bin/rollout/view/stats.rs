//! What the charts show: consumption over time, and how long each model takes.

use std::collections::BTreeMap;
use std::sync::Arc;

use rollout_core::show::{Run, Step, StepKind};
use serde::{Deserialize, Serialize};

use crate::prices::Prices;

use super::listing::{Entry, now, since_millis};
use super::summary::{Consumed, millis, millis_of, status};

/// About as many bars fit beside each other.
const BARS: f64 = 60.0;

/// As many dots are drawn for a model: the latest.
const DOTS: usize = 400;

/// The widths that a bar may have, in milliseconds: what people divide time by.
const WIDTHS: [f64; 15] = [
    1e3,
    5e3,
    15e3,
    60e3,
    300e3,
    900e3,
    1800e3,
    3600e3,
    10_800e3,
    21_600e3,
    43_200e3,
    86_400e3,
    604_800e3,
    2_592_000e3,
    31_536_000e3,
];

/// A call to a model, as the charts know it.
#[derive(Clone, Debug)]
pub(super) struct Call {
    model: String,
    started: f64,
    duration: Option<f64>,
    first: Option<f64>,
    status: String,
    consumed: Consumed,
}

#[derive(Debug, Deserialize)]
pub(super) struct Query {
    /// Not before: `1h`, `24h`, `7d`; all if it is not there.
    since: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Figures {
    /// The width of a bar, in milliseconds.
    width: f64,
    bars: Vec<Bar>,
    models: Vec<Model>,
    runs: u64,
    calls: u64,
    #[serde(flatten)]
    consumed: Consumed,
}

#[derive(Clone, Debug, Default, Serialize)]
struct Bar {
    /// When it begins, in milliseconds since 1970.
    at: f64,
    runs: u64,
    failed: u64,
    calls: u64,
    /// Calls of which nobody knows what they cost.
    unknown: u64,
    #[serde(flatten)]
    consumed: Consumed,
}

#[derive(Debug, Default, Serialize)]
struct Model {
    name: String,
    calls: u64,
    failed: u64,
    #[serde(flatten)]
    consumed: Consumed,
    time: Option<Spread>,
    first: Option<Spread>,
    /// When it began, how long it took, and when the first token came, in milliseconds; how it went.
    dots: Vec<(f64, Option<f64>, Option<f64>, String)>,
}

/// How a measure is spread, in milliseconds.
#[derive(Debug, Serialize)]
struct Spread {
    p50: f64,
    p95: f64,
    max: f64,
}

impl Call {
    pub(super) fn all_of(run: &Run, prices: &Prices) -> Vec<Self> {
        fn add(steps: &[Step], prices: &Prices, all: &mut Vec<Call>) {
            for step in steps {
                let model = step.model.as_ref().or(step.response_model.as_ref());
                if step.kind == StepKind::Model
                    && let Some(started) = step.started
                {
                    all.push(Call {
                        model: model.cloned().unwrap_or_default(),
                        started: millis_of(started),
                        duration: step.duration.map(millis),
                        first: step.first_token.map(millis),
                        status: status(&step.status),
                        consumed: Consumed::of_step(step, prices),
                    });
                }
                add(&step.steps, prices, all);
            }
        }
        let mut all = Vec::new();
        add(&run.steps, prices, &mut all);
        all
    }
}

impl Query {
    pub(super) fn figures(&self, entries: &[Arc<Entry>]) -> Figures {
        let since = self
            .since
            .as_deref()
            .and_then(|since| since_millis(since, now()));
        let runs: Vec<(&Arc<Entry>, f64)> = entries
            .iter()
            .filter_map(|entry| Some((entry, entry.summary.started?)))
            .filter(|(_, at)| since.is_none_or(|since| *at >= since))
            .collect();
        let calls = || runs.iter().flat_map(|(entry, _)| &entry.calls);
        let times = || {
            runs.iter()
                .map(|(_, at)| *at)
                .chain(calls().map(|call| call.started))
        };
        let first = since.unwrap_or_else(|| times().fold(f64::INFINITY, f64::min));
        let last = times()
            .fold(f64::NEG_INFINITY, f64::max)
            .max(if since.is_some() { now() } else { first });
        let mut bars = Bars::new(first, last);
        let mut figures = Figures {
            width: bars.width,
            bars: Vec::new(),
            models: Vec::new(),
            runs: runs.len() as u64,
            calls: 0,
            consumed: Consumed::default(),
        };
        for (entry, at) in &runs {
            if let Some(bar) = bars.at(*at) {
                bar.runs += 1;
                bar.failed += u64::from(entry.summary.status == "failed");
            }
        }
        let mut models: BTreeMap<&str, Vec<&Call>> = BTreeMap::new();
        for call in calls() {
            if let Some(bar) = bars.at(call.started) {
                bar.calls += 1;
                bar.unknown += u64::from(call.consumed.cost_partial);
                bar.consumed.add(&call.consumed);
            }
            figures.calls += 1;
            figures.consumed.add(&call.consumed);
            models.entry(&call.model).or_default().push(call);
        }
        figures.bars = bars.bars;
        figures.models = models
            .into_iter()
            .map(|(name, calls)| Model::of(name, calls))
            .collect();
        figures
            .models
            .sort_by_key(|model| std::cmp::Reverse(model.calls));
        figures
    }
}

/// Bars side by side, of which some may be empty.
struct Bars {
    width: f64,
    bars: Vec<Bar>,
}

impl Bars {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a few hundred bars"
    )]
    fn new(first: f64, last: f64) -> Self {
        if !(first.is_finite() && last.is_finite()) {
            return Self {
                width: 0.0,
                bars: Vec::new(),
            };
        }
        let wanted = (last - first) / BARS;
        let width = WIDTHS
            .into_iter()
            .find(|width| *width >= wanted)
            .or(WIDTHS.last().copied())
            .unwrap_or(wanted);
        let begin = (first / width).floor() * width;
        let count = (((last - begin) / width).floor() + 1.0).clamp(1.0, BARS * 10.0) as usize;
        let bars = (0..count).map(|index| Bar {
            at: begin + index as f64 * width,
            ..Bar::default()
        });
        Self {
            width,
            bars: bars.collect(),
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "what is negative or too large is no index"
    )]
    fn at(&mut self, moment: f64) -> Option<&mut Bar> {
        let begin = self.bars.first()?.at;
        let index = ((moment - begin) / self.width).floor();
        if index < 0.0 {
            return None;
        }
        self.bars.get_mut(index as usize)
    }
}

impl Model {
    fn of(name: &str, mut calls: Vec<&Call>) -> Self {
        calls.sort_by(|a, b| a.started.total_cmp(&b.started));
        let mut model = Self {
            name: name.to_owned(),
            calls: calls.len() as u64,
            failed: calls.iter().filter(|call| call.status == "failed").count() as u64,
            // What was broken off or failed says nothing of how long an answer takes.
            time: Spread::of(
                calls
                    .iter()
                    .filter(|call| call.status == "ok")
                    .filter_map(|call| call.duration),
            ),
            first: Spread::of(calls.iter().filter_map(|call| call.first)),
            ..Self::default()
        };
        for call in &calls {
            model.consumed.add(&call.consumed);
        }
        let late = calls.len().saturating_sub(DOTS);
        model.dots = calls
            .iter()
            .skip(late)
            .map(|call| (call.started, call.duration, call.first, call.status.clone()))
            .collect();
        model
    }
}

impl Spread {
    fn of(values: impl Iterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        // The smallest value that so many of a hundred are not above.
        let percentile = |percent: usize| {
            let rank = (values.len() * percent).div_ceil(100);
            values.get(rank.saturating_sub(1)).copied()
        };
        Some(Self {
            p50: percentile(50)?,
            p95: percentile(95)?,
            max: percentile(100)?,
        })
    }
}

#[cfg(test)]
mod tests;
