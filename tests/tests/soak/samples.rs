//! What a process takes, seen from outside.

use std::fmt;
use std::fs;
use std::time::Duration;

/// What it took at a moment.
#[derive(Clone, Debug)]
pub(crate) struct Sample {
    at: Duration,
    /// Resident memory, in KiB.
    memory: u64,
    threads: u64,
    files: usize,
    /// Tasks of its runtime.
    tasks: u64,
    /// Events recorded so far.
    created: u64,
    /// What became of them, in the program's own words.
    told: String,
}

#[derive(Debug, Default)]
pub(crate) struct Samples(pub(crate) Vec<Sample>);

impl Sample {
    /// Looks at a process that has just said `TASKS CREATED …`.
    pub(crate) fn take(at: Duration, process: u32, told: &str) -> Self {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let word = line.and_then(|line| line.split_whitespace().next());
            word.map_or(0, |word| word.parse().unwrap())
        };
        let files = fs::read_dir(format!("/proc/{process}/fd")).map_or(0, Iterator::count);
        let mut words = told.splitn(3, ' ');
        let mut count = || words.next().unwrap().parse().unwrap();
        Self {
            at,
            memory: number("VmRSS:"),
            threads: number("Threads:"),
            files,
            tasks: count(),
            created: count(),
            told: words.next().unwrap_or_default().to_owned(),
        }
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            at,
            memory,
            threads,
            files,
            tasks,
            told,
            ..
        } = self;
        let seconds = at.as_secs();
        write!(
            f,
            "{seconds:>4} s {memory:>7} KiB {threads:>3} threads {files:>3} files {tasks:>3} tasks; {told}"
        )
    }
}

impl Samples {
    /// Returns the samples of a quarter of the time: 0 to 3.
    fn quarter(&self, quarter: usize) -> &[Sample] {
        let length = self.0.len() / 4;
        &self.0[quarter * length..(quarter + 1) * length]
    }

    fn most<T: Ord>(&self, quarter: usize, of: impl Fn(&Sample) -> T) -> T {
        self.quarter(quarter).iter().map(of).max().unwrap()
    }

    fn median_memory(&self, quarter: usize) -> u64 {
        let mut all: Vec<_> = self
            .quarter(quarter)
            .iter()
            .map(|sample| sample.memory)
            .collect();
        all.sort_unstable();
        all[all.len() / 2]
    }

    /// Checks that what can be counted stays below what the work at hand takes.
    #[track_caller]
    pub(crate) fn assert_bounded(&self) {
        assert!(self.0.len() >= 8, "{self}");
        let first = self.0[1].created;
        assert!(self.0.last().unwrap().created > first, "{self}");
        for sample in &self.0 {
            // The workers of the runtime, main, the test's, ours; the loops and their connections.
            assert!(sample.threads <= 12, "{sample}");
            assert!(sample.files <= 80, "{sample}");
            assert!(sample.tasks <= 64, "{sample}");
        }
    }

    /// Checks that the last quarter takes no more than the second one.
    #[track_caller]
    pub(crate) fn assert_flat(&self) {
        let (early, late) = (self.median_memory(1), self.median_memory(3));
        assert!(late <= early + early / 10 + 2_048, "{self}");
        assert!(
            self.most(3, |sample| sample.threads) <= self.most(1, |sample| sample.threads),
            "{self}"
        );
        assert!(
            self.most(3, |sample| sample.files) <= self.most(1, |sample| sample.files) + 8,
            "{self}"
        );
        assert!(
            self.most(3, |sample| sample.tasks) <= self.most(1, |sample| sample.tasks) + 8,
            "{self}"
        );
    }
}

impl fmt::Display for Samples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for at in 0..=4 {
            let index = (self.0.len() * at / 4).min(self.0.len().saturating_sub(1));
            if let Some(sample) = self.0.get(index) {
                writeln!(f, "{sample}")?;
            }
        }
        Ok(())
    }
}
