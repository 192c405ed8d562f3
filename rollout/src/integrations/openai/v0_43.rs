//! async-openai 0.43.

use async_openai_0_43 as upstream;

/// Whether its feature `byot` is on.
const BYOT: bool = cfg!(feature = "openai-byot");

#[allow(clippy::duplicate_mod, reason = "one source for all versions")]
#[path = "adapter/mod.rs"]
mod adapter;

#[cfg(any(feature = "openai-byot", feature = "openai-middleware"))]
pub(super) use adapter::error;
pub use adapter::*;
