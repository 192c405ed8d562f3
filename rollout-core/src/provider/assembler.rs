//! Streams, whatever their format.

use serde_json::{Map, Value};

use super::anthropic_messages::MessageStream;
use super::openai_chat::ChatStream;
use super::openai_responses::ResponsesStream;
use super::sse::SseEvent;
use super::{CallError, Delta, ResponseFacts, WireFormat, json};

/// Rebuilds, event by event, the response that the provider would have sent had it not streamed.
///
/// What it keeps is bounded (8 MiB or so); of what goes beyond, the attribute `rollout.truncated`
/// tells.
///
/// ```
/// use rollout_core::WireFormat;
/// use serde_json::json;
///
/// let mut assembler = WireFormat::OpenAiChat.assembler();
/// for text in ["In ", "transit."] {
///     let delta = assembler.push(None, &json!({"choices": [{"index": 0, "delta": {"content": text}}]}));
///     assert!(delta.has_content());
/// }
/// assembler.push(None, &json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}));
/// let (response, facts) = assembler.finish();
/// assert_eq!(response["choices"][0]["message"]["content"], "In transit.");
/// assert_eq!(facts.texts, [Some("In transit.".to_owned())]);
/// ```
#[derive(Debug)]
pub struct Assembler {
    stream: Stream,
    /// The first error that came in the middle, and how it was put.
    error: Option<(CallError, Value)>,
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
        if let Some(error) = self.error(name, data) {
            return error;
        }
        match &mut self.stream {
            Stream::Chat(stream) => stream.push(data),
            Stream::Responses(stream) => stream.push(name, data),
            Stream::Messages(stream) => stream.push(name, data),
        }
    }

    /// Takes the next event as it was on the wire, which may be `[DONE]` or no JSON at all.
    pub fn push_event(&mut self, event: &SseEvent) -> Delta {
        if event.is_done_marker() {
            each!(&mut self.stream, stream => stream.done());
            return Delta::default();
        }
        match json::parse(event.data.as_bytes()) {
            Some(data) => self.push(event.event.as_deref(), &data),
            // Only of an error does a text say something; others are events that broke off.
            None => self
                .error(event.event.as_deref(), &event.data.as_str().into())
                .unwrap_or_default(),
        }
    }

    /// Takes an event if it is an error.
    fn error(&mut self, name: Option<&str>, data: &Value) -> Option<Delta> {
        let error = CallError::of_event(name, data)?;
        self.error
            .get_or_insert_with(|| (error, data.get("error").unwrap_or(data).clone()));
        Some(Delta {
            error: true,
            ..Delta::default()
        })
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
        let (mut response, mut facts) = each!(self.stream, stream => stream.finish());
        if let Some((error, stated)) = self.error {
            facts.error = Some(error);
            if response.is_null() {
                response = Value::Object(Map::new());
            }
            if let Value::Object(response) = &mut response {
                response.insert("error".to_owned(), stated);
            }
        }
        (response, facts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn failed(format: WireFormat, begin: &Value, error: &Value) -> (Value, ResponseFacts) {
        let mut assembler = format.assembler();
        assembler.push(None, begin);
        assert!(assembler.push(None, error).error);
        assert!(
            assembler
                .push(None, &json!({"error": "a second one"}))
                .error
        );
        assembler.finish()
    }

    #[test]
    fn an_error_in_the_middle_keeps_what_came_before() {
        let error = json!({"error": {"type": "overloaded_error", "message": "m", "code": 529}});
        for (format, begin) in [
            (
                WireFormat::OpenAiChat,
                json!({"choices": [{"index": 0, "delta": {"content": "a"}}]}),
            ),
            (
                WireFormat::OpenAiResponses,
                json!({"type": "response.output_text.delta", "delta": "a"}),
            ),
            (
                WireFormat::AnthropicMessages,
                json!({"type": "content_block_delta", "delta": {"type": "text_delta", "text": "a"}}),
            ),
        ] {
            let (response, facts) = failed(format, &begin, &error);
            assert_eq!(facts.texts, [Some("a".to_owned())]);
            assert!(!facts.complete);
            let found = facts.error.unwrap();
            assert_eq!(found.kind.as_deref(), Some("overloaded_error"));
            assert_eq!(found.code.as_deref(), Some("529"));
            assert!(found.mid_stream);
            assert_eq!(response["error"], error["error"]);
        }
    }

    #[test]
    fn of_a_stream_that_only_fails_the_error_is_all() {
        let error = json!({"type": "error", "error": {"message": "m"}});
        let (response, facts) = failed(
            WireFormat::AnthropicMessages,
            &json!({"type": "ping"}),
            &error,
        );
        assert_eq!(response, json!({"error": {"message": "m"}}));
        assert!(facts.finish_reasons.is_empty());
    }

    #[test]
    fn of_a_stream_without_events_nothing_is_made_up() {
        for format in [
            WireFormat::OpenAiChat,
            WireFormat::OpenAiResponses,
            WireFormat::AnthropicMessages,
        ] {
            assert_eq!(
                format.assembler().finish(),
                (Value::Null, ResponseFacts::default())
            );
        }
    }

    #[test]
    fn an_event_that_broke_off_says_nothing() {
        for (format, name) in [
            (WireFormat::OpenAiResponses, "response.output_item.done"),
            (WireFormat::AnthropicMessages, "content_block_start"),
            (WireFormat::AnthropicMessages, "message_stop"),
        ] {
            let mut assembler = format.assembler();
            let event = SseEvent {
                event: Some(name.to_owned()),
                data: "{\"type\": ".to_owned(),
                ..SseEvent::default()
            };
            assert_eq!(assembler.push_event(&event), Delta::default());
            assert_eq!(assembler.finish(), (Value::Null, ResponseFacts::default()));
        }
    }

    #[test]
    fn an_error_may_be_a_text() {
        let mut assembler = WireFormat::OpenAiChat.assembler();
        for (name, data) in [(None, "no JSON"), (Some("error"), "upstream gone")] {
            let event = SseEvent {
                event: name.map(str::to_owned),
                data: data.to_owned(),
                ..SseEvent::default()
            };
            assert_eq!(assembler.push_event(&event).error, name.is_some());
        }
        let error = assembler.finish().1.error.unwrap();
        assert_eq!(error.message.as_deref(), Some("upstream gone"));
    }
}
