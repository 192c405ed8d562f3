//! `rollout stats`: what models and agents consume, and how long they take.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::filter::FilterArgs;
use super::json::{TokenFields, millis};
use crate::failure::Failure;
use crate::place::Place;
use crate::prices::{Prices, Sum};
use crate::screen::{Ink, Screen, cut, inert};
use crate::store::{Call, Row, Tokens};
use crate::words;

/// What `rollout stats` was asked for.
#[derive(Debug, clap::Args)]
pub(crate) struct StatsArgs {
    #[command(flatten)]
    filter: FilterArgs,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Serialize)]
struct Stats {
    runs: usize,
    failed_runs: usize,
    errors: u64,
    tool_calls: u64,
    #[serde(flatten)]
    total: Figures,
    models: Vec<Figures>,
    agents: Vec<Figures>,
}

/// Calls to models, summed up.
#[derive(Debug, Default, Serialize)]
struct Figures {
    #[serde(skip_serializing_if = "str::is_empty")]
    name: String,
    calls: u64,
    failed_calls: u64,
    #[serde(flatten)]
    tokens: TokenFields,
    #[serde(flatten)]
    cost: Sum,
    /// How long calls took that went well.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<Spread>,
    /// How long it took until the first content of a stream came.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_token_ms: Option<Spread>,
    #[serde(skip)]
    counted: Tokens,
}

/// The smallest values that so many of a hundred are not above, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
struct Spread {
    p50: f64,
    p90: f64,
    p99: f64,
}

pub(crate) fn run(args: &StatsArgs, place: &Place, screen: &mut Screen) -> Result<(), Failure> {
    let filter = args.filter.filter()?;
    let store = place.open()?;
    let prices = Prices::load(&place.dir)?;
    let mut rows = store.rows()?;
    rows.retain(|row| filter.matches(row));
    let stats = Stats::of(&rows, &prices);
    if args.json {
        return Ok(screen.json(&stats)?);
    }
    if rows.is_empty() {
        return Err(Failure::nothing("no run is like that"));
    }
    stats.write(screen)
}

impl Stats {
    fn of(rows: &[Row], prices: &Prices) -> Self {
        let calls = || rows.iter().flat_map(|row| &row.calls);
        Self {
            runs: rows.len(),
            failed_runs: rows.iter().filter(|row| row.status == "failed").count(),
            errors: rows.iter().map(|row| row.errors).sum(),
            tool_calls: rows.iter().map(|row| row.tool_calls).sum(),
            total: Figures::of(String::new(), &calls().collect::<Vec<_>>(), prices),
            models: by(calls(), model, prices),
            agents: by(calls(), |call| call.agent.clone(), prices),
        }
    }

    fn write(&self, screen: &mut Screen) -> Result<(), Failure> {
        let number = |number: usize| words::count(number as u64);
        let cost = match words::cost(&self.total.cost) {
            cost if cost.is_empty() => "?".to_owned(),
            cost => cost,
        };
        let summary = format!(
            "{} runs, {} failed · {} model calls, {} failed · {} tool calls · {} errors · {} tokens · {cost}",
            number(self.runs),
            number(self.failed_runs),
            words::count(self.total.calls),
            words::count(self.total.failed_calls),
            words::count(self.tool_calls),
            words::count(self.errors),
            words::tokens(&self.total.counted),
        );
        screen.line(&screen.ink(Ink::Bold, &summary))?;
        for (title, figures) in [("MODEL", &self.models), ("AGENT", &self.agents)] {
            if !figures.is_empty() {
                screen.line("")?;
                table(title, figures, screen)?;
            }
        }
        Ok(())
    }
}

