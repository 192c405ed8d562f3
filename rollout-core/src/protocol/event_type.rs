use std::fmt;

macro_rules! event_types {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What an event tells.
        ///
        /// ```
        /// use rollout_core::protocol::EventType;
        ///
        /// assert_eq!(EventType::TraceStart.as_str(), "trace.start");
        /// assert_eq!(EventType::from_name("span.end"), Some(EventType::SpanEnd));
        /// ```
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum EventType {
            $($(#[$doc])* $name,)*
        }

        impl EventType {
            /// Returns the type's name on the wire.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// Returns the type of this name, if there is one.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$name),)* _ => None }
            }
        }
    };
}

event_types! {
    /// A trace began.
    TraceStart = "trace.start",
    /// A trace ended.
    TraceEnd = "trace.end",
    /// A span began.
    SpanStart = "span.start",
    /// More is known of a span.
    SpanUpdate = "span.update",
    /// A span ended.
    SpanEnd = "span.end",
    /// A message of a conversation.
    Message = "message",
    /// A request to a model.
    LlmRequest = "llm.request",
    /// A model's response.
    LlmResponse = "llm.response",
    /// A streaming call to a model began.
    LlmStreamStart = "llm.stream_start",
    /// A chunk of a model's stream.
    LlmStreamChunk = "llm.stream_chunk",
    /// A model's stream ended.
    LlmStreamEnd = "llm.stream_end",
    /// A tool was called.
    ToolCall = "tool.call",
    /// A tool returned.
    ToolResult = "tool.result",
    /// Documents were retrieved.
    Retrieval = "retrieval",
    /// An evaluation's result.
    EvalResult = "eval.result",
    /// Something went wrong.
    Error = "error",
    /// A number was measured.
    Metric = "metric",
    /// Somebody judged a run.
    Feedback = "feedback",
    /// A user did something that tells about a run.
    UserSignal = "user.signal",
    /// More is known of a user.
    IdentityUpdate = "identity.update",
}

impl EventType {
    /// Returns whether it is kept when there is no room for all: what tells how something ended, and
    /// what people said.
    pub(crate) fn is_protected(self) -> bool {
        matches!(
            self,
            Self::TraceEnd
                | Self::SpanEnd
                | Self::LlmResponse
                | Self::LlmStreamEnd
                | Self::ToolResult
                | Self::Error
                | Self::Feedback
                | Self::UserSignal
                | Self::IdentityUpdate
        )
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(feature = "otlp")]
impl<'de> serde::Deserialize<'de> for EventType {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Self::from_name(&name)
            .ok_or_else(|| serde::de::Error::custom(format_args!("`{name}` is no event type")))
    }
}

impl serde::Serialize for EventType {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
