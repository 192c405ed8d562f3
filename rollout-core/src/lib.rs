//! Trace context, decoding and delivery for rollout.
//!
//! Depend on this crate to write an integration: a client wrapper, an exporter. Programs depend on
//! `rollout`, which re-exports what they need.

pub mod provider;
