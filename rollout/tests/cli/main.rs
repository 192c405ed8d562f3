//! The program `rollout`, run as people run it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may fail")]

mod checks;
mod harness;
mod send;
