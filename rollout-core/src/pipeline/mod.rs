//! From the program's threads to the exporters: a bounded queue, and the worker that empties it.

mod accounting;
pub(crate) mod batch;
mod debug;
mod hooks;
pub(crate) mod latch;
pub(crate) mod limits;
mod live;
pub(crate) mod own;
pub(crate) mod queue;
pub(crate) mod redact;
pub(crate) mod sampler;
pub(crate) mod worker;

pub use accounting::{DropReason, Drops, Stats};
pub(crate) use live::{Progress, Sign, ToldStream};
pub use redact::Redaction;
