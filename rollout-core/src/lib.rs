//! Trace context, decoding and delivery for rollout.
//!
//! Depend on this crate to write an integration: a client wrapper, an exporter. Programs depend on
//! `rollout`, which re-exports what they need.
//!
//! One idea carries the design: the caller only notes what happened, the worker works out what it
//! means. On the program's threads there are two clock readings, ids, reference-counted bytes or a
//! clone, and one push a phase; serialising, decoding, redacting and sending happen on a thread of
//! the client's own.

#[cfg(feature = "blocking")]
pub mod blocking;
mod capture;
mod client;
mod clock;
mod config;
mod context;
mod current;
mod diagnostics;
mod export;
mod failure;
mod function;
mod id;
mod instrument;
mod instrumented;
pub mod llm;
mod note;
mod pipeline;
pub mod protocol;
pub mod provider;
mod record;
pub mod show;
mod span;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod tool;
mod trace;
#[cfg(feature = "tracing")]
pub mod tracing;
mod user;

pub use capture::Payload;
pub use client::{
    BuildError, FlushError, Guard, InitError, Rollout, client, flush, shutdown, stats,
};
pub use clock::Timestamp;
pub use config::{Builder, Flush};
pub use context::{Context, ContextGuard, InContext, Instrument};
pub use current::{CurrentSpan, CurrentTrace, current_span, current_trace};
pub use diagnostics::{Diagnostic, Severity};
#[cfg(any(test, feature = "testing"))]
pub use export::MemoryExporter;
pub use export::{Exporter, LocalExporter};
pub use failure::{Failure, Inspector, register_inspector};
pub use id::{EventId, ParseIdError, SpanId, TraceId};
pub use instrument::{Instrumented, Scope, WrapOptions, wrap, wrap_with};
pub use instrumented::{RecordedIterator, RecordedStream};
pub use llm::{CallOptions, LlmCall, LlmStream, StreamTap};
pub use note::{
    FeedbackBuilder, IdentityBuilder, MessageBuilder, capture_event, feedback, identify_user,
    message, signal,
};
pub use pipeline::batch::{Batch, Receipt};
pub use pipeline::{DropReason, Drops, Stats};
pub use provider::WireFormat;
pub use span::{Span, SpanBuilder, span};
pub use tool::{ToolBuilder, ToolCallScope, tool, tool_call};
pub use trace::{Trace, TraceBuilder, trace};
pub use user::{UserScope, user};

/// Makes a client with the options of the environment the program's global one.
///
/// Traces go to the ingest API if `ROLLOUT_API_KEY` is set, else into the folder `.rollout`.
///
/// # Errors
///
/// Fails if there is a global client already, or if the worker's thread can't be started.
pub fn init() -> Result<Guard, InitError> {
    Builder::default().init()
}

/// Returns a builder for a client with other options than those of the environment.
pub fn builder() -> Builder {
    Builder::default()
}

/// What `rollout` builds its own `__private` from. Nothing in here is stable.
#[doc(hidden)]
pub mod __private {
    pub use crate::capture::probe::*;
    pub use crate::failure::probe::*;
    pub use crate::function::*;
    pub use crate::tool::Registry;
    pub use crate::tool::probe::*;
    pub mod instrumented {
        //! What recorded methods of one's own clients expand to calls of.
        pub use crate::instrumented::*;
    }
}
