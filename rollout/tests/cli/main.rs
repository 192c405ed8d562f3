//! The program `rollout`, run as people run it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may fail")]

mod checks;
mod docs;
mod found;
mod harness;
mod hostile;
mod recorded;
mod send;
mod tail;
mod terminal;
mod viewer;
