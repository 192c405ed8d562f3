//! Time: one monotonic reading a phase on the caller's thread, the wall clock on the worker's.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// A moment on a client's monotonic clock, in nanoseconds since the clock was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tick(pub(crate) u64);

impl Tick {
    /// Returns how long after `earlier` this moment is; zero if it is not.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

/// A moment on the wall clock, to the nanosecond, shown as RFC 3339 in UTC with microseconds.
///
/// ```
/// use rollout_core::Timestamp;
///
/// let time = Timestamp::from_unix_nanos(1_795_359_481_469_723_000);
/// assert_eq!(time.to_string(), "2026-11-22T14:58:01.469723Z");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// Returns the moment this long after the beginning of 1970.
    pub fn from_unix_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Returns the nanoseconds since the beginning of 1970.
    pub fn unix_nanos(self) -> u64 {
        self.0
    }
}

impl From<SystemTime> for Timestamp {
    fn from(time: SystemTime) -> Self {
        let since = time
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        Self(u64::try_from(since.as_nanos()).unwrap_or(u64::MAX))
    }
}

impl From<Timestamp> for SystemTime {
    fn from(time: Timestamp) -> Self {
        SystemTime::UNIX_EPOCH + Duration::from_nanos(time.0)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = SystemTime::UNIX_EPOCH + Duration::from_micros(self.0 / 1_000);
        fmt::Display::fmt(&humantime::format_rfc3339_micros(micros), f)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        humantime::parse_rfc3339(&text)
            .map(Self::from)
            .map_err(serde::de::Error::custom)
    }
}

/// A client's clock: monotonic ticks, and what they are on the wall.
#[derive(Debug)]
pub(crate) struct Clock {
    source: Source,
    /// Wall time of tick zero. Set anew now and then, as the wall clock is corrected while the
    /// monotonic one runs on.
    epoch: AtomicU64,
}

#[derive(Debug)]
enum Source {
    System(Instant),
    /// Each reading is a millisecond after the one before it.
    #[cfg_attr(
        not(any(test, feature = "testing")),
        expect(dead_code, reason = "for tests")
    )]
    Stepping(AtomicU64),
}

impl Clock {
    /// Returns the clock of the machine.
    pub(crate) fn system() -> Self {
        let clock = Self {
            source: Source::System(Instant::now()),
            epoch: AtomicU64::new(0),
        };
        clock.synchronise();
        clock
    }

    /// Returns a clock that starts at this moment and moves a millisecond whenever it is read, so
    /// that a recording is the same in each run.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn stepping(start: Timestamp) -> Self {
        Self {
            source: Source::Stepping(AtomicU64::new(0)),
            epoch: AtomicU64::new(start.0),
        }
    }

    /// Reads the clock.
    pub(crate) fn now(&self) -> Tick {
        match &self.source {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "584 years of nanoseconds fit"
            )]
            Source::System(start) => Tick(start.elapsed().as_nanos() as u64),
            Source::Stepping(nanos) => Tick(nanos.fetch_add(1_000_000, Ordering::Relaxed)),
        }
    }

    /// Returns the wall time of a tick.
    pub(crate) fn wall(&self, tick: Tick) -> Timestamp {
        Timestamp(self.epoch.load(Ordering::Relaxed).saturating_add(tick.0))
    }

    /// Follows the wall clock where it was corrected.
    pub(crate) fn synchronise(&self) {
        if let Source::System(_) = self.source {
            self.follow(SystemTime::now().into());
        }
    }

    /// Takes this for the time of day, if it is another one. Not for less than a correction: the same
    /// tick is to have the same time wherever it is told.
    pub(crate) fn follow(&self, wall: Timestamp) {
        const CORRECTION: u64 = 10_000_000;
        let epoch = wall.0.saturating_sub(self.now().0);
        if epoch.abs_diff(self.epoch.load(Ordering::Relaxed)) > CORRECTION {
            self.epoch.store(epoch, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_rfc_3339_with_microseconds_and_read_back() {
        let time = Timestamp::from_unix_nanos(1_795_359_481_469_723_000);
        assert_eq!(time.to_string(), "2026-11-22T14:58:01.469723Z");
        let json = serde_json::to_string(&time).unwrap();
        assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), time);
    }

    #[test]
    fn ticks_follow_the_wall_clock() {
        let clock = Clock::system();
        let before = Timestamp::from(SystemTime::now());
        let read = clock.wall(clock.now());
        let apart = read.0.abs_diff(before.0);
        assert!(apart < 1_000_000_000, "{apart} ns apart");
    }

    #[test]
    fn the_time_of_day_is_followed_where_it_jumps_and_not_where_it_drifts() {
        let clock = Clock::stepping(Timestamp(9_000_000_000));
        let tick = clock.now();
        clock.follow(Timestamp(9_005_000_000));
        assert_eq!(clock.wall(tick).0, 9_000_000_000);
        clock.follow(Timestamp(2_000_000_000));
        assert_eq!(clock.wall(clock.now()).0, 2_001_000_000);
        // Before the beginning of all time.
        clock.follow(Timestamp(0));
        assert_eq!(clock.wall(Tick(7)).0, 7);
    }

    #[test]
    fn a_stepping_clock_is_the_same_in_each_run() {
        let clock = Clock::stepping(Timestamp::from_unix_nanos(0));
        assert_eq!((clock.now(), clock.now()), (Tick(0), Tick(1_000_000)));
        assert_eq!(Tick(5).since(Tick(9)), Duration::ZERO);
    }
}
