//! Credentials in what is recorded: found by the look of them, by the names they stand under, or
//! because the program told of them; and replaced by what they were.
//!
//! A text is read once, and only where one of a few bytes stands that credentials can't do without
//! (`scan`) is there a closer look. All of it runs on the worker, before the program's own hooks.

mod address;
mod assignment;
mod event;
mod names;
mod scan;
mod stream;
mod tokens;
mod value;

use std::borrow::Cow;
use std::fmt;

pub(crate) use scan::Redactor;
pub(crate) use stream::StreamRedactor;

/// Shorter ones are syllables, and part of many words.
const SHORTEST_TOLD: usize = 4;

/// Which credentials are masked in what is recorded. Replaced by `[REDACTED api key]` and the like
/// are:
///
/// - what looks like a credential, wherever it stands: the keys of providers and clouds (`sk-…`,
///   `AIza…`, `AKIA…`), tokens (`ghp_…`, `xoxb-…`, JSON web tokens, `Bearer …`), private keys, and
///   passwords and keys in addresses;
/// - texts under names such as `api_key`, `authorization`, `password`, `client_secret` or `cookie`, in
///   JSON, in JSON inside of texts, in headers and in assignments;
/// - the client's own key, and what the program adds here.
///
/// Numbers of tokens, prose about passwords, and the descriptions of arguments stay.
///
/// ```
/// # use rollout_core as rollout;
/// use rollout::Redaction;
///
/// let builder = rollout::builder().redaction(
///     Redaction::new()
///         .key("x-tenant-signature")
///         .prefix("acme_live_")
///         .secret(std::env::var("DATABASE_PASSWORD").unwrap_or_default()),
/// );
/// # drop(builder);
/// ```
#[derive(Clone)]
#[must_use = "it does nothing until it is given to a builder"]
pub struct Redaction {
    is_on: bool,
    keys: Vec<String>,
    prefixes: Vec<String>,
    secrets: Vec<String>,
}

impl Redaction {
    /// Returns the default: everything that is known to be a credential.
    pub fn new() -> Self {
        Self {
            is_on: true,
            keys: Vec::new(),
            prefixes: Vec::new(),
            secrets: Vec::new(),
        }
    }

    /// Returns one that masks nothing, for programs whose scrubber does it all, or that have nothing
    /// to hide. Messages of errors are masked nevertheless.
    pub fn off() -> Self {
        Self {
            is_on: false,
            ..Self::new()
        }
    }

    /// Masks texts under names that end like this, in any case, and whether words are separated by
    /// `-`, `_` or nothing.
    pub fn key(mut self, name: impl AsRef<str>) -> Self {
        let name = names::normalised(name.as_ref());
        if !name.is_empty() {
            self.keys.push(name);
        }
        self
    }

    /// Masks what begins like this: the prefix, and the letters, digits, `-` and `_` after it, if these
    /// are at least eight.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        let prefix = prefix.into();
        if !prefix.is_empty() {
            self.prefixes.push(prefix);
        }
        self
    }

    /// Masks this very text, wherever it is. One of less than four bytes is ignored.
    pub fn secret(mut self, text: impl Into<String>) -> Self {
        let text = text.into();
        if text.len() >= SHORTEST_TOLD {
            self.secrets.push(text);
        }
        self
    }
}

impl Default for Redaction {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Redaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redaction")
            .field("is_on", &self.is_on)
            .field("keys", &self.keys)
            .field("prefixes", &self.prefixes)
            .field("secrets", &self.secrets.len())
            .finish()
    }
}

/// Returns a text without what is known to be a credential; untouched text is lent.
pub(crate) fn text(text: &str) -> Cow<'_, str> {
    Redactor::BUILT_IN.text(text)
}

/// Returns what stands for a credential.
fn mask(label: &str) -> String {
    format!("[REDACTED {label}]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_can_add_to_it_and_none_of_it_is_shown() {
        let redaction = Redaction::new()
            .key("X-Tenant-Signature")
            .prefix("acme_live_")
            .secret("correct horse")
            .secret("abc");
        assert!(!format!("{redaction:?}").contains("horse"));
        let redactor = Redactor::new(&redaction);
        assert_eq!(
            redactor.text("xTenantSignature=9f8e7d6c; acme_live_abcdefgh correct horse abc"),
            "xTenantSignature=[REDACTED secret]; [REDACTED secret] [REDACTED secret] abc"
        );
        let off = Redactor::new(&Redaction::off().secret("correct horse"));
        assert!(matches!(off.text("correct horse"), Cow::Borrowed(_)));
    }
}
