//! Text that comes in pieces: nothing is shown of a credential before it is known whether it is one.

use super::mask;
use super::scan::{Redactor, Verdict, View};

/// How much is kept of what was shown, as names stand before what they are given.
const CONTEXT: usize = 256;
/// What may be a credential is kept back up to here.
const LONGEST_HELD: usize = 16 * 1024;

/// Masks the credentials of a text that grows.
#[derive(Debug, Default)]
pub(crate) struct StreamRedactor {
    /// The end of what was shown, and what is kept back.
    text: String,
    shown: usize,
    /// Whether what was masked last goes on.
    goes_on: bool,
}

impl StreamRedactor {
    /// Adds text, and shows what is certain: pieces of what may be seen, each with how many bytes of what
    /// came it stands for. With `last`, nothing is kept back.
    pub(crate) fn push(
        &mut self,
        redactor: &Redactor,
        text: &str,
        last: bool,
        show: &mut dyn FnMut(&str, usize),
    ) {
        if !redactor.is_on() {
            if !text.is_empty() {
                show(text, text.len());
            }
            return;
        }
        let text = self.skip(text, show);
        self.text.push_str(text);
        // Whatever is so long is judged by what there is of it.
        let is_long = self.text.len() - self.shown > LONGEST_HELD;
        let last = last || is_long;
        let view = View {
            text: &self.text,
            last,
            is_json: false,
        };
        let mut shown = self.shown;
        loop {
            let (until, masked) = match redactor.next(view, 0, shown) {
                Verdict::Secret(secret) => (secret.start, Some(secret)),
                Verdict::Open(start) => (start, None),
                Verdict::Nothing => (self.text.len(), None),
            };
            let plain = self.text.get(shown..until).unwrap_or_default();
            if !plain.is_empty() {
                show(plain, plain.len());
            }
            shown = shown.max(until);
            let Some(secret) = masked else { break };
            show(&mask(secret.label), secret.end - secret.start);
            shown = secret.end;
            self.goes_on = is_long && shown == self.text.len();
        }
        self.shown = shown;
        self.forget();
    }

    /// Returns the text after what belongs to a credential that was too long to be kept back.
    fn skip<'t>(&mut self, text: &'t str, show: &mut dyn FnMut(&str, usize)) -> &'t str {
        if !self.goes_on {
            return text;
        }
        let is_end = |c: char| c.is_ascii_whitespace() || matches!(c, '"' | '\'' | ',' | ';');
        let end = text.find(is_end).unwrap_or(text.len());
        self.goes_on = end == text.len();
        show("", end);
        text.get(end..).unwrap_or_default()
    }

    /// Forgets what is too far back to matter.
    fn forget(&mut self) {
        if self.shown <= 2 * CONTEXT {
            return;
        }
        let mut from = self.shown - CONTEXT;
        while !self.text.is_char_boundary(from) {
            from += 1;
        }
        self.text.drain(..from);
        self.shown -= from;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what is shown of a text that comes in pieces of so many characters.
    fn shown(text: &str, size: usize) -> String {
        let mut stream = StreamRedactor::default();
        let (mut out, mut bytes) = (String::new(), 0);
        let mut show = |text: &str, length: usize| {
            out.push_str(text);
            bytes += length;
        };
        let characters: Vec<char> = text.chars().collect();
        for piece in characters.chunks(size) {
            let piece: String = piece.iter().collect();
            stream.push(Redactor::BUILT_IN, &piece, false, &mut show);
        }
        stream.push(Redactor::BUILT_IN, "", true, &mut show);
        assert_eq!(bytes, text.len());
        // The first letter of a key may be seen.
        let parts: Vec<_> = out.split("[REDACTED").collect();
        let (last, parts) = parts.split_last().unwrap();
        let parts = parts
            .iter()
            .map(|part| part.trim_end_matches(char::is_alphanumeric));
        let parts: Vec<_> = parts.chain([*last]).collect();
        parts.join("[REDACTED")
    }

    #[test]
    fn a_key_in_pieces_is_masked_as_if_it_were_whole() {
        let jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlMTIz";
        let pem = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow/+=\n-----END RSA PRIVATE KEY-----";
        for text in [
            "Use sk-proj-abcdefghijkl0123, é, and be done.".to_owned(),
            format!("{jwt} is the token"),
            format!("key:\n{pem}\nthanks"),
            "Authorization: Bearer abcdef0123456789 and {\"api_key\": \"s3cr3t\", \"a\": 1}".into(),
            "postgres://me:s3cr3t@host/db?key=s3cr3t7 then github_pat_11ABCDEFG0abcdefghij".into(),
            "api_key: Some(\"hunter2\") AKIAIOSFODNN7EXAMPLE.".into(),
            "sk-proj-abcdefghijkl0123".into(),
        ] {
            let whole = Redactor::BUILT_IN.text(&text);
            assert_ne!(whole, text);
            for size in 1..=text.len() {
                assert_eq!(shown(&text, size), whole, "in pieces of {size}");
            }
        }
    }

    #[test]
    fn nothing_of_a_key_is_shown_before_it_ends() {
        let mut stream = StreamRedactor::default();
        let mut out = String::new();
        for piece in ["The key is s", "k", "-pro", "j-abcdefgh", "ijkl0123"] {
            stream.push(Redactor::BUILT_IN, piece, false, &mut |text, _| {
                out.push_str(text);
            });
        }
        assert_eq!(out, "The key is s");
        stream.push(Redactor::BUILT_IN, " .", false, &mut |text, _| {
            out.push_str(text);
        });
        assert_eq!(out, "The key is s[REDACTED api key] .");
    }

    #[test]
    fn prose_is_shown_as_it_comes() {
        let mut stream = StreamRedactor::default();
        for piece in [
            "Hello",
            ", wor",
            "ld s",
            "o r",
            "Gr\u{fc}\u{df}e",
            "! ",
            "Is it 5 ",
        ] {
            let mut out = String::new();
            stream.push(Redactor::BUILT_IN, piece, false, &mut |text, _| {
                out.push_str(text);
            });
            assert_eq!(out, piece);
        }
    }

    #[test]
    fn what_never_ends_is_not_kept_for_ever() {
        let mut stream = StreamRedactor::default();
        let mut out = String::new();
        for _ in 0..100 {
            let piece = format!("sk-{}", "a1b2c3d4".repeat(100));
            stream.push(Redactor::BUILT_IN, &piece, false, &mut |text, _| {
                out.push_str(text);
            });
            assert!(stream.text.len() <= 2 * LONGEST_HELD);
        }
        assert!(!out.contains("a1b2"), "{out}");
    }
}
