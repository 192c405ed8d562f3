//! claude-api 0.6.

use claude_api_0_6 as upstream;

#[path = "adapter/mod.rs"]
mod adapter;

pub use adapter::*;
