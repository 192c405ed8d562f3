//! An LLM provider on this machine, so that the examples run without an account.
//!
//! It speaks the HTTP APIs of OpenAI and Anthropic, streamed and not, with every field that they send,
//! so real clients talk to it. What it says is scripted: it plays the support desk of a shop. Asked about an order it
//! calls the tool that it was given, and answers with what the tool found.
//!
//! | file | what is in it |
//! | --- | --- |
//! | `server.rs` | HTTP, and the pace at which a model writes |
//! | `desk.rs` | who answers: routes, errors, memory |
//! | `conversation.rs` | what was said so far, and what is said next |
//! | `script.rs` | what the model says |
//! | `chat.rs` | the chat completions API: reading a request, writing an answer |
//! | `responses.rs`, `responses_stream.rs` | the same for the responses API |
//! | `messages.rs` | the same for Anthropic's messages API |
//! | `usage.rs`, `tokens.rs` | what it costs; counting and cutting text |

pub mod chat;
pub mod conversation;
mod desk;
pub mod messages;
pub mod responses;
pub mod responses_stream;
pub mod script;
mod server;
mod tokens;
pub mod usage;

#[cfg(test)]
mod tests;

pub use server::LocalProvider;

/// What tells one answer from another.
#[derive(Clone, Debug)]
pub struct Stamp {
    /// What is particular in its ids.
    pub id: String,
    /// When it was made, in seconds since 1970.
    pub created: u64,
}
