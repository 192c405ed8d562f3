//! Where every event went. Nothing is lost without being counted.

use std::fmt;

macro_rules! reasons {
    ($($(#[$doc:meta])* $variant:ident $field:ident $text:literal;)*) => {
        /// Why events were dropped.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum DropReason {
            $($(#[$doc])* $variant,)*
        }

        /// Events that were dropped, by reason.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct Drops {
            $($(#[$doc])* pub $field: u64,)*
        }

        impl Drops {
            pub(crate) fn add(&mut self, reason: DropReason, events: u64) {
                match reason { $(DropReason::$variant => self.$field += events,)* }
            }

            /// Returns how many events were dropped, for whatever reason.
            pub fn total(&self) -> u64 {
                0 $(+ self.$field)*
            }

            fn counted(&self) -> impl Iterator<Item = (u64, &'static str)> {
                [$((self.$field, $text)),*].into_iter().filter(|(events, _)| *events > 0)
            }
        }
    };
}

reasons! {
    /// The queue was full: whole spans that came too late.
    QueueFull queue_full "the queue was full";
    /// A `before_send` hook returned `None`.
    Filtered filtered "`before_send` dropped them";
    /// A hook panicked; what it was to hide is not sent.
    HookPanicked hook_panicked "a hook panicked";
    /// A hook or `capture_event` made an event that no server takes.
    Invalid invalid "they were not valid";
    /// The destination refused them for good.
    Rejected rejected "the destination refused them";
    /// The destination could not be reached, after all retries.
    Undeliverable undeliverable "the destination could not be reached";
    /// The time for shutting down was over.
    ShutdownTimeout shutdown_timeout "there was no time left to deliver them at shutdown";
    /// They were recorded after the shutdown.
    AfterShutdown after_shutdown "they were recorded after the shutdown";
    /// A fault of the recorder itself.
    Internal internal "the recorder failed on them, which is a bug";
}

/// How many events were recorded, and what became of them.
///
/// At every moment `created = exported + spooled + queued + dropped.total()`.
///
/// ```
/// # let rollout = rollout_core::Rollout::builder().disabled(true).build()?;
/// let stats = rollout.stats();
/// assert_eq!(stats.created, stats.exported + stats.spooled + stats.queued + stats.dropped.total());
/// # Ok::<(), rollout_core::BuildError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Events recorded, those of traces that are sampled out not counted.
    pub created: u64,
    /// Events that a destination took.
    pub exported: u64,
    /// Events on disk, to be sent later.
    pub spooled: u64,
    /// Events on their way: waiting, being worked on, or being sent.
    pub queued: u64,
    /// Events that are lost.
    pub dropped: Drops,
}

impl Stats {
    /// Counts events that enter the queue.
    pub(crate) fn enter(&mut self, events: u64) {
        self.created += events;
        self.queued += events;
    }

    /// Counts events that a record of `expected` events turned out to be.
    pub(crate) fn became(&mut self, expected: u64, events: u64) {
        self.created = self.created.saturating_add(events).saturating_sub(expected);
        self.queued = self.queued.saturating_add(events).saturating_sub(expected);
    }

    /// Counts events that never entered the queue.
    pub(crate) fn refuse(&mut self, reason: DropReason, events: u64) {
        self.created += events;
        self.dropped.add(reason, events);
    }

    /// Counts events that left the queue for a destination.
    pub(crate) fn export(&mut self, events: u64) {
        let events = events.min(self.queued);
        self.queued -= events;
        self.exported += events;
    }

    /// Counts events that left the queue for nowhere.
    pub(crate) fn drop(&mut self, reason: DropReason, events: u64) {
        let events = events.min(self.queued);
        self.queued -= events;
        self.dropped.add(reason, events);
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} events: {} exported", self.created, self.exported)?;
        for (events, what) in [(self.spooled, "spooled"), (self.queued, "queued")] {
            if events > 0 {
                write!(f, ", {events} {what}")?;
            }
        }
        for (events, reason) in self.dropped.counted() {
            write!(f, ", {events} dropped because {reason}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn balance(stats: &Stats) -> bool {
        stats.created == stats.exported + stats.spooled + stats.queued + stats.dropped.total()
    }

    #[test]
    fn the_books_balance_after_every_entry() {
        let mut stats = Stats::default();
        let entries: [fn(&mut Stats); 6] = [
            |s| s.enter(10),
            |s| s.became(2, 5),
            |s| s.refuse(DropReason::QueueFull, 3),
            |s| s.export(6),
            |s| s.became(4, 1),
            |s| s.drop(DropReason::Rejected, 100),
        ];
        for entry in entries {
            entry(&mut stats);
            assert!(balance(&stats), "{stats:?}");
        }
    }

    #[test]
    fn the_summary_names_what_was_lost_and_why() {
        let mut stats = Stats::default();
        stats.enter(5);
        stats.export(4);
        stats.drop(DropReason::Undeliverable, 1);
        assert_eq!(
            stats.to_string(),
            "5 events: 4 exported, 1 dropped because the destination could not be reached"
        );
    }
}
