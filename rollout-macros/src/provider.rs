//! The providers whose JSON can be decoded, and what is asked of them.

use darling::Error;
use darling::util::SpannedValue;
use proc_macro2::{Ident, Span};

use crate::suggest;

/// A provider whose protocol is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Provider {
    OpenAi,
    Anthropic,
}

/// A way to call a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Chat,
    Responses,
    Messages,
}

/// Servers that speak the protocol of OpenAI, as far as people ask for them by name.
const SPEAK_OPENAI: &[&str] = &[
    "azure",
    "cerebras",
    "deepseek",
    "fireworks",
    "gemini",
    "groq",
    "litellm",
    "llamacpp",
    "lmstudio",
    "mistral",
    "ollama",
    "openrouter",
    "perplexity",
    "together",
    "vllm",
    "xai",
];

impl Provider {
    const ALL: &[Self] = &[Self::OpenAi, Self::Anthropic];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
        }
    }

    pub(crate) fn operations(self) -> &'static [Operation] {
        match self {
            Self::OpenAi => &[Operation::Chat, Operation::Responses],
            Self::Anthropic => &[Operation::Messages],
        }
    }

    pub(crate) fn parse(name: &SpannedValue<String>) -> darling::Result<Self> {
        let names: Vec<&str> = Self::ALL.iter().map(|provider| provider.name()).collect();
        if let Some(known) = Self::ALL.iter().find(|known| known.name() == name.as_str()) {
            return Ok(*known);
        }
        let lower = name.to_lowercase();
        let message = if SPEAK_OPENAI.contains(&&*lower) {
            format!(
                "unsupported provider `{}`: if the server speaks OpenAI's protocol, write \
                 `provider = \"openai\", label = \"{lower}\"`",
                **name
            )
        } else if let Some(meant) = suggest::did_you_mean(&lower, &names) {
            format!("unsupported provider `{}`: did you mean{meant}", **name)
        } else {
            format!(
                "unsupported provider `{}`: supported are `{}`; a server that speaks the protocol \
                 of one of them is named with `label = \"{}\"`",
                **name,
                names.join("`, `"),
                **name
            )
        };
        Err(Error::custom(message).with_span(&name.span()))
    }

    /// Returns the operation of this name, which has to be the provider's. An unknown provider was
    /// reported already.
    pub(crate) fn operation(
        provider: Option<Self>,
        name: &str,
        span: Span,
    ) -> darling::Result<Operation> {
        let operation = Operation::parse(name, provider)
            .map_err(|message| Error::custom(message).with_span(&span))?;
        if let Some(provider) = provider
            && !provider.operations().contains(&operation)
        {
            let own: Vec<&str> = provider.operations().iter().map(|own| own.name()).collect();
            return Err(Error::custom(format!(
                "`{name}` is an operation of `{}`, and the provider is `{}`, which has `{}`",
                operation.provider().name(),
                provider.name(),
                own.join("`, `"),
            ))
            .with_span(&span));
        }
        Ok(operation)
    }
}

impl Operation {
    pub(crate) const ALL: &[Self] = &[Self::Chat, Self::Responses, Self::Messages];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Responses => "responses",
            Self::Messages => "messages",
        }
    }

    fn provider(self) -> Provider {
        match self {
            Self::Chat | Self::Responses => Provider::OpenAi,
            Self::Messages => Provider::Anthropic,
        }
    }

    /// Returns the variant of `WireFormat` for its JSON.
    pub(crate) fn wire_format(self) -> Ident {
        let name = match self {
            Self::Chat => "OpenAiChat",
            Self::Responses => "OpenAiResponses",
            Self::Messages => "AnthropicMessages",
        };
        Ident::new(name, Span::mixed_site())
    }

    /// Returns whether there is an operation of this name.
    pub(crate) fn is_known(name: &str) -> bool {
        Self::ALL.iter().any(|known| known.name() == name)
    }

    fn parse(name: &str, provider: Option<Provider>) -> Result<Self, String> {
        Self::ALL
            .iter()
            .copied()
            .find(|known| known.name() == name)
            .ok_or_else(|| {
                let known = provider.map_or(Self::ALL, Provider::operations);
                let known: Vec<&str> = known.iter().map(|known| known.name()).collect();
                let instead = suggest::instead_of(name, &known);
                format!("unknown operation `{name}`{instead}")
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(name: &str) -> String {
        match Provider::parse(&SpannedValue::new(name.into(), Span::call_site())) {
            Ok(provider) => provider.name().into(),
            Err(error) => error.to_string(),
        }
    }

    fn operation(provider: Provider, name: &str) -> String {
        match Provider::operation(Some(provider), name, Span::call_site()) {
            Ok(operation) => operation.name().into(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn an_unsupported_provider_is_told_what_is_supported() {
        assert_eq!(provider("anthropic"), "anthropic");
        assert!(provider("OpenAI").ends_with(": did you mean `openai`?"));
        assert!(provider("groq").contains(r#"`provider = "openai", label = "groq"`"#));
        assert!(provider("cohere").contains("supported are `openai`, `anthropic`"));
    }

    #[test]
    fn an_operation_belongs_to_its_provider() {
        assert_eq!(operation(Provider::OpenAi, "responses"), "responses");
        assert!(operation(Provider::OpenAi, "chatt").ends_with(": did you mean `chat`?"));
        assert!(operation(Provider::Anthropic, "chat").contains("which has `messages`"));
    }
}
