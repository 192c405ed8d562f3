//! A program that records, beside the one that was captured.

use std::time::Duration;

use rollout::{Builder, Rollout};
use rollout_tests::IngestServer;
use rollout_tests::ingest::KEY;
use serde_json::Value;

use super::capture::{Capture, events};
use super::compare::compare;
use super::difference::{Difference, EMPTY_OBJECTS};
use super::mutation::unnoticed;

/// Longer than any test takes, unless it fails.
pub(crate) const LONG: Duration = Duration::from_secs(60);

/// A program that records, and the server that it sends to.
pub(crate) struct Program {
    pub(crate) ingest: IngestServer,
    pub(crate) rollout: Rollout,
}

impl Program {
    pub(crate) fn start() -> Self {
        Self::with(|builder| builder)
    }

    /// Starts one with options of its own.
    pub(crate) fn with(options: impl FnOnce(Builder) -> Builder) -> Self {
        Self::sending_to(IngestServer::start(), options)
    }

    pub(crate) fn sending_to(
        ingest: IngestServer,
        options: impl FnOnce(Builder) -> Builder,
    ) -> Self {
        let builder = rollout::builder()
            .api_key(KEY)
            .base_url(ingest.url())
            .spool_dir(ingest.spool_dir())
            .shutdown_timeout(LONG)
            .on_diagnostic(|_| ());
        let rollout = options(builder).build().unwrap();
        Self { ingest, rollout }
    }

    /// Runs code that is recorded by this program's client.
    pub(crate) fn run<R>(&self, work: impl FnOnce() -> R) -> R {
        self.rollout.context().in_scope(work)
    }

    /// Runs a future that is.
    pub(crate) fn block_on<F: Future>(&self, future: F) -> F::Output {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().unwrap();
        runtime.block_on(rollout::Instrument::in_context(
            future,
            self.rollout.context(),
        ))
    }

    /// Ends the program, and returns the envelopes that it sent, in the order of what they tell: several
    /// may be under way at a time, and arrive in another one.
    pub(crate) fn batches(&self) -> Vec<Value> {
        self.rollout.shutdown();
        let mut batches = self.ingest.batches();
        batches.sort_by_key(|batch| {
            let first = &batch["events"][0]["occurred_at"];
            first.as_str().map(str::to_owned)
        });
        batches
    }

    /// Ends the program, and compares what it sent with a capture, apart from the differences that
    /// are allowed: they have to be there.
    #[track_caller]
    pub(crate) fn matches(self, name: &str, allowed: &[&Difference]) {
        self.batches();
        self.ingest.assert_sound();
        self.matches_with_gaps(name, allowed);
    }

    /// Does the same with a program that drops events on purpose: their numbers are missing.
    #[track_caller]
    pub(crate) fn matches_with_gaps(self, name: &str, allowed: &[&Difference]) {
        let ours = events(&self.batches());
        assert_eq!(self.ingest.violations(), Vec::new());
        let Some(capture) = Capture::load(name) else {
            return;
        };
        let reference = capture.events();
        let mut all = vec![&EMPTY_OBJECTS];
        all.retain(|_| !reference.is_empty());
        all.extend(allowed);
        let problems = compare(reference.clone(), ours.clone(), &all);
        assert!(
            problems.is_empty(),
            "{name}: {} differences\n{}",
            problems.len(),
            problems.join("\n")
        );
        let missed = unnoticed(&reference, &ours, &all);
        assert!(
            missed.is_empty(),
            "{name}: nobody would notice: {missed:#?}"
        );
    }
}
