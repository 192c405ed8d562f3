//! Anthropic, through the crate `claude-api`.
//!
//! ```no_run
//! use claude_api_0_6 as claude_api;
//! use claude_api::{Client, messages::CreateMessageRequest, types::ModelId};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let claude = rollout::wrap(Client::new(std::env::var("ANTHROPIC_API_KEY")?));
//! let request = CreateMessageRequest::builder()
//!     .model(ModelId::SONNET_4_6)
//!     .max_tokens(256)
//!     .user("Hello!")
//!     .build()?;
//! let message = claude.messages().create(request).await?;   // recorded, and unchanged
//! # Ok(())
//! # }
//! ```
//!
//! [`Client::blocking`] is the same for code that is not asynchronous.
#![cfg_attr(
    feature = "anthropic-sync",
    doc = "claude-api's own blocking client can be wrapped as well: see [`sync`]."
)]
#![cfg_attr(
    not(feature = "anthropic-sync"),
    doc = "claude-api's own blocking client can be wrapped as well, with the cargo feature `anthropic-sync`."
)]
//!
//! # What is recorded
//!
//! What claude-api's types hold: it keeps nearly all that it does not know (blocks, events, counts of
//! tokens), so nearly all of the wire is there. What is not:
//!
//! - a `stop_reason` or a type of error that it does not know, which becomes `other`, and fields of
//!   known blocks that it has no room for;
//! - a stream's `message_delta` without `input_tokens`, as Bedrock and some relays send it: claude-api
//!   takes it for a mistake, and so the caller gets an error there. The stream goes on, the call is
//!   recorded as failed, and its stop reason and count of output tokens remain unknown;
//! - the body of a response that could not be read;
//! - the attempts of a call that was retried, and the request's id of one that went well.
//!
//! # What is not recorded
//!
//! claude-api's `Conversation` and agent loop take a `&claude_api::Client` and call it themselves, so
//! nothing sees their calls; wrap the function around them with `#[rollout::agent]`, or run the loop
//! over `messages()`. Batches answer long after they were asked.

mod v0_6;

pub use v0_6::*;

use crate::integrations::BuiltIn;
use crate::{Instrumented, WrapOptions};

/// Wraps an Anthropic client with options. The same as [`wrap_with`](crate::wrap_with), by name.
///
/// ```
/// use rollout::{WrapOptions, integrations::anthropic::wrap_anthropic};
///
/// let client = claude_api_0_6::Client::new("…");
/// let claude = wrap_anthropic(client, WrapOptions::new().capture_output(false));
/// ```
pub fn wrap_anthropic<C: AnthropicClient>(client: C, options: WrapOptions) -> C::Wrapped {
    crate::wrap_with(client, options)
}

/// Clients of claude-api, wrapped or not.
pub trait AnthropicClient: Instrumented<BuiltIn> {}
