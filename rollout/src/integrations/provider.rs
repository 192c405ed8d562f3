//! Providers by name, where it is known only when the program runs.

use std::fmt;
use std::str::FromStr;

/// A provider whose clients rollout wraps.
///
/// Clients are recognised by their type when the program is compiled. This is for names that come from
/// elsewhere, such as a configuration file: one that can't be wrapped is an error, not a client that
/// records nothing.
///
/// ```
/// use rollout::Provider;
///
/// let provider: Provider = "openai".parse()?;
/// assert_eq!(provider, Provider::OpenAi);
///
/// let error = "antropic".parse::<Provider>().unwrap_err();
/// assert_eq!(error.to_string(), "unsupported provider `antropic`: did you mean `anthropic`?");
/// # Ok::<(), rollout::UnsupportedIntegrationError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Provider {
    /// OpenAI, and the gateways that speak its protocol.
    OpenAi,
    /// Anthropic.
    Anthropic,
}

/// The name of a provider that rollout has no integration for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsupportedIntegrationError {
    name: String,
}

/// A provider whose integration this program was built without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MissingDependencyError {
    provider: Provider,
}

impl Provider {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::OpenAi, Self::Anthropic];

    /// Returns its name: `openai` or `anthropic`.
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
        }
    }

    /// Returns the cargo feature of `rollout` that its integration needs.
    pub fn feature(self) -> &'static str {
        self.name()
    }

    /// Returns whether this program was built with its integration.
    pub fn is_available(self) -> bool {
        match self {
            Self::OpenAi => cfg!(feature = "openai"),
            Self::Anthropic => cfg!(feature = "anthropic"),
        }
    }

    /// Returns the provider, if this program was built with its integration.
    ///
    /// ```
    /// use rollout::Provider;
    ///
    /// # fn client_for(name: &str) -> Result<(), Box<dyn std::error::Error>> {
    /// match name.parse::<Provider>()?.require()? {
    ///     Provider::OpenAi => { /* rollout::wrap(async_openai::Client::new()) */ }
    ///     Provider::Anthropic => { /* rollout::wrap(claude_api::Client::new(key)) */ }
    ///     other => unreachable!("no client for {other}"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Fails if the cargo feature is off.
    pub fn require(self) -> Result<Self, MissingDependencyError> {
        if self.is_available() {
            Ok(self)
        } else {
            Err(MissingDependencyError { provider: self })
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Provider {
    type Err = UnsupportedIntegrationError;

    /// Knows the names in upper and lower case.
    fn from_str(name: &str) -> Result<Self, UnsupportedIntegrationError> {
        let known = |provider: &Self| provider.name().eq_ignore_ascii_case(name);
        Self::ALL
            .into_iter()
            .find(known)
            .ok_or_else(|| UnsupportedIntegrationError {
                name: name.to_owned(),
            })
    }
}

impl UnsupportedIntegrationError {
    /// Returns the name that is not known.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the provider that was probably meant.
    pub fn suggestion(&self) -> Option<Provider> {
        let name = self.name.to_lowercase();
        if name.contains("claude") {
            return Some(Provider::Anthropic);
        }
        let within = |provider: &Provider| name.contains(provider.name());
        if let Some(provider) = Provider::ALL.into_iter().find(within) {
            return Some(provider);
        }
        let close = |provider: &Provider| distance(&name, provider.name()) <= 2;
        Provider::ALL.into_iter().find(close)
    }

    fn is_gateway(&self) -> bool {
        let mut words = self.name.split(|c: char| !c.is_alphanumeric());
        words.any(|word| {
            let mut gateways = GATEWAYS.iter();
            gateways.any(|gateway| gateway.eq_ignore_ascii_case(word))
        })
    }
}

/// Some whose servers speak OpenAI's protocol, and are reached with its client.
const GATEWAYS: [&str; 14] = [
    "azure",
    "deepseek",
    "fireworks",
    "groq",
    "litellm",
    "lmstudio",
    "mistral",
    "ollama",
    "openrouter",
    "perplexity",
    "portkey",
    "together",
    "vllm",
    "xai",
];

impl fmt::Display for UnsupportedIntegrationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Longer ones are no names.
        const LONGEST: usize = 80;
        write!(f, "unsupported provider `{:.LONGEST$}`", self.name)?;
        if self.is_gateway() {
            return f.write_str(
                ": for a gateway that speaks OpenAI's protocol use `openai`, and name it with \
                 `WrapOptions::provider`",
            );
        }
        match self.suggestion() {
            Some(provider) => write!(f, ": did you mean `{provider}`?"),
            None => f.write_str(
                ": supported are `openai` (and gateways that speak its protocol) and `anthropic`; a \
                 client of your own is wrapped with `#[derive(rollout::Instrumented)]`",
            ),
        }
    }
}

