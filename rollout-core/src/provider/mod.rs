//! What a provider's JSON says: requests, responses and streams decoded into facts.
//!
//! The providers' JSON is the stable interface, so decoding is written once, here, and every client
//! crate is a thin tap that hands over bytes. Decoders are lenient: what is missing stays unknown,
//! what is unexpected is kept raw, nothing panics, and zero is never taken for "unknown".
//!
//! Each format has a folder of the same shape: `request`, `response`, and `stream`, which rebuilds
//! from events what `response` then reads, so that a call says the same whether it streams or not.

mod anthropic_messages;
#[cfg(test)]
mod arbitrary;
mod assembler;
mod body;
mod budget;
mod error;
mod facts;
pub(crate) mod json;
mod openai_chat;
mod openai_responses;
mod partial;
#[cfg(test)]
mod properties;
mod request;
pub mod sse;
mod usage;

pub use assembler::Assembler;
pub use facts::{
    CallError, Delta, RequestFacts, ResponseFacts, ServerToolCall, ToolCall, ToolCallKind, Usage,
};
pub use usage::{usage_from_anthropic, usage_from_openai};

use serde_json::Value;

/// A provider API whose JSON we understand.
///
/// ```
/// use rollout_core::WireFormat;
/// use serde_json::json;
///
/// let body = json!({
///     "id": "chatcmpl-1", "model": "gpt-4.1-mini-2025-04-14",
///     "choices": [{"index": 0, "message": {"content": "In transit."}, "finish_reason": "stop"}],
///     "usage": {"prompt_tokens": 43, "completion_tokens": 3},
/// });
/// let facts = WireFormat::OpenAiChat.response(Some(200), &body);
/// assert_eq!(facts.texts, [Some("In transit.".to_owned())]);
/// assert_eq!(facts.usage.and_then(|usage| usage.input_tokens), Some(43));
/// ```
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
        match self {
            Self::OpenAiChat => openai_chat::request(body),
            Self::OpenAiResponses => openai_responses::request(body),
            Self::AnthropicMessages => anthropic_messages::request(body),
        }
    }

    /// Returns what a complete JSON body answers: a result, or an error, whatever the status says.
    ///
    /// `status` is the HTTP status where it is known.
    pub fn response(self, status: Option<u16>, body: &Value) -> ResponseFacts {
        let error = CallError::of(status, body);
        if status.is_some_and(|status| status >= 400) {
            // What looks like a result in there, such as an id, belongs to the error.
            return ResponseFacts {
                error,
                ..ResponseFacts::default()
            };
        }
        let mut facts = match self {
            Self::OpenAiChat => openai_chat::response(body),
            Self::OpenAiResponses => openai_responses::response(body),
            Self::AnthropicMessages => anthropic_messages::response(body),
        };
        facts.error = error.or_else(|| {
            let within = facts.error.take()?;
            Some(CallError { status, ..within })
        });
        // A background response may still be under way.
        let is_final = facts
            .status
            .as_deref()
            .is_none_or(openai_responses::is_final);
        facts.complete = facts.error.is_none() && is_final;
        facts
    }

    /// Returns what a body says that a client could not read as a result, while its status is not
    /// known: with no result in it, it is the error itself, whatever its dialect.
    pub(crate) fn unreadable(self, body: &Value) -> ResponseFacts {
        let facts = self.response(None, body);
        let says_something = facts.error.is_some()
            || facts.id.is_some()
            || facts.usage.is_some()
            || !facts.finish_reasons.is_empty()
            || !facts.item_types.is_empty();
        if says_something || !body.is_object() {
            return facts;
        }
        ResponseFacts {
            error: Some(CallError::described(body)),
            ..ResponseFacts::default()
        }
    }

    /// Returns what a complete body of whatever kind answers: as JSON, and the facts in it.
    ///
    /// The body may be JSON, a stream (whatever the content type says), a proxy's page or empty. A
    /// stream becomes the response it would have been had it not been streamed; a body that is no
    /// JSON becomes a string, which is also the error's message.
    pub fn decode(
        self,
        status: Option<u16>,
        content_type: Option<&str>,
        body: &[u8],
    ) -> (Value, ResponseFacts) {
        body::decode(self, status, content_type, body)
    }

    /// Returns an assembler that rebuilds the response of a stream of this format.
    pub fn assembler(self) -> Assembler {
        Assembler::new(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_nobody_could_read_is_an_error_unless_there_is_a_result_in_it() {
        let format = WireFormat::OpenAiChat;
        let refused = format.unreadable(&json!({"detail": "Invalid API Key"}));
        let error = refused.error.unwrap();
        assert_eq!(error.message.as_deref(), Some("Invalid API Key"));
        assert_eq!(error.status, None);
        assert!(!refused.complete);

        let answer = json!({"choices": [{"index": 0, "message": {"content": "a"}, "finish_reason": "stop"}]});
        let facts = format.unreadable(&answer);
        assert_eq!((facts.error, facts.texts), (None, vec![Some("a".into())]));
        assert_eq!(
            format.unreadable(&json!([])),
            format.response(None, &json!([]))
        );
    }
}
