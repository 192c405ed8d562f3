//! What the examples share. Not published.

#![warn(missing_docs)]

pub mod local_collector;
pub mod local_provider;
