//! Provider clients that can be wrapped: a module each, and a cargo feature each.

#[cfg(feature = "anthropic")]
pub mod anthropic;
#[cfg(feature = "openai")]
pub mod openai;
mod provider;

pub use provider::{MissingDependencyError, Provider, UnsupportedIntegrationError};

use rollout_core::Failure;

/// Marks the implementations of [`Instrumented`](crate::Instrumented) that come with rollout.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct BuiltIn;

/// Errors of provider clients, of which more is known than their text.
#[doc(hidden)]
pub trait FailureProvider {
    /// Notes the error.
    fn rollout_failure(&self) -> Failure;
}
