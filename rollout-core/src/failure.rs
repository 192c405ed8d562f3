//! What went wrong, noted on the thread where it did.

pub(crate) mod probe;

use std::any::type_name;
use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::RwLock;

use crate::capture::text::said;
use crate::pipeline::redact;
use crate::provider::CallError;

/// An error or a panic, as text: the type, the message, and what it came from.
///
/// ```
/// use rollout_core::Failure;
///
/// let failure = Failure::new(&std::io::Error::other("the disk is full"));
/// assert_eq!(failure.message, "the disk is full");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Failure {
    /// The type's name, without its modules.
    pub kind: String,
    /// The message, without secrets.
    pub message: String,
    /// The messages of its sources, outermost first.
    pub sources: Vec<String>,
    /// What the provider said, where it is a provider's error.
    pub provider: Option<CallError>,
}

/// Finds a provider's error in a source chain.
pub type Inspector = fn(&(dyn Error + 'static)) -> Option<CallError>;

/// What the integrations in use know of their errors.
static INSPECTORS: RwLock<Vec<Inspector>> = RwLock::new(Vec::new());

impl Failure {
    /// Notes an error and its sources.
    pub fn new<E: Error + ?Sized>(error: &E) -> Self {
        let mut failure = Self::displayed(error);
        failure.follow(source(error));
        failure
    }

    /// Notes an error that owns what it says, and so can be recognised as a provider's.
    pub fn recognised(error: &(dyn Error + 'static), kind: &str) -> Self {
        let mut failure = Self {
            kind: kind.to_owned(),
            ..Self::displayed(error)
        };
        failure.provider = inspect(error);
        failure.follow(source(error));
        failure
    }

    /// Notes a value that can be displayed.
    pub fn displayed<T: fmt::Display + ?Sized>(value: &T) -> Self {
        Self {
            kind: short_name::<T>(),
            message: message(value),
            ..Self::default()
        }
    }

    /// Notes a panic from what it carries.
    pub fn panicked(payload: &(dyn std::any::Any + Send)) -> Self {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        Self {
            kind: "panic".into(),
            message: message(text.unwrap_or("a panic with a payload that is no text")),
            ..Self::default()
        }
    }

    /// Names the type.
    #[must_use]
    pub fn with_kind(mut self, kind: &str) -> Self {
        kind.clone_into(&mut self.kind);
        self
    }

    /// Replaces the message.
    #[must_use]
    pub fn with_message(mut self, message: &str) -> Self {
        self.message = redact::text(message).into_owned();
        self
    }

    /// Adds what the provider said.
    #[must_use]
    pub fn with_provider(mut self, provider: CallError) -> Self {
        self.provider = Some(without_secrets(provider));
        self
    }

    /// Returns what is alike in failures of the same cause: the type, the status, the code.
    pub(crate) fn signature(&self) -> String {
        let mut signature = self.kind.clone();
        if let Some(provider) = &self.provider {
            let status = provider.status.map(|status| status.to_string());
            let code = provider.code.as_ref().or(provider.kind.as_ref());
            for part in status.as_ref().into_iter().chain(code) {
                signature.push(' ');
                signature.push_str(part);
            }
        }
        signature
    }

    fn follow(&mut self, mut source: Option<&(dyn Error + 'static)>) {
        // A chain that bites its own tail is not followed for ever.
        const LONGEST: usize = 16;
        while let Some(error) = source
            && self.sources.len() < LONGEST
        {
            self.sources.push(message(error));
            if self.provider.is_none() {
                self.provider = inspect(error);
            }
            source = self::source(error);
        }
    }
}

/// Lets an integration recognise its errors wherever they surface, also as the source of another.
pub fn register_inspector(inspector: Inspector) {
    let Ok(mut inspectors) = INSPECTORS.write() else {
        return;
    };
    let known = inspectors
        .iter()
        .any(|known| std::ptr::fn_addr_eq(*known, inspector));
    if !known {
        inspectors.push(inspector);
    }
}

fn inspect(error: &(dyn Error + 'static)) -> Option<CallError> {
    INSPECTORS
        .read()
        .ok()?
        .iter()
        .find_map(|inspector| inspector(error))
        .map(without_secrets)
}

/// Providers repeat the key that they refuse.
fn without_secrets(mut error: CallError) -> CallError {
    if let Some(Cow::Owned(masked)) = error.message.as_deref().map(redact::text) {
        error.message = Some(masked);
    }
    error
}

/// More of a message is not looked at: some say all that they were given. No server takes as much.
const LONGEST_MESSAGE: usize = 64 * 1024;

/// Returns what a value says; if it panics while saying it, that.
fn message<T: fmt::Display + ?Sized>(value: &T) -> String {
    match said(format_args!("{value}"), LONGEST_MESSAGE) {
        Some(said) => redact::text(&said.text).into_owned(),
        None => "[its message could not be made]".to_owned(),
    }
}

/// Returns what an error comes from; nothing if it panics when asked.
fn source<'a, E: Error + ?Sized>(error: &'a E) -> Option<&'a (dyn Error + 'static)> {
    catch_unwind(AssertUnwindSafe(|| error.source())).unwrap_or_default()
}

/// Returns a type's name without its modules.
pub(crate) fn short_name<T: ?Sized>() -> String {
    shorten(type_name::<T>())
}

fn shorten(name: &str) -> String {
    let mut short = String::with_capacity(name.len());
    let mut module = String::new();
    let mut word = String::new();
    let mut characters = name.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            ':' if characters.peek() == Some(&':') => {
                characters.next();
                let inner = std::mem::take(&mut word);
                // `io::error::Error` is known as `io::Error`.
                if inner != "error" || matches!(&*module, "" | "core" | "std") {
                    module = inner;
                }
            }
            _ if character.is_alphanumeric() || character == '_' => word.push(character),
            _ => {
                push_word(
                    &mut short,
                    &std::mem::take(&mut module),
                    &std::mem::take(&mut word),
                );
                short.push(character);
            }
        }
    }
    push_word(&mut short, &module, &word);
    short
}

/// Adds the name of a type. One that says nothing by itself keeps its module: `io::Error`.
fn push_word(short: &mut String, module: &str, word: &str) {
    if word == "Error" && !module.is_empty() {
        short.push_str(module);
        short.push_str("::");
    }
    short.push_str(word);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    #[derive(Debug, thiserror::Error)]
    #[error("the lookup failed")]
    struct Lookup(#[source] io::Error);

    #[test]
    fn an_error_is_noted_with_its_sources() {
        let failure = Failure::new(&Lookup(io::Error::other("disk on fire")));
        assert_eq!(
            (&*failure.kind, &*failure.message),
            ("Lookup", "the lookup failed")
        );
        assert_eq!(failure.sources, ["disk on fire"]);
    }

    #[test]
    fn defect_11_an_error_without_a_message_does_not_replace_the_programs_own() {
        struct Mute;
        impl fmt::Display for Mute {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                panic!("no text")
            }
        }
        assert_eq!(
            Failure::displayed(&Mute).message,
            "[its message could not be made]"
        );
    }

    #[test]
    fn a_providers_error_is_recognised_below_another() {
        fn find(error: &(dyn Error + 'static)) -> Option<CallError> {
            let error = error.downcast_ref::<io::Error>()?;
            (error.kind() == io::ErrorKind::QuotaExceeded).then(|| CallError {
                status: Some(429),
                code: Some("insufficient_quota".into()),
                ..CallError::default()
            })
        }
        register_inspector(find);
        register_inspector(find);
        let failure = Failure::new(&Lookup(io::ErrorKind::QuotaExceeded.into()));
        assert_eq!(failure.signature(), "Lookup 429 insufficient_quota");
    }

    #[test]
    fn type_names_lose_their_modules() {
        assert_eq!(
            shorten("alloc::boxed::Box<dyn core::error::Error + core::marker::Send>"),
            "Box<dyn error::Error + Send>"
        );
        assert_eq!(
            short_name::<Result<fmt::Error, &str>>(),
            "Result<fmt::Error, &str>"
        );
    }

    #[test]
    fn panics_are_noted_with_their_message() {
        let payload = catch_unwind(|| panic!("at the {}", "disco")).unwrap_err();
        let failure = Failure::panicked(&*payload);
        assert_eq!(
            (&*failure.kind, &*failure.message),
            ("panic", "at the disco")
        );
    }
}
