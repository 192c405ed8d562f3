//! async-openai 0.42.

use async_openai_0_42 as upstream;

/// Whether its feature `byot` is on: not by us.
const BYOT: bool = false;

#[allow(clippy::duplicate_mod, reason = "one source for all versions")]
#[path = "adapter/mod.rs"]
mod adapter;

pub use adapter::*;
