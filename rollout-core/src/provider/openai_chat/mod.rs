//! OpenAI's chat completions, and the dialects of the many servers that speak them.

mod choice;
mod content;
mod reasoning;
mod request;
mod response;
mod stream;
mod tool_calls;
mod tool_deltas;

pub(super) use request::request;
pub(super) use response::response;
pub(super) use stream::ChatStream;
