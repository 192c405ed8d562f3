//! Secrets that errors quote: keys, bearer tokens, the query strings of addresses.

use std::borrow::Cow;

/// What begins a credential; the token that follows is masked.
const PREFIXES: [&str; 10] = [
    "Bearer ", "bearer ", "Basic ", "sk-", "rk-", "pk-", "xai-", "gsk_", "key-", "AIza",
];
/// Shorter tokens are words.
const SHORTEST: usize = 12;
const MASK: &str = "[REDACTED]";

/// Returns the text with its secrets masked; untouched text is lent.
pub(crate) fn redact(text: &str) -> Cow<'_, str> {
    let suspicious = PREFIXES.iter().any(|prefix| text.contains(prefix)) || text.contains("://");
    if !suspicious {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut after_word = false;
    while let Some(first) = rest.chars().next() {
        let prefix = PREFIXES
            .iter()
            .find(|prefix| !after_word && rest.starts_with(**prefix));
        if let Some(prefix) = prefix {
            let token = token(rest.get(prefix.len()..).unwrap_or_default());
            if token.len() >= SHORTEST {
                // `Bearer` and `Basic` name the scheme, the other prefixes are part of the key.
                out.push_str(if prefix.ends_with(' ') { prefix } else { "" });
                out.push_str(MASK);
                rest = rest.get(prefix.len() + token.len()..).unwrap_or_default();
                after_word = false;
                continue;
            }
        }
        if rest.starts_with("://") {
            let address = rest
                .split([' ', ')', '"', '\'', '`', '\n'])
                .next()
                .unwrap_or_default();
            out.push_str(&without_secrets(address));
            rest = rest.get(address.len()..).unwrap_or_default();
            after_word = true;
            continue;
        }
        out.push(first);
        after_word = first.is_alphanumeric();
        rest = rest.get(first.len_utf8()..).unwrap_or_default();
    }
    Cow::Owned(out)
}

/// Returns the characters that a key may consist of, from the beginning of the text.
fn token(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.~+/=*".contains(c)));
    text.get(..end.unwrap_or(text.len())).unwrap_or_default()
}

/// Returns an address (from `://` on) without user, password and the values of its query.
fn without_secrets(address: &str) -> String {
    let (address, query) = address.split_once('?').unwrap_or((address, ""));
    let host_and_path = address.trim_start_matches("://");
    let (host, path) =
        host_and_path.split_at(host_and_path.find('/').unwrap_or(host_and_path.len()));
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let mut out = format!("://{host}{path}");
    for (index, pair) in query.split('&').filter(|pair| !pair.is_empty()).enumerate() {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let harmless = matches!(key, "api-version" | "beta" | "stream" | "alt");
        out.push(if index == 0 { '?' } else { '&' });
        out.push_str(key);
        out.push('=');
        out.push_str(if harmless { value } else { MASK });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_tokens_are_masked() {
        assert_eq!(
            redact("header `Authorization: Bearer abcdef0123456789` refused"),
            "header `Authorization: Bearer [REDACTED]` refused"
        );
        assert_eq!(
            redact("Incorrect API key provided: sk-proj-abcdefghijkl0123."),
            "Incorrect API key provided: [REDACTED]"
        );
    }

    #[test]
    fn addresses_lose_passwords_and_queries() {
        assert_eq!(
            redact("error for url (https://me:pw@host:1/v1?api-version=2024&key=s3cret) happened"),
            "error for url (https://host:1/v1?api-version=2024&key=[REDACTED]) happened"
        );
    }

    #[test]
    fn ordinary_text_is_left_alone() {
        for text in [
            "the task-list is long",
            "Basic english",
            "ask-a-question-about-it",
            "é",
        ] {
            assert_eq!(redact(text), text);
        }
        assert!(matches!(redact("plain"), Cow::Borrowed(_)));
    }
}
