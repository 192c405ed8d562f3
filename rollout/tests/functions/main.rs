//! What the attributes on functions record, and what they leave as it was.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may fail")]

mod attributes;
mod by_hand;
mod forms;
mod harness;
mod options;
mod outcomes;
mod registry;
mod streams;
