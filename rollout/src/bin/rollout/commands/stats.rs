//! `rollout stats`: what models and agents consume, and how long they take.

mod spread;

use std::collections::BTreeMap;

use serde::Serialize;

use super::filter::FilterArgs;
use super::json::TokenFields;
use crate::failure::Failure;
use crate::place::Place;
use crate::prices::{Prices, Sum};
use crate::screen::{Ink, Screen, cut, inert};
use crate::store::{Call, Row, Tokens};
use crate::table::{Column, Remedy, Table};
use crate::words;
use spread::Spread;

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
        for line in self.summary(screen.has_width.then_some(screen.width)) {
            screen.line(&screen.ink(Ink::Bold, &line))?;
        }
        for (title, figures) in [("MODEL", &self.models), ("AGENT", &self.agents)] {
            if !figures.is_empty() {
                screen.line("")?;
                table(title, figures, screen)?;
            }
        }
        Ok(())
    }

    /// Returns what it is all together, in lines of no more than a width.
    fn summary(&self, width: Option<usize>) -> Vec<String> {
        let failed = |failed: u64| match failed {
            0 => String::new(),
            failed => format!(", {} failed", words::count(failed)),
        };
        let what = |number: u64, what: &str, more: String| {
            (number > 0).then(|| format!("{}{more}", words::times(number, what)))
        };
        let (total, none) = (&self.total, String::new);
        let known = |text: String, unit: &str| (!text.is_empty()).then(|| format!("{text}{unit}"));
        let parts = [
            what(self.runs as u64, "run", failed(self.failed_runs as u64)),
            what(total.calls, "model call", failed(total.failed_calls)),
            what(self.tool_calls, "tool call", none()),
            what(self.errors, "error", none()),
            known(words::tokens(&total.counted), " tokens"),
            known(words::cost(&total.cost), ""),
        ];
        let mut lines: Vec<String> = Vec::new();
        for part in parts.into_iter().flatten() {
            match lines.last_mut() {
                Some(line)
                    if width.is_none_or(|width| {
                        line.chars().count() + 3 + part.chars().count() <= width
                    }) =>
                {
                    line.push_str(" · ");
                    line.push_str(&part);
                }
                _ => lines.push(part),
            }
        }
        lines
    }
}

/// The columns, of which those after the cost are times.
const TITLES: [&str; 11] = [
    "",
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
];
const NAME: usize = 0;
const TOKENS: usize = 3;

fn table(title: &'static str, figures: &[Figures], screen: &mut Screen) -> Result<(), Failure> {
    let rows: Vec<[String; 11]> = figures.iter().map(Figures::cells).collect();
    let columns = TITLES.iter().enumerate().map(|(place, of_column)| {
        let cells = rows.iter().filter_map(|row| row.get(place).cloned());
        if place == NAME {
            Column::text(title, cells.collect())
        } else {
            Column::number(of_column, cells.collect())
        }
    });
    let mut table = Table::new(columns.collect());
    table.apply(Remedy::HideEmpty);
    if screen.has_width {
        let fewer = figures.iter().map(|figures| Tokens {
            cached: None,
            ..figures.counted
        });
        let fewer = fewer.map(|tokens| words::tokens(&tokens));
        table.fit(
            screen.width,
            [
                // The 99th percentile of the first token, and so on.
                Remedy::Hide(10),
                Remedy::Hide(9),
                Remedy::Replace(TOKENS, "TOKENS", fewer.collect()),
                Remedy::Hide(8),
                Remedy::Cut(NAME, 24),
                Remedy::Hide(7),
                Remedy::Cut(NAME, 16),
                Remedy::Hide(TOKENS),
                Remedy::Hide(6),
            ],
        );
    }
    for (index, line) in table.lines().iter().enumerate() {
        let ink = if index == 0 { Ink::Dim } else { Ink::Plain };
        screen.line(&screen.ink(ink, line))?;
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
