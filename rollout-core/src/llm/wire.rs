//! For layers that see a call's HTTP exchange: the bytes both ways, the attempts, the headers.
//!
//! A layer joins the call that a wrapped client has opened around it, or opens one itself; a call
//! that both see is one span. A layer inside another one only notes the attempts.
//!
//! ```
//! use bytes::Bytes;
//! use rollout_core::llm::wire::{Exchange, Head, Role};
//! use rollout_core::{CallOptions, Scope, WireFormat};
//!
//! # let request = Bytes::from_static(br#"{"model": "gpt-4.1-mini", "messages": []}"#);
//! # let send = |_: &Bytes| (200, vec![Bytes::from_static(br#"{"choices": []}"#)]);
//! if let Role::Outer(exchange) = Exchange::begin(&Scope::default()) {
//!     // For requests to addresses that are those of models:
//!     exchange.note_built(|| Some((CallOptions::new(WireFormat::OpenAiChat), request.clone())));
//!     let (status, body) = send(&request);
//!     if let Some(tap) = exchange.take_tap() {
//!         tap.head(Head::new(status));
//!         for frame in body {
//!             tap.frame(frame); // by reference count
//!         }
//!         tap.finish();
//!     }
//! }
//! ```

mod exchange;
mod tap;

pub use exchange::{Attempt, Exchange, Role};
pub use tap::{Head, Headers, WireTap};
