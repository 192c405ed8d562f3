//! Measures two ways of doing the same work in turns, so that whatever else the machine does falls on
//! both, and prints what one of them costs more.
//!
//! What is measured is the time of the caller's own thread on a processor: what it computes, and not
//! for how long something else had the processor meanwhile.

use std::time::Duration;

use cpu_time::ThreadTime;

pub(crate) struct Table {
    rounds: usize,
    only: Option<String>,
    rows: Vec<Row>,
}

struct Row {
    name: String,
    baseline: f64,
    subject: f64,
    /// The median of the differences of neighbouring batches.
    cost: f64,
}

/// One side of a comparison.
pub(crate) struct Side<'a> {
    /// Does the work so many times.
    pub(crate) work: Box<dyn FnMut(usize) + 'a>,
    /// Waits for what goes on in the background, outside of the clock.
    pub(crate) settle: Box<dyn FnMut() + 'a>,
}

impl<'a> Side<'a> {
    pub(crate) fn new(work: impl FnMut(usize) + 'a) -> Self {
        Self {
            work: Box::new(work),
            settle: Box::new(|| {}),
        }
    }

    pub(crate) fn settled_by(mut self, settle: impl FnMut() + 'a) -> Self {
        self.settle = Box::new(settle);
        self
    }

    fn time(&mut self, times: usize) -> Duration {
        let start = ThreadTime::now();
        (self.work)(times);
        let elapsed = start.elapsed();
        (self.settle)();
        elapsed
    }
}

impl Table {
    pub(crate) fn new(rounds: usize, only: Option<String>) -> Self {
        Self {
            rounds,
            only,
            rows: Vec::new(),
        }
    }

    /// Compares two sides, each doing `times` pieces of work a batch. `per` divides a piece, where it
    /// consists of as many.
    pub(crate) fn compare(
        &mut self,
        name: &str,
        times: usize,
        per: usize,
        mut baseline: Side<'_>,
        mut subject: Side<'_>,
    ) {
        if self.only.as_ref().is_some_and(|only| !name.contains(only)) {
            return;
        }
        let pieces = (times * per) as f64;
        let nanos = |elapsed: Duration| elapsed.as_nanos() as f64 / pieces;
        let mut pairs = Vec::with_capacity(self.rounds);
        for _ in 0..self.rounds.div_ceil(10) {
            baseline.time(times);
            subject.time(times);
        }
        for _ in 0..self.rounds {
            pairs.push((nanos(baseline.time(times)), nanos(subject.time(times))));
        }
        self.rows.push(Row {
            name: name.to_owned(),
            baseline: median(pairs.iter().map(|(baseline, _)| *baseline)),
            subject: median(pairs.iter().map(|(_, subject)| *subject)),
            cost: median(pairs.iter().map(|(baseline, subject)| subject - baseline)),
        });
    }

    pub(crate) fn print(&self) {
        println!(
            "{:<62} {:>12} {:>12} {:>10} {:>7}",
            "", "without ns", "with ns", "cost ns", "ratio"
        );
        for row in &self.rows {
            println!(
                "{:<62} {:>12.0} {:>12.0} {:>10.0} {:>7.2}",
                row.name,
                row.baseline,
                row.subject,
                row.cost,
                row.subject / row.baseline,
            );
        }
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
