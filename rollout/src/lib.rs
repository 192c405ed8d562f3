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
//! # Where to look
//!
//! - Clients: [`wrap`] and [`wrap_with`], the modules of [`integrations`], and, for a client of your
//!   own, the derive [`Instrumented`](derive@Instrumented) and the attribute [`macro@llm`].
//! - Functions: [`macro@agent`], [`macro@trace`], [`macro@span`], [`macro@task`], [`macro@tool`]; a
//!   registry of tools: [`wrap_tools`].
//! - By hand: [`trace()`], [`span()`], [`tool()`], [`message`], [`feedback`], [`signal`], [`user`],
//!   [`identify_user`], [`current_trace`], [`current_span`].
//! - Options, destinations, hooks: [`Builder`], [`Exporter`]; what became of everything: [`stats`].
//! - What was recorded: [`show`].
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
//! | `tracing` | [`tracing::layer`]: spans of `tracing` that follow the GenAI conventions, as of rig |
//! | `testing` | [`testing`]: tests of your agents |
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
mod tools;

#[cfg(feature = "anthropic")]
pub use integrations::anthropic;
#[cfg(feature = "openai")]
pub use integrations::openai;
pub use integrations::{MissingDependencyError, Provider, UnsupportedIntegrationError};
pub use rollout_core::*;
pub use rollout_macros::{Instrumented, agent, llm, span, task, tool, trace};
