//! Tests of one's agents: record a piece of code, and say what it should have done.
//!
//! ```
//! # use rollout_core as rollout;
//! use serde_json::json;
//!
//! fn answer(question: &str) -> String {
//!     let trace = rollout::trace("support").input(question).start();
//!     let mut call = trace.tool("lookup_order").input(&json!({"number": 1042})).start();
//!     call.record_output("in transit");
//!     "It is on its way.".to_owned()
//! }
//!
//! let recording = rollout::testing::record();
//! recording.in_scope(|| answer("Where is order 1042?"));
//!
//! let run = recording.run();
//! run.assert_ok();
//! run.assert_tool_called("lookup_order")
//!     .with_arguments(json!({"number": 1042}))
//!     .once();
//! ```
//!
//! An assertion that fails says what it looked for, and shows the run as a tree.
//!
//! A [`Recording`] is a client with everything in memory. It is active where it is told to be: in
//! [`in_scope`](Recording::in_scope), in futures that were given to
//! [`instrument`](Recording::instrument), and in what those carry on to other tasks and threads.
//! Nothing is global, so tests may run side by side. Nothing is read from the environment, times and ids
//! are the same in each run, and so are the trees, which are made to be compared with.

#![expect(clippy::panic, reason = "assertions are there to panic")]

mod calls;
mod recording;
mod run;
mod search;
mod staging;
#[cfg(test)]
mod tests;
mod values;

pub use calls::ToolCalls;
pub use recording::{Recording, record, record_with};
pub use run::{RecordedRun, RecordedSpan};
pub(crate) use staging::Staging;

pub use crate::export::MemoryExporter;
