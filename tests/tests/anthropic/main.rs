//! Calls through claude-api over real HTTP, wrapped and not, side by side.

mod blocking;
mod failures;
mod harness;
mod hooks;
mod messages;
mod options;
mod streams;
