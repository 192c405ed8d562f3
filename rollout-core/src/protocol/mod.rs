//! The ingest protocol, schema version 1.0: events, and how records become them.
//!
//! Hooks see and change [`Event`]s, exporters are given them, and a program can make its own. What belongs
//! together is an object of its own, and what nobody knows is `None`:
//!
//! ```
//! use rollout_core::protocol::{Event, EventType};
//!
//! let mut event = Event::now(EventType::LlmResponse);
//! event.model.provider = Some("openai".into());
//! event.model.model = Some("gpt-4.1-mini".into());
//! event.usage.input_tokens = Some(43);
//! event.raw.output = Some("In transit.".to_owned().into());
//! let json = serde_json::to_value(&event)?;
//! assert_eq!(json["usage"]["input_tokens"], 43);
//! assert_eq!(json["raw"]["output"], "In transit.");
//! assert!(json.get("error").is_none(), "objects of which nothing is known are left out");
//! # Ok::<(), serde_json::Error>(())
//! ```

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
