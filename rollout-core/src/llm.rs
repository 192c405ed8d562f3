//! Calls to a model, as every integration and generated code records them: start, then a response,
//! a stream or an error.

mod call;
mod chunks;
mod format;
mod state;
mod stream;
pub mod wire;

pub use call::{CallOptions, LlmCall};
pub(crate) use chunks::Chunk;
pub(crate) use state::{CallState, Transport};
pub use stream::{LlmStream, StreamTap};
