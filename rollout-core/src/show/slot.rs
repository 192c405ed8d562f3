//! Facts of which several events tell: which one counts does not depend on the order of the lines.

use crate::clock::Timestamp;

/// How much an event's word counts: the further on in a step's life, the more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    pub(super) stage: Stage,
    pub(super) sequence: u64,
    pub(super) at: Option<Timestamp>,
    /// Decides between events that tell nothing of their order.
    pub(super) tie: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    #[default]
    Beginning,
    Middle,
    /// The end of a stream, just before that of its step.
    Answer,
    End,
}

/// A fact, with the rank of the event that told it.
#[derive(Clone, Debug)]
pub(super) struct Slot<T>(Option<(Rank, T)>);

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Slot<T> {
    /// Notes a fact, unless it is not known or an event of a higher rank told another.
    pub(super) fn set(&mut self, rank: Rank, value: Option<T>) {
        if let Some(value) = value
            && self.is_open_to(rank)
        {
            self.0 = Some((rank, value));
        }
    }

    /// Returns whether an event of this rank would count.
    pub(super) fn is_open_to(&self, rank: Rank) -> bool {
        self.0.as_ref().is_none_or(|(known, _)| *known <= rank)
    }

    pub(super) fn get(&self) -> Option<&T> {
        self.0.as_ref().map(|(_, value)| value)
    }

    /// Takes what the other knows better.
    pub(super) fn merge(&mut self, other: Self) {
        if let Some((rank, value)) = other.0 {
            self.set(rank, Some(value));
        }
    }
}

impl<T: Clone> Slot<T> {
    pub(super) fn cloned(&self) -> Option<T> {
        self.get().cloned()
    }
}
