//! Servers and checks for tests across crates. Not published.
//!
//! Start a [`ScriptedProvider`] for the model's side and an [`IngestServer`] for the events, run the
//! program, and look at what it asked for and what it recorded.

#![warn(missing_docs)]

pub mod corpus;
mod folder;
mod http;
pub mod ingest;
pub mod provider;
mod recorder;
/// The README's programs.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}
/// The pages of `docs/`.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../../docs/guarantees.md")]
    mod guarantees {}
    #[doc = include_str!("../../docs/opentelemetry.md")]
    mod opentelemetry {}
    #[doc = include_str!("../../docs/python.md")]
    mod python {}
    #[doc = include_str!("../../docs/testing.md")]
    mod testing {}
}

pub use folder::Folder;
pub use http::{NOBODY, Reply, Request, Server};
pub use ingest::IngestServer;
pub use provider::ScriptedProvider;
pub use recorder::{Call, Recorder};
