//! The adapter to async-openai, compiled once for each of its minor versions.
//!
//! It touches `Client`, `Chat`, `Responses`, `RequestOptionsBuilder` and `OpenAIError`, whose shape
//! lasts; requests and responses it only clones and serialises.

pub mod blocking;
mod chat;
mod client;
pub(in crate::integrations::openai) mod error;
mod record;
mod responses;

use super::{BYOT, upstream};

pub use chat::Chat;
pub use client::Client;
pub use responses::Responses;
