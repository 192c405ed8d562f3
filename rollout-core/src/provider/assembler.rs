//! Streams, whatever their format.

use serde_json::Value;

use super::anthropic_messages::MessageStream;
use super::openai_chat::ChatStream;
use super::openai_responses::ResponsesStream;
use super::sse::SseEvent;
use super::{CallError, Delta, ResponseFacts, WireFormat, json};

/// Rebuilds, event by event, the response that the provider would have sent had it not streamed.
///
/// What it keeps is bounded (8 MiB or so); of what goes beyond, the attribute `rollout.truncated`
/// tells.
#[derive(Debug)]
pub struct Assembler {
    stream: Stream,
    /// An error event whose data was no JSON.
    error: Option<CallError>,
}

#[derive(Debug)]
enum Stream {
    Chat(ChatStream),
    Responses(ResponsesStream),
    Messages(MessageStream),
}

/// Calls a method of whichever stream it is.
macro_rules! each {
    ($stream:expr, $name:ident => $call:expr) => {
        match $stream {
            Stream::Chat($name) => $call,
            Stream::Responses($name) => $call,
            Stream::Messages($name) => $call,
        }
    };
}

impl Assembler {
    pub(super) fn new(format: WireFormat) -> Self {
        let stream = match format {
            WireFormat::OpenAiChat => Stream::Chat(ChatStream::default()),
            WireFormat::OpenAiResponses => Stream::Responses(ResponsesStream::default()),
            WireFormat::AnthropicMessages => Stream::Messages(MessageStream::default()),
        };
        Self {
            stream,
            error: None,
        }
    }

    /// Takes the next event of the stream and says what kind of content it brought.
    ///
    /// `name` is the `event:` line of the SSE event where the tap sees it.
    pub fn push(&mut self, name: Option<&str>, data: &Value) -> Delta {
        each!(&mut self.stream, stream => stream.push(name, data))
    }

    /// Takes the next event as it was on the wire, which may be `[DONE]` or no JSON at all.
    pub fn push_event(&mut self, event: &SseEvent) -> Delta {
        if event.is_done_marker() {
            each!(&mut self.stream, stream => stream.done());
            return Delta::default();
        }
        let name = event.event.as_deref();
        match json::parse(event.data.as_bytes()) {
            Some(data) => self.push(name, &data),
            None if name == Some("error") => {
                let error = CallError {
                    mid_stream: true,
                    ..CallError::of_text(None, &event.data)
                };
                self.error.get_or_insert(error);
                Delta {
                    error: true,
                    ..Delta::default()
                }
            }
            None => Delta::default(),
        }
    }

    /// Returns whether what came says that it is whole: all choices have ended, or the terminal
    /// event has come.
    pub fn is_complete(&self) -> bool {
        each!(&self.stream, stream => stream.is_complete())
    }

    /// Returns the response as if it had not been streamed, and the facts in it.
    ///
    /// May be called at any moment: a stream that broke off yields what it brought until then. The
    /// status of an error is left to who knows it.
    pub fn finish(self) -> (Value, ResponseFacts) {
        let (response, mut facts) = each!(self.stream, stream => stream.finish());
        facts.error = facts.error.or(self.error);
        (response, facts)
    }
}
