//! async-openai 0.41.

use async_openai_0_41 as upstream;

/// Whether its feature `byot` is on: not by us.
const BYOT: bool = false;

#[allow(clippy::duplicate_mod, reason = "one source for all versions")]
#[path = "adapter/mod.rs"]
mod adapter;

pub use adapter::*;
