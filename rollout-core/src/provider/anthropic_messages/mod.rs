//! Anthropic's messages.

mod block;
mod request;
mod response;
mod stream;

pub(super) use request::request;
pub(super) use response::response;
pub(super) use stream::MessageStream;
