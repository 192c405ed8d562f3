//! See what your LLM agents really did: every prompt, tool call, token, retry and millisecond.
//!
//! Wrap the client of your model's provider, mark where your agent begins, and each run is a tree of
//! what it did: in the folder `.rollout` by default, in the hosted service with an API key.
//!
//! ```no_run
//! # #[cfg(feature = "openai")]
//! # mod example {
//! # use async_openai_0_43 as async_openai;
//! use async_openai::{Client, error::OpenAIError, types::responses::CreateResponseArgs};
//!
//! #[rollout::agent(skip(openai))]
//! async fn answer(openai: &rollout::openai::Client, question: &str) -> Result<String, OpenAIError> {
//!     let request = CreateResponseArgs::default().model("gpt-4.1-mini").input(question).build()?;
//!     let response = openai.responses().create(request).await?; // async-openai's own, unchanged
//!     Ok(response.output_text().unwrap_or_default())
//! }
//!
//! async fn run() -> Result<(), Box<dyn std::error::Error>> {
//!     let _rollout = rollout::init()?;           // delivers what is left when it is dropped
//!     let openai = rollout::wrap(Client::new()); // this object, and nothing else, is recorded
//!     println!("{}", answer(&openai, "Where is my order?").await?);
//!     Ok(())
//! }
//! # }
//! ```
//!
//! # Concepts
//!
//! A **run** is one thing that an agent did: the answer to a question, a job, a turn of a conversation. It
//! is recorded as a **trace**, and what was done in it as **spans** inside of each other, which together
//! are a tree. [`macro@agent`] begins a trace with each call of a function; inside it, each function with
//! [`macro@tool`], [`macro@task`] or [`macro@span`] and each call of a wrapped client is a span.
//!
//! ```
//! #[rollout::tool]
//! fn lookup_order(number: u32) -> Result<&'static str, String> {
//!     match number {
//!         1042 => Ok("in transit"),
//!         _ => Err(format!("there is no order {number}")),
//!     }
//! }
//!
//! #[rollout::agent]
//! fn support(orders: &[u32]) -> Vec<&'static str> {
//!     orders.iter().filter_map(|number| lookup_order(*number).ok()).collect()
//! }
//!
//! let recording = rollout::testing::record();
//! recording.in_scope(|| support(&[1042, 1099]));
//! assert_eq!(recording.to_string(), r#"
//! ✓ support
//! │ in  orders: [1042, 1099]
//! │ out ["in transit"]
//! ├─ ✓ tool lookup_order
//! │    in  number: 1042
//! │    out in transit
//! └─ ✗ tool lookup_order · failed
//!      in  number: 1099
//!      String: there is no order 1099
//! 2 tool calls · 1 error"#.trim_start());
//! ```
//!
//! - A **model call** is a span of type `llm`: who was asked for what and answered what, which tokens it
//!   took, how long, and why it failed. Wrapped clients record it; [`macro@llm`] does for a function.
//! - A **tool** is a span as well, and a call and a result. [`tool_call`] links it to the model's request.
//! - A **message** is something that was said in the conversation that the run is part of: [`message`].
//! - **Feedback** and **signals** are what people thought of the run, said or shown: [`feedback`], [`signal`].
//! - A **user** is on whose behalf it ran, with a session and a conversation: [`user`], [`identify_user`].
//!
//! What is active is a thread's own, and a future's: code that is awaited inside an agent is part of its
//! run by itself. What is handed to another task or thread takes it along, by
//! [`in_current_trace`](Instrument::in_current_trace) or a [`Context`].
//!
//! # Where it goes
//!
//! | set | and runs go |
//! | --- | --- |
//! | nothing | into the folder `.rollout`, readable for its owner alone and ignored by git; [`show`] reads it back |
//! | `ROLLOUT_DIR` | into that folder |
//! | `ROLLOUT_API_KEY` | to the hosted ingest API; with `ROLLOUT_DIR` as well: to both |
//! | `OTEL_EXPORTER_OTLP_ENDPOINT` | to that backend of OpenTelemetry, with the feature `otlp` |
//! | `ROLLOUT_DISABLED=1` | nowhere |
//!
//! [`Builder`] has these and all other options, the hooks through which everything passes before it leaves
//! the process, and takes an [`Exporter`] of one's own. The caller only notes what happened; decoding,
//! redacting, compressing and sending is done on a thread of the client's.
//!
//! # Testing
//!
//! `rollout::testing` (feature `testing`) records what a piece of code does, in memory, and says what it
//! should have done:
//!
//! ```
//! # use serde_json::json;
//! # #[rollout::tool]
//! # fn lookup_order(number: u32) -> &'static str { "in transit" }
//! # #[rollout::agent]
//! # async fn support(question: &str) -> String { lookup_order(1042).to_owned() }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let recording = rollout::testing::record(); // each test its own: they may run in parallel
//! recording.instrument(support("Where is order 1042?")).await;
//!
//! let run = recording.run();
//! run.assert_ok();
//! run.assert_tool_called("lookup_order").with_arguments(json!({"number": 1042})).once();
//! # }
//! ```
//!
//! # Where to look
//!
//! - Clients: [`wrap`] and [`wrap_with`], the modules of [`integrations`], and, for a client of your
//!   own, the derive [`Instrumented`](derive@Instrumented) and the attribute [`macro@llm`].
//! - Functions: [`macro@agent`], [`macro@trace`], [`macro@span`], [`macro@task`], [`macro@tool`]; a
//!   registry of tools: [`wrap_tools`].
//! - By hand: [`trace()`], [`span()`], [`llm()`], [`tool()`], [`message`], [`feedback`], [`signal`],
//!   [`user`], [`identify_user`], [`current_trace`], [`current_span`], [`capture_event`].
//! - Options, destinations, hooks: [`Builder`], [`Exporter`]; what became of everything: [`stats`].
//! - What was recorded: [`show`].
//! - Programs to run: the folder `examples` of the repository, with an index.
//!
//! # Cargo features
//!
//! | feature | what it adds |
//! | --- | --- |
//! | `openai` | [`wrap`] for `async_openai::Client` 0.43; `openai-0_42`, `openai-0_41` for earlier ones |
//! | `openai-middleware` | a tower layer for it, which sees the wire |
//! | `openai-byot` | its methods with types of one's own; turns that on for the whole program |
//! | `anthropic` | [`wrap`] for `claude_api::Client` 0.6; `anthropic-sync` for its blocking client |
//! | `http` | delivery to the ingest API; part of each of the above |
//! | `rustls`, `native-tls` | its TLS; `rustls` is on by default, and adds nothing without `http` |
//! | `blocking` | waiting for asynchronous clients from code that is not; part of each integration |
//! | `cli` | the program `rollout`; nothing for the library |
//! | `tracing` | `rollout::tracing::layer`: spans of `tracing` that follow the GenAI conventions, as of rig |
//! | `opentelemetry` | `rollout::opentelemetry::active_span`: traces that join the spans of OpenTelemetry around them |
//! | `otlp` | delivery to backends of OpenTelemetry over HTTP; `otlp-grpc` over gRPC as well |
//! | `testing` | `rollout::testing`: tests of your agents |
//!
//! # What you can rely on
//!
//! Nothing here panics on the program's threads, waits for the network there, or grows without bound.
//! What is lost is counted. What a provider did not say is not made up. Keys are in no record, no
//! `Debug` and no log.

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
pub mod integrations;
#[cfg(feature = "opentelemetry")]
pub mod opentelemetry;
mod tools;

#[cfg(feature = "anthropic")]
pub use integrations::anthropic;
#[cfg(feature = "openai")]
pub use integrations::openai;
pub use integrations::{MissingDependencyError, Provider, UnsupportedIntegrationError};
pub use rollout_core::*;
// Once more by name, for the compiler to say which feature they are missing.
#[cfg(feature = "testing")]
pub use rollout_core::MemoryExporter;
#[cfg(feature = "testing")]
pub use rollout_core::testing;
#[cfg(feature = "tracing")]
pub use rollout_core::tracing;
#[cfg(feature = "http")]
pub use rollout_core::{Check, CheckReport, check};
pub use rollout_macros::{Instrumented, agent, llm, span, task, tool, trace};