fn table(title: &str, figures: &[Figures], screen: &mut Screen) -> Result<(), Failure> {
    let mut lines = vec![
        [
            title,
            "CALLS",
            "FAILED",
            "TOKENS",
            "COST",
            "P50",
            "P90",
            "P99",
            "FIRST TOKEN P50",
            "P90",
            "P99",
        ]
        .map(str::to_owned),
    ];
    lines.extend(figures.iter().map(Figures::cells));
    let widths: Vec<usize> = (0..11)
        .map(|column| {
            let cells = lines.iter().filter_map(|line| line.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        })
        .collect();
    // Titles alone say nothing.
    let is_empty = |column: usize| {
        let mut cells = lines.iter().skip(1).filter_map(|line| line.get(column));
        cells.all(String::is_empty)
    };
    for (index, line) in lines.iter().enumerate() {
        let mut text = String::new();
        for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
            if is_empty(column) {
                continue;
            }
            let gap: String = " ".repeat(width.saturating_sub(cell.chars().count()));
            // Names to the left, numbers to the right.
            if column == 0 {
                let _ = write!(text, "{cell}{gap}");
            } else {
                let _ = write!(text, "  {gap}{cell}");
            }
        }
        let ink = if index == 0 { Ink::Dim } else { Ink::Plain };
        screen.line(&screen.ink(ink, text.trim_end()))?;
    }
    Ok(())
}

/// Returns figures for each name, the most called first.
fn by<'a>(
    calls: impl Iterator<Item = &'a Call>,
    name: impl Fn(&Call) -> String,
    prices: &Prices,
) -> Vec<Figures> {
    let mut groups: BTreeMap<String, Vec<&Call>> = BTreeMap::new();
    for call in calls {
        groups.entry(name(call)).or_default().push(call);
    }
    let figures = groups.into_iter();
    let mut figures: Vec<Figures> = figures
        .map(|(name, calls)| Figures::of(name, &calls, prices))
        .collect();
    figures.sort_by_key(|figures| std::cmp::Reverse(figures.calls));
    figures
}

fn model(call: &Call) -> String {
    let model = call.model.as_ref().or(call.answered.as_ref());
    model.cloned().unwrap_or_else(|| "?".to_owned())
}

impl Figures {
    fn of(name: String, calls: &[&Call], prices: &Prices) -> Self {
        let mut counted = Tokens::default();
        for call in calls {
            counted.add(&call.tokens);
        }
        let is_call = |call: &&&Call| call.is_call;
        let failed = |call: &&&Call| call.is_call && call.status == "failed";
        let well = |call: &&&Call| call.is_call && call.status == "ok";
        Self {
            name,
            calls: calls.iter().filter(is_call).count() as u64,
            failed_calls: calls.iter().filter(failed).count() as u64,
            tokens: counted.into(),
            cost: prices.sum(calls.iter().copied()),
            // What failed or was broken off says nothing of how long an answer takes.
            duration_ms: Spread::of(calls.iter().filter(well).filter_map(|call| call.duration)),
            first_token_ms: Spread::of(calls.iter().filter_map(|call| call.first_token)),
            counted,
        }
    }

    fn cells(&self) -> [String; 11] {
        let spread = |spread: Option<Spread>| match spread {
            Some(Spread { p50, p90, p99 }) => [p50, p90, p99].map(in_words),
            None => [const { String::new() }; 3],
        };
        let [p50, p90, p99] = spread(self.duration_ms);
        let [first50, first90, first99] = spread(self.first_token_ms);
        [
            cut(&inert(&self.name), 40),
            words::count(self.calls),
            words::count(self.failed_calls),
            words::tokens(&self.counted),
            words::cost(&self.cost),
            p50,
            p90,
            p99,
            first50,
            first90,
            first99,
        ]
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it was a count"
)]
fn in_words(millis: f64) -> String {
    words::duration((millis * 1e3).round() as u64)
}

impl Spread {
    fn of(micros: impl Iterator<Item = u64>) -> Option<Self> {
        let mut values: Vec<u64> = micros.collect();
        values.sort_unstable();
        let percentile = |percent: usize| {
            let rank = (values.len() * percent).div_ceil(100);
            values.get(rank.saturating_sub(1)).copied().map(millis)
        };
        Some(Self {
            p50: percentile(50)?,
            p90: percentile(90)?,
            p99: percentile(99)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let spread = |values: &[u64]| Spread::of(values.iter().map(|value| value * 1000));
        let hundred: Vec<u64> = (1..=100).rev().collect();
        let all = |p50, p90, p99| Some(Spread { p50, p90, p99 });
        assert_eq!(spread(&hundred), all(50.0, 90.0, 99.0));
        assert_eq!(spread(&[7]), all(7.0, 7.0, 7.0));
        assert_eq!(spread(&[1, 2]), all(1.0, 2.0, 2.0));
        assert_eq!(spread(&[]), None);
    }
}
