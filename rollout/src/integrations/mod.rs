//! Provider clients that can be wrapped.

use rollout_core::Failure;

/// Errors of provider clients, of which more is known than their text.
#[doc(hidden)]
pub trait FailureProvider {
    /// Notes the error.
    fn rollout_failure(&self) -> Failure;
}
