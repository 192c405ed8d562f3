use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde_json::Value;

use super::recording::Shown;
use super::search::searches;
use super::values::Values;
use crate::show::{RecordedError, Run, Status, Step, Usage};

/// A run that was recorded, with what it did inside it.
///
/// It is a [`Run`] of [`show`](crate::show), and so has its fields: `name`, `status`, `user_id`, `attributes`, `steps` and
/// all others. What is looked for by one name is to be there once; several are found by
/// [`all`](Self::all).
///
/// As text it is a tree without times and ids, which is the same in each run; with them it is its
/// [`tree`](Run::tree).
///
/// ```
/// # use rollout_core as rollout;
/// let recording = rollout::testing::record();
/// recording.in_scope(|| rollout::span("retrieval").name("search").start().end());
/// assert_eq!(recording.run().to_string(), "✓ search\n└─ ✓ retrieval search");
/// ```
#[derive(Clone)]
pub struct RecordedRun {
    run: Arc<Run>,
    values: Values,
    shown: Shown,
}

/// Something that a recorded run did: a model call, a tool call, a span, a run inside it, or an event.
///
/// It is a [`Step`] of [`show`](crate::show), and so has its fields: `name`, `kind`, `status`, `model`, `usage`, `error`
/// and all others.
#[derive(Clone)]
pub struct RecordedSpan {
    step: Step,
    run: RecordedRun,
}

impl RecordedRun {
    pub(super) fn new(run: Run, values: Values, shown: Shown) -> Self {
        Self {
            run: Arc::new(run),
            values,
            shown,
        }
    }

    /// Returns all of what the run was given; null where that is not known.
    pub fn input(&self) -> Value {
        self.values.input(Some(&self.trace_id))
    }

    /// Returns all of what it returned; null where that is not known.
    pub fn output(&self) -> Value {
        self.values.output(Some(&self.trace_id))
    }

    /// Returns what it consumed, added up over all calls to models.
    pub fn usage(&self) -> Usage {
        self.totals().usage
    }

    /// Asserts that nothing went wrong, not even in a step that the run got over.
    #[track_caller]
    pub fn assert_no_errors(&self) -> &Self {
        let errors = self.totals().errors;
        self.check(errors == 0, || {
            format!("errors in a run that should have none: {errors}")
        });
        self
    }

    fn around(&self) -> &Self {
        self
    }

    fn fate(&self) -> (&str, &Status, Option<&RecordedError>) {
        (&self.name, &self.status, self.error.as_ref())
    }

    /// Fails, with the tree, unless something is so.
    #[track_caller]
    pub(super) fn check(&self, is_so: bool, complaint: impl FnOnce() -> String) {
        assert!(is_so, "{}\n\n{}\n", complaint(), self.show());
    }

    /// Returns the run as text, for a message.
    pub(super) fn show(&self) -> String {
        self.shown.store(true, Ordering::Relaxed);
        self.to_string()
    }

    pub(super) fn step(&self, step: &Step) -> RecordedSpan {
        RecordedSpan {
            step: step.clone(),
            run: self.clone(),
        }
    }
}

impl RecordedSpan {
    /// Returns all of what it was given, of a tool its arguments, of a model the request; null where
    /// that is not known.
    pub fn input(&self) -> Value {
        self.run.values.input(self.id.as_deref())
    }

    /// Returns all of what it returned, of a model the answer, rebuilt where it was streamed, of a
    /// message what it says; null where that is not known.
    pub fn output(&self) -> Value {
        self.run.values.output(self.id.as_deref())
    }

    /// Returns the run that it is part of.
    pub fn run(&self) -> &RecordedRun {
        &self.run
    }

    fn around(&self) -> &RecordedRun {
        &self.run
    }

    fn fate(&self) -> (&str, &Status, Option<&RecordedError>) {
        (&self.name, &self.status, self.error.as_ref())
    }
}

searches!(RecordedRun);
searches!(RecordedSpan);

impl Deref for RecordedRun {
    type Target = Run;

    fn deref(&self) -> &Run {
        &self.run
    }
}

impl Deref for RecordedSpan {
    type Target = Step;

    fn deref(&self) -> &Step {
        &self.step
    }
}

impl fmt::Display for RecordedRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.run.tree().timed(false).fmt(f)
    }
}

impl fmt::Debug for RecordedRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.run, f)
    }
}

impl fmt::Debug for RecordedSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.step, f)
    }
}
