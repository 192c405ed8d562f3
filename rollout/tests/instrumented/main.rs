//! What `#[derive(Instrumented)]` and `#[llm]` record, and what they leave as it was.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail"
)]
#![allow(
    clippy::unused_async,
    clippy::unused_self,
    clippy::unnecessary_wraps,
    clippy::needless_pass_by_value,
    reason = "the clients under test do less than real ones"
)]

#[cfg(feature = "blocking")]
mod blocking;
mod forms;
mod functions;
mod gateway;
#[path = "../functions/harness.rs"]
mod harness;
mod outcomes;
mod streams;
