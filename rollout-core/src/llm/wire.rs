//! For layers that see a call's HTTP exchange: the bytes both ways, the attempts, the headers.
//!
//! A layer joins the call that a wrapped client has opened around it, or opens one itself; a call
//! that both see is one span. A layer inside another one only notes the attempts.

mod exchange;
mod tap;

pub use exchange::{Attempt, Exchange, Role};
pub use tap::{Head, Headers, WireTap};
