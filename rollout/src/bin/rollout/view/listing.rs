//! The list of runs: searched, filtered, summed up, a page of it.

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use rollout_core::Timestamp;
use rollout_core::show::Run;
use serde::{Deserialize, Serialize};

use crate::prices::Prices;

use super::source::Source;
use super::stats::Call;
use super::summary::{Consumed, Summary, millis_of};

/// As many runs come at once if nobody says otherwise, and at most.
const PAGE: usize = 100;
const LARGEST_PAGE: usize = 5000;

/// A run as the list knows it.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) summary: Summary,
    /// What a search looks in, in lower case.
    pub(super) words: String,
    /// Its calls to models.
    pub(super) calls: Vec<Call>,
}

/// What is asked for.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Query {
    /// Words, each of which must occur.
    q: Option<String>,
    /// `ok`, `failed`, …; `errors` for whatever has errors inside.
    status: Option<String>,
    model: Option<String>,
    /// Not before: `1h`, `24h`, `7d`.
    since: Option<String>,
    offset: Option<usize>,
    limit: Option<usize>,
}

/// A page of the list.
#[derive(Debug, Serialize)]
pub(super) struct Listing {
    /// How many runs there are.
    total: usize,
    /// How many of them are like that.
    matched: usize,
    /// How many there are besides, which are still being read.
    unread: usize,
    /// What those amount to.
    sums: Sums,
    /// The models of all runs.
    models: BTreeSet<String>,
    runs: Vec<Summary>,
}

#[derive(Debug, Default, Serialize)]
struct Sums {
    failed: usize,
    calls: u64,
    #[serde(flatten)]
    consumed: Consumed,
}

impl Entry {
    pub(super) fn of(run: &Run, prices: &Prices) -> Self {
        let summary = Summary::of(run, prices);
        let words = [
            Some(&summary.id),
            Some(&summary.name),
            summary.external_id.as_ref(),
            summary.user.as_ref(),
            summary.session.as_ref(),
            summary.conversation.as_ref(),
            summary.input.as_ref(),
            summary.output.as_ref(),
            summary.error.as_ref(),
        ];
        let words: Vec<_> = words
            .into_iter()
            .flatten()
            .chain(&summary.models)
            .cloned()
            .collect();
        Self {
            words: words.join("\n").to_lowercase(),
            calls: Call::all_of(run, prices),
            summary,
        }
    }
}

impl Query {
    /// Returns the page that is asked for. Where nothing is filtered, it does not wait for runs that
    /// are not on it.
    pub(super) fn answer(&self, source: &Source) -> io::Result<Listing> {
        let is_filtered = [&self.q, &self.status, &self.model, &self.since]
            .iter()
            .any(|filter| filter.is_some());
        let entries = if is_filtered {
            source.all()?
        } else {
            source.newest(self.offset.unwrap_or(0).saturating_add(self.limit()))?
        };
        let mut page = self.page(&entries.runs);
        page.unread = entries.unread;
        Ok(page)
    }

    fn limit(&self) -> usize {
        self.limit.unwrap_or(PAGE).min(LARGEST_PAGE)
    }

    /// Returns a page of these entries, of which the newest are first.
    fn page(&self, entries: &[Arc<Entry>]) -> Listing {
        let words: Vec<String> = self
            .q
            .iter()
            .flat_map(|q| q.split_whitespace())
            .map(str::to_lowercase)
            .collect();
        let since = self
            .since
            .as_deref()
            .and_then(|since| since_millis(since, now()));
        let matching: Vec<&Arc<Entry>> = entries
            .iter()
            .filter(|entry| self.matches(entry, &words, since))
            .collect();
        let mut sums = Sums::default();
        for entry in &matching {
            sums.add(&entry.summary);
        }
        Listing {
            total: entries.len(),
            matched: matching.len(),
            unread: 0,
            sums,
            models: entries
                .iter()
                .flat_map(|entry| entry.summary.models.iter().cloned())
                .collect(),
            runs: matching
                .iter()
                .skip(self.offset.unwrap_or(0))
                .take(self.limit())
                .map(|entry| entry.summary.now())
                .collect(),
        }
    }

    fn matches(&self, entry: &Entry, words: &[String], since: Option<f64>) -> bool {
        let summary = &entry.summary;
        let has_status = |wanted: &str| match wanted {
            "errors" => summary.errors > 0,
            wanted => summary.status == wanted,
        };
        self.status.as_deref().is_none_or(has_status)
            && self
                .model
                .as_ref()
                .is_none_or(|model| summary.models.contains(model))
            && since.is_none_or(|since| summary.started.is_some_and(|at| at >= since))
            && words.iter().all(|word| entry.words.contains(word))
    }
}

impl Sums {
    fn add(&mut self, summary: &Summary) {
        self.failed += usize::from(summary.status == "failed");
        self.calls += summary.calls;
        self.consumed.add(&summary.consumed);
    }
}

impl Consumed {
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
        if let Some(cost) = other.cost {
            *self.cost.get_or_insert(0.0) += cost;
        }
        self.cost_partial |= other.cost_partial;
        self.cost_estimated |= other.cost_estimated;
    }
}

pub(super) fn now() -> f64 {
    millis_of(Timestamp::from(SystemTime::now()))
}

/// Returns the moment that is so long ago: `30m`, `24h`, `7d`.
pub(super) fn since_millis(since: &str, now: f64) -> Option<f64> {
    let (number, unit) = since.split_at_checked(since.len().checked_sub(1)?)?;
    let number: u32 = number.parse().ok()?;
    let unit = match unit {
        "m" => 60e3,
        "h" => 3600e3,
        "d" => 86_400e3,
        _ => return None,
    };
    Some(now - f64::from(number) * unit)
}

#[cfg(test)]
mod tests;
