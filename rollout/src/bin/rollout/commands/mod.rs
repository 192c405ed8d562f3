//! The commands, a file each.

pub(crate) mod check;
pub(crate) mod doctor;
pub(crate) mod export;
mod filter;
mod full;
pub(crate) mod grep;
mod json;
pub(crate) mod list;
pub(crate) mod send;
pub(crate) mod shell;
pub(crate) mod show;
pub(crate) mod stats;
pub(crate) mod tail;
