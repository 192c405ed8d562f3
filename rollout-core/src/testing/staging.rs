use crate::Timestamp;
use crate::clock::Clock;
use crate::config::{Builder, environment};
use crate::id::Ids;

/// What makes a client the same in each run.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Staging {
    clock: Option<Timestamp>,
    seed: Option<u32>,
    no_environment: bool,
}

/// Reads a variable.
type Environment = fn(&str) -> Option<String>;

impl Staging {
    /// Returns the clock, the ids and the environment of a client.
    pub(crate) fn stage(self) -> (Clock, Ids, Environment) {
        (
            self.clock.map_or_else(Clock::system, Clock::stepping),
            self.seed.map_or(Ids::Random, Ids::numbered),
            if self.no_environment {
                |_| None
            } else {
                environment::process
            },
        )
    }
}

impl Builder {
    /// Makes times the same in each run: time starts here and moves a millisecond whenever it is
    /// read. Defaults to the clock of the machine.
    pub fn stepping_clock(mut self, start: Timestamp) -> Self {
        self.staging.clock = Some(start);
        self
    }

    /// Makes ids the same in each run: they have the seed in their first digits, and count up in
    /// their last ones. Defaults to ids that are drawn.
    ///
    /// Clients with different seeds never give the same id, those with the same one do.
    pub fn seeded_ids(mut self, seed: u32) -> Self {
        self.staging.seed = Some(seed);
        self
    }

    /// Makes options the same on each machine: no variable `ROLLOUT_…` is read, so that a key that is
    /// set there sends nothing.
    pub fn without_environment(mut self) -> Self {
        self.staging.no_environment = true;
        self
    }
}
