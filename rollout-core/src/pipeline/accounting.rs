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

        impl DropReason {
            /// Returns the name of its number among the [`Drops`].
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($field),)* }
            }
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
    /// What is kept on disk has a limit: the oldest traces, as a whole.
    SpoolFull spool_full "there was no more room for them on disk";
    /// They were kept on disk, and can't be read any more.
    Unreadable unreadable "the file that they were kept in is gone or damaged";
    /// The time for shutting down was over.
    ShutdownTimeout shutdown_timeout "there was no time left to deliver them at shutdown";
    /// They were recorded after the shutdown.
    AfterShutdown after_shutdown "they were recorded after the shutdown";
    /// A fault of the recorder itself.
    Internal internal "the recorder failed on them, which is a bug";
}

/// Where an event is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Queued,
    Spooled,
    Exported,
    Dropped(DropReason),
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
    /// Events on disk, to be sent later: by this process, or by the next one.
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

    /// Counts events that left the queue for nowhere.
    pub(crate) fn drop(&mut self, reason: DropReason, events: u64) {
        self.shift(Place::Queued, Place::Dropped(reason), events);
    }

    /// Counts events that went from one place to another. What is exported or dropped stays so.
    pub(crate) fn shift(&mut self, from: Place, to: Place, events: u64) {
        let there = match from {
            Place::Queued => &mut self.queued,
            Place::Spooled => &mut self.spooled,
            Place::Exported | Place::Dropped(_) => return,
        };
        let events = events.min(*there);
        *there -= events;
        match to {
            Place::Queued => self.queued += events,
            Place::Spooled => self.spooled += events,
            Place::Exported => self.exported += events,
            Place::Dropped(reason) => self.dropped.add(reason, events),
        }
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
        let entries: [fn(&mut Stats); 9] = [
            |s| s.enter(10),
            |s| s.became(2, 5),
            |s| s.refuse(DropReason::QueueFull, 3),
            |s| s.shift(Place::Queued, Place::Exported, 4),
            |s| s.shift(Place::Queued, Place::Spooled, 3),
            |s| s.shift(Place::Spooled, Place::Exported, 1),
            |s| s.shift(Place::Spooled, Place::Dropped(DropReason::SpoolFull), 9),
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
        stats.shift(Place::Queued, Place::Exported, 4);
        stats.drop(DropReason::Undeliverable, 1);
        assert_eq!(
            stats.to_string(),
            "5 events: 4 exported, 1 dropped because the destination could not be reached"
        );
    }
}
