//! What a call is called, by the format of its JSON.

use crate::provider::WireFormat;

impl WireFormat {
    /// Returns the name that a span of such a call has by default.
    pub(crate) fn span_name(self) -> &'static str {
        match self {
            Self::OpenAiChat => "openai.chat.completions",
            Self::OpenAiResponses => "openai.responses",
            Self::AnthropicMessages => "anthropic.messages",
        }
    }

    /// Returns the provider whose format it is.
    pub(crate) fn provider(self) -> &'static str {
        match self {
            Self::OpenAiChat | Self::OpenAiResponses => "openai",
            Self::AnthropicMessages => "anthropic",
        }
    }
}
