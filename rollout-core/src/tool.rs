//! Tools: what a model may have called, by hand and in registries.

mod builder;
mod future;
pub(crate) mod probe;
mod record;
mod registry;
mod scope;

pub use builder::{ToolBuilder, tool};
pub(crate) use future::ToolFuture;
pub use registry::Registry;
pub use scope::{ToolCallScope, tool_call};
