//! Capture: values of the program become JSON, at the lowest cost to the thread that has them.

mod payload;
pub(crate) mod probe;
mod size;
pub(crate) mod text;
mod writer;

pub use payload::Payload;
pub(crate) use writer::split_at_most;
