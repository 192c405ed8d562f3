//! What an ingest server is told to answer.

use std::time::Duration;

use serde_json::{Value, json};

use super::ledger::Verdict;
use crate::Reply;

/// An answer to a batch.
///
/// ```
/// use std::time::Duration;
/// use rollout_tests::{Reply, ingest::Answer};
///
/// let slow = Answer::store().after(Duration::from_millis(20));
/// let partial = Answer::reject([0, 2], "bad_event").retryable();
/// let busy = Answer::refuse(Reply::status(429).with_header("retry-after", "1"));
/// let odd = Answer::store_but(Reply::text("<html>thanks</html>"));
/// let lost = Answer::store_but(Reply::close());
/// ```
#[derive(Clone, Debug)]
pub struct Answer {
    kind: Kind,
    delay: Duration,
}

#[derive(Clone, Debug)]
enum Kind {
    Store,
    StoreBut(Reply),
    Refuse(Reply),
    Reject {
        places: Vec<usize>,
        code: String,
        retryable: bool,
    },
}

impl Answer {
    /// Stores all events, and says so.
    pub fn store() -> Self {
        Self::new(Kind::Store)
    }

    /// Stores all events, but answers something else, or not at all.
    pub fn store_but(reply: Reply) -> Self {
        Self::new(Kind::StoreBut(reply))
    }

    /// Stores nothing.
    pub fn refuse(reply: Reply) -> Self {
        Self::new(Kind::Refuse(reply))
    }

    /// Stores all events but those at these places, as far as there are so many.
    pub fn reject(places: impl IntoIterator<Item = usize>, code: &str) -> Self {
        Self::new(Kind::Reject {
            places: places.into_iter().collect(),
            code: code.to_owned(),
            retryable: false,
        })
    }

    /// Says that rejected events may be sent again.
    #[must_use]
    pub fn retryable(mut self) -> Self {
        if let Kind::Reject { retryable, .. } = &mut self.kind {
            *retryable = true;
        }
        self
    }

    /// Takes its time.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    fn new(kind: Kind) -> Self {
        Self {
            kind,
            delay: Duration::ZERO,
        }
    }

    /// Returns what goes out for so many events, and what became of each.
    pub(super) fn to(&self, count: usize) -> (Reply, impl Fn(usize) -> Verdict + use<>) {
        let (reply, all, confirmed, rejected) = match &self.kind {
            Kind::Store => (stored(count, &[], "", false), true, true, Vec::new()),
            Kind::StoreBut(reply) => {
                let heard = reply.is_whole() && (200..300).contains(&reply.status);
                (reply.clone(), true, heard, Vec::new())
            }
            Kind::Refuse(reply) => (reply.clone(), false, false, Vec::new()),
            Kind::Reject {
                places,
                code,
                retryable,
            } => {
                let places: Vec<_> = places
                    .iter()
                    .copied()
                    .filter(|place| *place < count)
                    .collect();
                (stored(count, &places, code, *retryable), true, true, places)
            }
        };
        let verdict = move |index| {
            let stored = all && !rejected.contains(&index);
            Verdict {
                stored,
                confirmed: stored && confirmed,
            }
        };
        (
            if self.delay.is_zero() {
                reply
            } else {
                reply.after(self.delay)
            },
            verdict,
        )
    }
}

fn stored(count: usize, rejected: &[usize], code: &str, retryable: bool) -> Reply {
    let errors: Vec<Value> = rejected
        .iter()
        .map(|index| json!({"index": index, "code": code, "message": "the script says so"}))
        .collect();
    Reply::json(json!({
        "accepted": count - rejected.len(),
        "rejected": rejected.len(),
        "retryable": retryable,
        "errors": errors,
    }))
}
