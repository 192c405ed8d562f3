//! OpenAI, and the many servers that speak its protocol, through the crate `async-openai`.
//!
//! ```no_run
//! use async_openai_0_43 as async_openai;
//! use async_openai::types::responses::CreateResponseArgs;
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let openai = rollout::wrap(async_openai::Client::new());
//! let request = CreateResponseArgs::default().model("gpt-4.1-mini").input("Hello!").build()?;
//! let response = openai.responses().create(request).await?;   // recorded, and unchanged
//! # Ok(())
//! # }
//! ```
//!
//! A gateway such as OpenRouter is the same client with another base URL; name it with
//! [`WrapOptions::provider`](crate::WrapOptions::provider).
//!
//! # Two ways to see a call
//!
//! - [`wrap`](crate::wrap) gives the client a new type, [`Client`], whose `chat()` and `responses()`
//!   are recorded. It works on every client as it is, and sees what the client's types have room for.
#![cfg_attr(
    feature = "openai-middleware",
    doc = "- [`TraceLayer`], a tower layer below the client, which keeps its own type. It sees the wire: \
           fields that the types have no room for (a gateway's `cost`, `reasoning_content`), each \
           attempt, the request's id, the rate limits."
)]
#![cfg_attr(
    not(feature = "openai-middleware"),
    doc = "- `TraceLayer`, with the cargo feature `openai-middleware`: a tower layer below the client."
)]
//!
//! A call that both see is one span.
//!
//! # Versions
//!
//! async-openai publishes a breaking release nearly each month. The adapter is one source for all of
//! them; the cargo feature `openai` is the newest, 0.43. `openai-0_42` and `openai-0_41` wrap the
//! clients of those as well, through the same [`wrap`](crate::wrap) and in the same program.

#[cfg(feature = "openai-byot")]
mod byot;
#[cfg(feature = "openai-middleware")]
mod layer;
#[cfg(feature = "openai-0_41")]
pub mod v0_41;
#[cfg(feature = "openai-0_42")]
pub mod v0_42;
mod v0_43;

#[cfg(feature = "openai-middleware")]
pub use layer::{TraceFuture, TraceLayer, TraceService, client, client_with};
pub use v0_43::*;

use crate::integrations::BuiltIn;
use crate::{Instrumented, WrapOptions};

/// Wraps an OpenAI client with options. The same as [`wrap_with`](crate::wrap_with), by name.
///
/// ```
/// use rollout::{WrapOptions, integrations::openai::wrap_openai};
/// use async_openai_0_43::{Client, config::OpenAIConfig};
///
/// let config = OpenAIConfig::new().with_api_base("https://openrouter.ai/api/v1").with_api_key("…");
/// let openrouter = wrap_openai(
///     Client::with_config(config),
///     WrapOptions::new().provider("openrouter").capture_output(false),
/// );
/// ```
pub fn wrap_openai<C: OpenAiClient>(client: C, options: WrapOptions) -> C::Wrapped {
    crate::wrap_with(client, options)
}

/// Clients of async-openai, wrapped or not.
pub trait OpenAiClient: Instrumented<BuiltIn> {}
