use super::{SpanId, TraceId};

/// Where the ids of a client come from.
#[derive(Debug, Default)]
pub(crate) enum Ids {
    /// They are drawn, so that those of all processes differ.
    #[default]
    Random,
    /// They are numbered, so that a recording is the same in each run.
    #[cfg(any(test, feature = "testing"))]
    Numbered(numbered::Numbered),
}

impl Ids {
    /// Returns the id of a trace that is about to begin.
    pub(crate) fn trace(&self) -> TraceId {
        match self {
            Self::Random => TraceId::random(),
            #[cfg(any(test, feature = "testing"))]
            Self::Numbered(numbers) => numbers.trace(),
        }
    }

    /// Returns the id of a span that is about to begin.
    pub(crate) fn span(&self) -> SpanId {
        match self {
            Self::Random => SpanId::random(),
            #[cfg(any(test, feature = "testing"))]
            Self::Numbered(numbers) => numbers.span(),
        }
    }
}

#[cfg(any(test, feature = "testing"))]
mod numbered {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::Ids;
    use crate::id::{EventId, SpanId, TraceId};

    /// Ids that have the seed in their first digits and count up in their last ones.
    #[derive(Debug)]
    pub(crate) struct Numbered {
        seed: u32,
        traces: AtomicU32,
        spans: AtomicU32,
        events: AtomicU32,
    }

    impl Ids {
        pub(crate) fn numbered(seed: u32) -> Self {
            Self::Numbered(Numbered {
                seed,
                traces: AtomicU32::new(0),
                spans: AtomicU32::new(0),
                events: AtomicU32::new(0),
            })
        }

        /// Returns the id of the next event; `None` where it keeps the one that was drawn.
        pub(crate) fn event(&self) -> Option<EventId> {
            match self {
                Self::Random => None,
                Self::Numbered(numbers) => Some(EventId(numbers.uuid(&numbers.events))),
            }
        }
    }

    impl Numbered {
        pub(super) fn trace(&self) -> TraceId {
            TraceId(self.uuid(&self.traces))
        }

        pub(super) fn span(&self) -> SpanId {
            SpanId(u64::from(self.seed) << 32 | u64::from(next(&self.spans)))
        }

        /// Returns a UUID that says of itself to be of version 4, as drawn ones do.
        fn uuid(&self, count: &AtomicU32) -> u128 {
            const MARKS: u128 = 0x4 << 76 | 0b10 << 62;
            u128::from(self.seed) << 96 | MARKS | u128::from(next(count))
        }
    }

    fn next(count: &AtomicU32) -> u32 {
        // Zero names no span.
        count.fetch_add(1, Ordering::Relaxed).wrapping_add(1).max(1)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn numbered_ids_can_be_read_and_are_the_same_each_time() {
            for _ in 0..2 {
                let ids = Ids::numbered(7);
                let first = [ids.trace(), ids.trace()].map(|id| id.to_string());
                assert_eq!(
                    first,
                    [
                        "trace_00000007-0000-4000-8000-000000000001",
                        "trace_00000007-0000-4000-8000-000000000002",
                    ]
                );
                assert_eq!(ids.span().to_string(), "span_0000000700000001");
                let event = ids.event().unwrap().to_string();
                assert_eq!(event, "evt_00000007-0000-4000-8000-000000000001");
            }
        }

        #[test]
        fn drawn_ids_differ_each_time() {
            let ids = Ids::Random;
            assert_ne!(ids.trace(), ids.trace());
            assert_ne!(ids.span(), ids.span());
            assert!(ids.event().is_none());
        }
    }
}
