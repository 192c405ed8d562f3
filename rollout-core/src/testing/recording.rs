use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::RecordedRun;
use super::values::Values;
use crate::client::Rollout;
use crate::config::Builder;
use crate::context::{Context, ContextGuard, InContext, Instrument as _};
use crate::export::MemoryExporter;
use crate::instrument::{Instrumented, WrapOptions};
use crate::protocol::Event;
use crate::{Timestamp, show};

/// When recordings begin: 2026-01-01, midnight in UTC.
const START: u64 = 1_767_225_600_000_000_000;

/// Longer than it takes to bring anything into memory.
const LONG: Duration = Duration::from_secs(60);

/// A client that keeps in memory what code did, to be looked at by a test.
///
/// Each test makes its own with [`record`]. When the test fails otherwise than by an assertion of this
/// module, which shows the run itself, what was recorded is printed to standard error.
pub struct Recording {
    client: Rollout,
    memory: MemoryExporter,
    /// Whether a message has shown it already.
    shown: Shown,
}

/// Whether somebody has shown the run.
pub(super) type Shown = Arc<AtomicBool>;

/// Begins a recording: of everything, with times and ids that are the same in each run.
///
/// ```
/// # use rollout_core as rollout;
/// let recording = rollout::testing::record();
/// let sum = recording.in_scope(|| rollout::span("addition").start().in_scope(|| 1 + 2));
/// assert_eq!(sum, 3);
/// assert_eq!(recording.run().name, "addition");
/// ```
///
/// # Panics
///
/// If the thread of the client can't be started.
#[track_caller]
pub fn record() -> Recording {
    record_with(|builder| builder)
}

/// Begins a recording by a client with other options: hooks, limits, sampling.
///
/// ```
/// # use rollout_core as rollout;
/// use rollout::testing::record_with;
///
/// let recording = record_with(|builder| builder.capture_input(false));
/// recording.in_scope(|| rollout::span("login").input(&"secret").start().end());
/// assert!(recording.run().span("login").input().is_null());
/// ```
///
/// # Panics
///
/// If the thread of the client can't be started.
#[track_caller]
pub fn record_with(options: impl FnOnce(Builder) -> Builder) -> Recording {
    let memory = MemoryExporter::new();
    let builder = Builder::default()
        .without_environment()
        .stepping_clock(Timestamp::from_unix_nanos(START))
        .seeded_ids(0)
        .exporter(memory.clone());
    match options(builder).build() {
        Ok(client) => Recording {
            client,
            memory,
            shown: Shown::default(),
        },
        Err(error) => panic!("{error}"),
    }
}

impl Recording {
    /// Runs `work` in the recording.
    pub fn in_scope<R>(&self, work: impl FnOnce() -> R) -> R {
        self.context().in_scope(work)
    }

    /// Makes a future run in the recording, wherever it is polled. As everywhere, what it spawns is
    /// part of the recording if it is spawned `in_current_trace()`.
    pub fn instrument<F>(&self, future: F) -> InContext<F> {
        future.in_context(self.context())
    }

    /// Records on this thread until the guard is dropped.
    pub fn enter(&self) -> ContextGuard {
        self.context().attach()
    }

    /// Returns the context in which code is recorded, to be carried into threads.
    pub fn context(&self) -> Context {
        // Without what is active around it, such as a user: each recording is by itself.
        Context::default().in_scope(|| self.client.context())
    }

    /// Returns the client that records.
    pub fn client(&self) -> &Rollout {
        &self.client
    }

    /// Wraps a client of a model, so that its calls are recorded here where no trace is active.
    pub fn wrap<C: Instrumented<By>, By>(&self, client: C) -> C::Wrapped {
        self.client.wrap(client)
    }

    /// Wraps a client of a model with options.
    pub fn wrap_with<C: Instrumented<By>, By>(
        &self,
        client: C,
        options: WrapOptions,
    ) -> C::Wrapped {
        self.client.wrap_with(client, options)
    }

    /// Returns the only run so far. A run that began inside another one is a step of that one.
    ///
    /// # Panics
    ///
    /// If there is none, or more than one.
    #[track_caller]
    pub fn run(&self) -> RecordedRun {
        let mut runs = self.runs();
        match (runs.pop(), runs.len()) {
            (Some(run), 0) => run,
            (None, _) => panic!(
                "nothing was recorded: is the code run by `in_scope`, or its future by \
                 `instrument`, and is what it spawns spawned `in_current_trace()`?"
            ),
            (_, others) => panic!(
                "{} runs were recorded instead of one:\n\n{}\n",
                others + 1,
                self.show()
            ),
        }
    }

    /// Returns the only run of this name so far.
    ///
    /// # Panics
    ///
    /// If there is none, or more than one.
    #[track_caller]
    pub fn run_named(&self, name: &str) -> RecordedRun {
        let mut runs = self.runs();
        runs.retain(|run| run.name == name);
        match (runs.pop(), runs.len()) {
            (Some(run), 0) => run,
            (last, others) => panic!(
                "{} runs named `{name}` were recorded instead of one:\n\n{}\n",
                others + usize::from(last.is_some()),
                self.show()
            ),
        }
    }

    /// Returns the runs so far, in the order in which they began.
    #[track_caller]
    pub fn runs(&self) -> Vec<RecordedRun> {
        self.runs_of(&self.events())
    }

    fn runs_of(&self, events: &[Event]) -> Vec<RecordedRun> {
        let values = Values::of(events);
        let json: Vec<_> = events
            .iter()
            .filter_map(|event| serde_json::to_value(event).ok())
            .collect();
        let runs = show::runs(&json).into_iter();
        runs.map(|run| RecordedRun::new(run, values.clone(), Arc::clone(&self.shown)))
            .collect()
    }

    /// Returns the runs as text, for a message.
    fn show(&self) -> String {
        self.shown.store(true, Ordering::Relaxed);
        self.to_string()
    }

    /// Returns everything that was recorded so far as it would be delivered, in the order in which it
    /// happened.
    ///
    /// # Panics
    ///
    /// If what was recorded does not arrive.
    #[track_caller]
    pub fn events(&self) -> Vec<Event> {
        match self.client.flush(LONG) {
            Ok(()) => self.memory.events(),
            Err(error) => panic!("{error}"),
        }
    }

    /// Forgets what was recorded so far. Times and ids go on.
    #[track_caller]
    pub fn clear(&self) {
        let _ = self.events();
        self.memory.clear();
    }
}

/// Shows the runs as trees without times and ids: the same in each run of the test.
impl fmt::Display for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        trees(&self.runs(), f)
    }
}

fn trees(runs: &[RecordedRun], out: &mut impl fmt::Write) -> fmt::Result {
    for (index, run) in runs.iter().enumerate() {
        let gap = if index > 0 { "\n\n" } else { "" };
        write!(out, "{gap}{run}")?;
    }
    Ok(())
}

impl Drop for Recording {
    /// Shows what was recorded if the test is failing.
    fn drop(&mut self) {
        if !std::thread::panicking() || self.shown.load(Ordering::Relaxed) {
            return;
        }
        // Nothing here may panic as well.
        let _ = self.client.flush(LONG);
        let mut text = String::new();
        if trees(&self.runs_of(&self.memory.events()), &mut text).is_ok() && !text.is_empty() {
            #[expect(
                clippy::print_stderr,
                reason = "the test harness keeps it with the failure"
            )]
            {
                eprintln!("what was recorded:\n\n{text}\n");
            }
        }
    }
}

impl fmt::Debug for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recording")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}