impl std::error::Error for UnsupportedIntegrationError {}

impl MissingDependencyError {
    /// Returns the provider.
    pub fn provider(&self) -> Provider {
        self.provider
    }

    /// Returns the cargo feature of `rollout` that is off.
    pub fn feature(&self) -> &'static str {
        self.provider.feature()
    }
}

impl fmt::Display for MissingDependencyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let feature = self.feature();
        write!(
            f,
            "this program was built without the integration of `{}`: turn the cargo feature \
             `{feature}` of `rollout` on, as `cargo add rollout --features {feature}` does",
            self.provider
        )
    }
}

impl std::error::Error for MissingDependencyError {}

/// Returns how many characters have to be changed to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    // No name that is much longer is close, and names may be very long.
    for (index, character) in one.chars().take(other.len() + 3).enumerate() {
        let mut next = vec![index + 1];
        for ((above_left, above), known) in row.iter().zip(row.iter().skip(1)).zip(&other) {
            let left = next.last().copied().unwrap_or_default();
            let replaced = above_left + usize::from(character != *known);
            next.push(replaced.min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(name: &str) -> String {
        name.parse::<Provider>().unwrap_err().to_string()
    }

    #[test]
    fn names_are_known_whatever_their_case() {
        for provider in Provider::ALL {
            assert_eq!(provider.to_string().parse(), Ok(provider));
        }
        assert_eq!("OpenAI".parse(), Ok(Provider::OpenAi));
    }

    #[test]
    fn a_name_that_is_not_known_says_what_is() {
        assert_eq!(
            refused("antropic"),
            "unsupported provider `antropic`: did you mean `anthropic`?"
        );
        for (name, meant) in [
            ("open-ai", "`openai`?"),
            ("opnai", "`openai`?"),
            ("claude", "`anthropic`?"),
            ("openai-compatible", "`openai`?"),
            ("anthropic_vertex", "`anthropic`?"),
            ("openrouter", "`WrapOptions::provider`"),
            ("Azure-OpenAI", "`WrapOptions::provider`"),
        ] {
            assert!(refused(name).ends_with(meant), "{}", refused(name));
        }
        let unknown = refused("cohere");
        assert!(unknown.contains("`openai`") && unknown.contains("`anthropic`"));
        assert!(!unknown.contains("did you mean"));
    }

    #[test]
    fn what_is_no_name_makes_no_long_message() {
        assert!(refused(&"ü".repeat(100_000)).chars().count() < 400);
        assert!(refused("").contains("supported are"));
    }

    #[test]
    fn an_integration_that_is_not_built_in_is_named_with_its_feature() {
        let availability = [
            (Provider::OpenAi, cfg!(feature = "openai")),
            (Provider::Anthropic, cfg!(feature = "anthropic")),
        ];
        for (provider, built_in) in availability {
            let expected = if built_in {
                Ok(provider)
            } else {
                Err(MissingDependencyError { provider })
            };
            assert_eq!(provider.require(), expected);
        }
        let error = MissingDependencyError {
            provider: Provider::Anthropic,
        };
        assert_eq!(error.feature(), "anthropic");
        assert!(
            error
                .to_string()
                .contains("`cargo add rollout --features anthropic`")
        );
    }
}
