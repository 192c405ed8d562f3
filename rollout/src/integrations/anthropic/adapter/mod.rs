//! The adapter to claude-api, compiled once for each of its minor versions.
//!
//! It touches `Client`, `Messages`, `EventStream`, `Aggregator` and `Error`, and of the events those
//! that the hooks of a stream are about; requests and responses it only clones and serialises.

pub mod blocking;
mod client;
mod error;
mod hooks;
mod messages;
mod record;
mod stream;
#[cfg(feature = "anthropic-sync")]
pub mod sync;

use super::upstream;

pub use client::Client;
pub use messages::Messages;
pub use stream::EventStream;
