//! Names under which credentials stand.

use super::Redactor;

/// What a name says of the text under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) label: &'static str,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Whatever stands there is one.
    Sure,
    /// It is if it looks like one and is at least so long: `token` is also what a text consists of.
    IfOpaque(usize),
    /// It is in the query of an address.
    InQuery,
}

/// Ends of names, without what separates their words.
const SURE: [(&str, &str); 22] = [
    ("apikey", "api key"),
    ("apisecret", "secret"),
    ("accesskey", "access key"),
    ("secretkey", "secret"),
    ("privatekey", "private key"),
    ("signingkey", "secret"),
    ("encryptionkey", "secret"),
    ("authorization", "authorization"),
    ("accesstoken", "token"),
    ("refreshtoken", "token"),
    ("authtoken", "token"),
    ("bearertoken", "token"),
    ("sessiontoken", "token"),
    ("securitytoken", "token"),
    ("apitoken", "token"),
    ("idtoken", "token"),
    ("bottoken", "token"),
    ("csrftoken", "token"),
    ("password", "password"),
    ("passwd", "password"),
    ("passphrase", "password"),
    ("secret", "secret"),
];

/// Whole names, as parts of longer ones are often something else.
const WHOLE: [(&str, &str, Kind); 18] = [
    ("cookie", "cookie", Kind::Sure),
    ("cookies", "cookie", Kind::Sure),
    ("setcookie", "cookie", Kind::Sure),
    ("jwt", "token", Kind::Sure),
    ("token", "token", Kind::IfOpaque(12)),
    ("auth", "authorization", Kind::IfOpaque(12)),
    ("bearer", "token", Kind::IfOpaque(12)),
    ("credential", "credentials", Kind::IfOpaque(12)),
    ("credentials", "credentials", Kind::IfOpaque(12)),
    ("pwd", "password", Kind::IfOpaque(6)),
    ("accountkey", "account key", Kind::IfOpaque(20)),
    ("key", "key", Kind::InQuery),
    ("sig", "signature", Kind::InQuery),
    ("signature", "signature", Kind::InQuery),
    ("code", "code", Kind::InQuery),
    ("xamzsignature", "signature", Kind::InQuery),
    ("xgoogsignature", "signature", Kind::InQuery),
    ("awsaccesskeyid", "access key", Kind::InQuery),
];

/// No name is longer, as far as it matters.
const LONGEST: usize = 32;

impl Redactor {
    /// Returns what a name says of what stands under it, if that may be a credential.
    pub(super) fn name(&self, name: &str) -> Option<Name> {
        // Few names get further than this.
        let last = name.as_bytes().last()?.to_ascii_lowercase();
        if !b"ynterdhslwbg".contains(&last) && self.keys.is_empty() {
            return None;
        }
        let mut buffer = [0; LONGEST];
        let mut start = LONGEST;
        // As far back as a dot: what is before it says where the name is from.
        let own = name.bytes().rev().take_while(|byte| *byte != b'.');
        for byte in own.filter(|byte| !matches!(byte, b'-' | b'_' | b' ')) {
            let Some(slot) = start.checked_sub(1).and_then(|at| buffer.get_mut(at)) else {
                break;
            };
            *slot = byte.to_ascii_lowercase();
            start -= 1;
        }
        let name = buffer.get(start..).unwrap_or_default();
        let sure = |label| Name {
            label,
            kind: Kind::Sure,
        };
        if let Some((_, label)) = SURE.iter().find(|(end, _)| name.ends_with(end.as_bytes())) {
            return Some(sure(label));
        }
        if let Some((_, label, kind)) = WHOLE.iter().find(|(whole, ..)| name == whole.as_bytes()) {
            return Some(Name { label, kind: *kind });
        }
        let told = self.keys.iter().any(|key| {
            let key = key.as_bytes();
            name.ends_with(
                key.get(key.len().saturating_sub(LONGEST)..)
                    .unwrap_or_default(),
            )
        });
        told.then(|| sure("secret"))
    }
}

/// Returns a name in lower case and without what separates its words.
pub(super) fn normalised(name: &str) -> String {
    let letters = name.chars().filter(|c| !matches!(c, '-' | '_' | ' ' | '.'));
    letters.map(|c| c.to_ascii_lowercase()).collect()
}

/// Returns whether a text under a sure name is none all the same.
pub(super) fn is_harmless(text: &str) -> bool {
    const WORDS: [&str; 9] = [
        "",
        "none",
        "null",
        "true",
        "false",
        "string",
        "required",
        "optional",
        "undefined",
    ];
    text.starts_with("[REDACTED") || WORDS.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Returns whether a text looks random: one word, with letters and digits in it.
pub(super) fn is_opaque(text: &str, shortest: usize) -> bool {
    text.len() >= shortest
        && !text.starts_with('/')
        && text.bytes().all(|byte| byte.is_ascii_graphic())
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_however_they_are_written() {
        let label = |name: &str| Redactor::BUILT_IN.name(name).map(|name| name.label);
        for name in [
            "api_key",
            "x-api-key",
            "apiKey",
            "OPENAI_API_KEY",
            "X-Goog-Api-Key",
        ] {
            assert_eq!(label(name), Some("api key"), "{name}");
        }
        assert_eq!(
            label("http.request.header.proxy-authorization"),
            Some("authorization")
        );
        assert_eq!(label("http.request.header.cookie"), Some("cookie"));
        assert_eq!(label("AWS_SECRET_ACCESS_KEY"), Some("access key"));
        assert_eq!(label("dbPassword"), Some("password"));
        for name in [
            "max_tokens",
            "prompt_tokens",
            "token_count",
            "next_page_token",
            "eos_token",
            "author",
            "foreign_key",
            "fortune_cookie",
            "tokens",
            "secretary",
            "keyword",
            "",
            "é",
        ] {
            assert_eq!(label(name), None, "{name}");
        }
    }

    #[test]
    fn some_names_need_a_text_that_looks_like_one() {
        assert!(is_opaque("a1b2c3d4e5f6", 12));
        for text in [
            " internationalization2",
            "/home/me/project1",
            "abcdefghijkl",
            "short1",
        ] {
            assert!(!is_opaque(text, 12), "{text}");
        }
        assert!(is_harmless("None") && is_harmless("[REDACTED token]") && !is_harmless("hunter2"));
    }
}
