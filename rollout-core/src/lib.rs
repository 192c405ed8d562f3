//! Trace context, decoding and delivery for rollout.
//!
//! Depend on this crate to write an integration: a client wrapper, an exporter, something that reads what
//! was recorded. Programs depend on `rollout`, which re-exports all of it and adds the attributes.
//!
//! One idea carries the design: the caller only notes what happened, the worker works out what it
//! means. On the program's threads there are two clock readings, ids, reference-counted bytes or a
//! clone, and one push a phase; serialising, decoding, redacting and sending happen on a thread of
//! the client's own.
//!
//! # To wrap a client
//!
//! The provider's JSON is the interface. An [`LlmCall`] is told the format ([`WireFormat`]), the request
//! and the answer, or each chunk of a stream, as anything that serialises to it; what they say of models,
//! messages, tools and tokens is decoded on the worker. [`Instrumented`] makes a client known to
//! `rollout::wrap`, and its documentation has a whole wrapper.
//!
//! ```
//! use rollout_core::testing::record;
//! use rollout_core::{CallOptions, LlmCall, Payload, Scope, WireFormat};
//! use serde_json::json;
//!
//! let recording = record();
//! recording.in_scope(|| {
//!     let request = json!({"model": "qwen3-4b", "messages": [{"role": "user", "content": "Hi"}]});
//!     let options = CallOptions::new(WireFormat::OpenAiChat).provider("llama.cpp");
//!     let call = LlmCall::start(&Scope::default(), options, || Payload::defer(request));
//!     let answer = json!({
//!         "model": "qwen3-4b",
//!         "choices": [{"message": {"role": "assistant", "content": "Hello!"}, "finish_reason": "stop"}],
//!         "usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12},
//!     });
//!     call.respond(|| Payload::defer(answer));
//! });
//! let call = recording.run().llm_call();
//! assert_eq!(call.provider.as_deref(), Some("llama.cpp"));
//! assert_eq!(call.usage.output_tokens, Some(3));
//! ```
//!
//! # To send what was recorded elsewhere
//!
//! An [`Exporter`] takes batches of [events](protocol::Event), already redacted and within the limits,
//! on the worker, and says on a [`Receipt`] what became of them. Retries are its own business; what is
//! lost is counted in [`Stats`] either way.
//!
//! # To read it back
//!
//! [`show`] makes runs of events, whoever recorded them: of a folder, or of anything that holds
//! their JSON.
//!
//! # What else is here
//!
//! - [`Builder`], [`Rollout`], [`init`]: a client and its options.
//! - [`trace`], [`span`], [`tool`], [`message`], [`feedback`], [`signal`], [`user`]: what programs tell.
//! - [`Context`], [`Instrument`]: what is active, and how it is carried into tasks and threads.
//! - [`provider`]: decoders of the providers' JSON. [`protocol`]: the events of the ingest API.
//! - `testing` (feature `testing`): recordings in memory, and assertions on them.
//!
//! # Features
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `http` | delivery to the ingest API; `rustls`, `native-tls`: its TLS |
//! | `blocking` | waiting for asynchronous clients from code that is not |
//! | `testing` | the module `testing`, a clock that steps, ids that count |

#[cfg(feature = "blocking")]
pub mod blocking;
mod capture;
#[cfg(feature = "http")]
mod check;
mod client;
mod clock;
mod config;
mod context;
mod current;
mod diagnostics;
mod export;
mod failure;
mod function;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod id;
mod instrument;
mod instrumented;
pub mod llm;
mod note;
mod noted;
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
#[cfg(feature = "http")]
pub use check::{Check, CheckReport, RejectedEvent, check};
pub use client::{
    BuildError, FlushError, Guard, InitError, Rollout, client, flush, shutdown, stats,
};
pub use clock::Timestamp;
pub use config::{Builder, Flush};
#[cfg(feature = "otlp")]
pub use config::{Otlp, OtlpProtocol, ParseProtocolError};
pub use context::{Context, ContextGuard, InContext, Instrument};
pub use current::{CurrentSpan, CurrentTrace, current_span, current_trace};
pub use diagnostics::{Diagnostic, Severity};
#[cfg(any(test, feature = "testing"))]
pub use export::MemoryExporter;
pub use export::{Exporter, LocalExporter};
#[cfg(feature = "otlp")]
pub use export::{OtlpProfile, OtlpTraces, OtlpTranslator, ParseProfileError};
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
pub use pipeline::{DropReason, Drops, Redaction, Stats};
pub use provider::{Usage, WireFormat, usage_from_anthropic, usage_from_openai};
pub use span::{LlmSpanBuilder, Span, SpanBuilder, llm, span};
pub use tool::{ToolBuilder, ToolCallScope, tool, tool_call};
pub use trace::{Trace, TraceBuilder, trace};
pub use user::{UserScope, user};

/// Makes a client with the options of the environment the program's global one.
///
/// Traces go to the ingest API if `ROLLOUT_API_KEY` is set, else into the folder `.rollout`.
///
/// ```no_run
/// # use rollout_core as rollout;
/// fn main() -> Result<(), rollout::InitError> {
///     let _rollout = rollout::init()?; // delivers what is left when it is dropped
///     // … the program …
///     Ok(())
/// }
/// ```
///
/// # Errors
///
/// Fails if there is a global client already, or if the worker's thread can't be started.
pub fn init() -> Result<Guard, InitError> {
    Builder::default().init()
}

/// Returns a builder for a client with other options than those of the environment.
///
/// ```
/// # use rollout_core as rollout;
/// let recording = rollout::builder()
///     .agent_name("support")
///     .environment("staging")
///     .local_dir(std::env::temp_dir().join("rollout-doc"))
///     .init()?;
/// rollout::trace("warm up").start().end();
/// let stats = recording.client().shutdown();
/// assert_eq!((stats.created, stats.exported), (2, 2));
/// # Ok::<(), rollout::InitError>(())
/// ```
pub fn builder() -> Builder {
    Builder::default()
}

/// What `rollout` builds its own `__private` from. Nothing in here is stable.
#[doc(hidden)]
pub mod __private {
    pub use crate::capture::probe::*;
    #[cfg(feature = "http")]
    pub use crate::export::http::{Post, Posted};
    pub use crate::failure::probe::*;
    pub use crate::function::*;
    pub use crate::tool::Registry;
    pub use crate::tool::probe::*;
    pub mod instrumented {
        //! What recorded methods of one's own clients expand to calls of.
        pub use crate::instrumented::*;
    }
}
