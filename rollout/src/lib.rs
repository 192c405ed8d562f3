//! See what your LLM agents really did.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
pub mod integrations;
mod tools;

#[cfg(feature = "anthropic")]
pub use integrations::anthropic;
#[cfg(feature = "openai")]
pub use integrations::openai;
pub use integrations::{MissingDependencyError, Provider, UnsupportedIntegrationError};
pub use rollout_core::*;
pub use rollout_macros::{Instrumented, agent, llm, span, task, tool, trace};
