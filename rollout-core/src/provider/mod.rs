//! What a provider's JSON says: requests, responses and streams decoded into facts.
//!
//! The providers' JSON is the stable interface, so decoding is written once, here, and every client
//! crate is a thin tap that hands over bytes. Decoders are lenient: what is missing stays unknown,
//! what is unexpected is kept raw, nothing panics, and zero is never taken for "unknown".

mod facts;

pub use facts::{
    CallError, Delta, RequestFacts, ResponseFacts, ServerToolCall, ToolCall, ToolCallKind, Usage,
};

use serde_json::Value;

/// A provider API whose JSON we understand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WireFormat {
    /// OpenAI's chat completions, and the many servers that speak them.
    OpenAiChat,
    /// OpenAI's responses.
    OpenAiResponses,
    /// Anthropic's messages.
    AnthropicMessages,
}

impl WireFormat {
    /// Returns what a request's JSON body asks for.
    pub fn request(self, body: &Value) -> RequestFacts {
        let _ = body;
        RequestFacts::default()
    }

    /// Returns what a complete JSON body answers: a result, or an error, whatever the status says.
    ///
    /// `status` is the HTTP status where it is known.
    pub fn response(self, status: Option<u16>, body: &Value) -> ResponseFacts {
        let _ = (status, body);
        ResponseFacts::default()
    }

    /// Returns an assembler that rebuilds the response of a stream of this format.
    pub fn assembler(self) -> Assembler {
        Assembler {}
    }
}

/// Rebuilds, event by event, the response that the provider would have sent had it not streamed.
#[derive(Debug)]
pub struct Assembler {}

impl Assembler {
    /// Takes the next event of the stream and says what kind of content it brought.
    ///
    /// `name` is the `event:` line of the SSE event where the tap sees it.
    pub fn push(&mut self, name: Option<&str>, data: &Value) -> Delta {
        let _ = (name, data);
        Delta::default()
    }

    /// Returns the response as if it had not been streamed, and the facts in it.
    ///
    /// May be called at any moment: a stream that broke off yields what it brought until then.
    pub fn finish(self) -> (Value, ResponseFacts) {
        (Value::Null, ResponseFacts::default())
    }
}
