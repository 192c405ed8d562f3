//! async-openai 0.43.

use async_openai_0_43 as upstream;

#[path = "adapter/mod.rs"]
mod adapter;

#[cfg(feature = "openai-middleware")]
pub(super) use adapter::error;
pub use adapter::*;
