use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The attempts at sending one request, noted by whoever sees them: layers inside the one that looks
/// at the exchange as a whole.
#[derive(Debug, Default)]
pub struct Exchange {
    attempts: Mutex<Vec<Attempt>>,
}

/// One try at sending a request.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Attempt {
    /// The status that was answered.
    pub status: Option<u16>,
    /// What went wrong where there was no answer.
    pub error: Option<String>,
    /// How long it took until the head of the answer was there.
    pub duration: Duration,
    /// The provider's id of the request.
    pub request_id: Option<String>,
    /// What the provider said about when to try again.
    pub retry_after: Option<String>,
}

/// The head of an answer. Of its headers hand over none that can hold a secret.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Head {
    /// The status.
    pub status: u16,
    /// The content type.
    pub content_type: Option<String>,
    /// Request ids, rate limits and the like, by their lower-case names.
    pub headers: Vec<(String, String)>,
}

impl Exchange {
    /// Adds an attempt.
    pub fn note(&self, attempt: Attempt) {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner).push(attempt);
    }

    /// Takes the attempts. Where nobody saw them, but that there were `count`, there are as many of
    /// which nothing is known.
    pub(super) fn take(&self, count: usize) -> Vec<Attempt> {
        let mut attempts =
            std::mem::take(&mut *self.attempts.lock().unwrap_or_else(PoisonError::into_inner));
        if attempts.len() < count {
            attempts.resize_with(count, Attempt::default);
        }
        attempts
    }
}

impl Attempt {
    /// Returns an attempt that was answered with this status.
    pub fn answered(status: u16, duration: Duration) -> Self {
        Self { status: Some(status), duration, ..Self::default() }
    }

    /// Returns an attempt that failed.
    pub fn failed(error: &str, duration: Duration) -> Self {
        let error = crate::failure::redact(error).into_owned();
        Self { error: Some(error), duration, ..Self::default() }
    }
}

impl Head {
    /// Returns a head with this status.
    pub fn new(status: u16) -> Self {
        Self { status, ..Self::default() }
    }
}
