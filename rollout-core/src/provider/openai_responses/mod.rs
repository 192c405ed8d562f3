//! OpenAI's responses.

mod items;
mod request;
mod response;
mod stream;
mod texts;

pub(super) use request::request;
pub(super) use response::{is_final, response};
pub(super) use stream::ResponsesStream;
