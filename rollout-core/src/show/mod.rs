//! Recorded runs, read back and shown as a tree.
//!
//! ```no_run
//! # use rollout_core as rollout;
//! if let Some(run) = rollout::show::latest(".rollout")? {
//!     println!("{run}");
//! }
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! What is read may be unfinished, out of order, from several processes, or of a version to come: what
//! is not known is not shown, and nothing fails but reading the folder itself.

mod assemble;
mod conversation;
mod details;
mod draft;
mod folder;
mod forest;
mod glyph;
mod line;
mod model;
mod moment;
mod preview;
mod slot;
#[cfg(test)]
mod tests;
mod totals;
mod tree;
pub mod words;

pub use assemble::{Assembly, runs};
pub use folder::{find, goes_on, latest, load};
pub use glyph::harmless;
#[cfg(feature = "http")]
pub(crate) use line::Line;
pub use model::{
    Attempt, Origin, Preview, RecordedError, Run, Status, Step, StepKind, ToolRequest, Usage,
};
pub use totals::Totals;
pub use tree::Tree;
