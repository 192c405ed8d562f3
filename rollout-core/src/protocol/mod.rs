//! The ingest protocol, schema version 1.0: events, and how records become them.

#[cfg(feature = "otlp")]
mod absorb;
pub(crate) mod encode;
mod event;
mod event_type;
mod json;
mod objects;
pub(crate) mod shape;

#[cfg(feature = "otlp")]
pub(crate) use absorb::weight;
pub use event::Event;
pub use event_type::EventType;
pub use json::Json;
pub use objects::{
    Agent, Context, ErrorInfo, Integration, Links, Message, Model, Outcome, Raw, Tool, UsageInfo,
};

/// The version of the schema that the events follow.
pub const SCHEMA_VERSION: &str = "1.0";
