//! Reading a text: past everything but the few bytes that credentials can't do without.

use std::borrow::Cow;

use super::{Redaction, SHORTEST_TOLD, address, assignment, mask, names, tokens};

/// Finds credentials, and masks them.
#[derive(Clone)]
pub(crate) struct Redactor {
    is_on: bool,
    /// Names under which they stand, besides those that are known.
    pub(super) keys: Vec<String>,
    prefixes: Vec<String>,
    secrets: Vec<String>,
    /// Bytes at which to look closer.
    triggers: [bool; 256],
}

/// A text that is looked into.
#[derive(Clone, Copy)]
pub(super) struct View<'t> {
    pub(super) text: &'t str,
    /// Whether nothing follows it.
    pub(super) last: bool,
    /// Whether it is a JSON document rather than what one of its texts says.
    pub(super) is_json: bool,
}

/// A part of a text that is a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Secret {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) label: &'static str,
}

/// What a closer look shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Nothing,
    Secret(Secret),
    /// What begins here may be one; the text ends too early to tell.
    Open(usize),
}

const fn triggers() -> [bool; 256] {
    const BYTES: &[u8] = b"-_.zKSJBb:=\"\\";
    let mut table = [false; 256];
    let mut i = 0;
    while i < BYTES.len() {
        #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
        {
            table[BYTES[i] as usize] = true;
        }
        i += 1;
    }
    table
}

impl Redactor {
    /// The one that needs no configuration.
    pub(crate) const BUILT_IN: &'static Self = &Self {
        is_on: true,
        keys: Vec::new(),
        prefixes: Vec::new(),
        secrets: Vec::new(),
        triggers: triggers(),
    };

    pub(crate) fn new(redaction: &Redaction) -> Self {
        let mut redactor = Self {
            is_on: redaction.is_on,
            keys: redaction.keys.clone(),
            prefixes: redaction.prefixes.clone(),
            secrets: redaction.secrets.clone(),
            triggers: triggers(),
        };
        let told = redaction.prefixes.iter().chain(&redaction.secrets);
        for first in told.filter_map(|text| text.bytes().next()) {
            if let Some(trigger) = redactor.triggers.get_mut(usize::from(first)) {
                *trigger = true;
            }
        }
        redactor
    }

    /// Masks the client's own key as well.
    pub(crate) fn add_secret(&mut self, text: &str) {
        if let Some(first) = text.bytes().next().filter(|_| text.len() >= SHORTEST_TOLD) {
            self.secrets.push(text.to_owned());
            if let Some(trigger) = self.triggers.get_mut(usize::from(first)) {
                *trigger = true;
            }
        }
    }

    pub(super) fn is_on(&self) -> bool {
        self.is_on
    }

    /// Returns a text without credentials; untouched text is lent.
    pub(crate) fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let view = View {
            text,
            last: true,
            is_json: false,
        };
        let mut out = String::new();
        let mut done = 0;
        while let Verdict::Secret(secret) = self.next(view, done, done) {
            out.push_str(text.get(done..secret.start).unwrap_or_default());
            out.push_str(&mask(secret.label));
            done = secret.end;
        }
        if done == 0 {
            return Cow::Borrowed(text);
        }
        out.push_str(text.get(done..).unwrap_or_default());
        Cow::Owned(out)
    }

    /// Masks what a text has of them.
    pub(super) fn change(&self, text: &mut String) {
        if let Cow::Owned(masked) = self.text(text) {
            *text = masked;
        }
    }

    /// Returns whether a JSON document may hold one, so that it has to be looked into.
    pub(crate) fn suspects(&self, json: &str) -> bool {
        let view = View {
            text: json,
            last: true,
            is_json: true,
        };
        self.next(view, 0, 0) != Verdict::Nothing
    }

    /// Looks from `from` on, and returns the first thing there that is not wholly within what was shown.
    pub(super) fn next(&self, view: View<'_>, from: usize, shown: usize) -> Verdict {
        if !self.is_on {
            return Verdict::Nothing;
        }
        let bytes = view.text.as_bytes();
        let mut at = from;
        while let Some(rest) = bytes.get(at..) {
            let is_trigger = |byte: &u8| self.triggers.get(usize::from(*byte)) == Some(&true);
            let Some(skipped) = rest.iter().position(is_trigger) else {
                break;
            };
            at += skipped;
            match self.look(view, at) {
                Verdict::Secret(secret) if secret.end > shown.max(secret.start) => {
                    let start = secret.start.max(shown);
                    return Verdict::Secret(Secret { start, ..secret });
                }
                Verdict::Open(start) => return Verdict::Open(start.max(shown)),
                Verdict::Secret(_) | Verdict::Nothing => at += 1,
            }
        }
        if view.last {
            Verdict::Nothing
        } else {
            tokens::unfinished(view).map_or(Verdict::Nothing, |at| Verdict::Open(at.max(shown)))
        }
    }

    fn look(&self, view: View<'_>, at: usize) -> Verdict {
        let told = self.look_for_told(view, at);
        if told != Verdict::Nothing {
            return told;
        }
        match view.byte(at) {
            Some(b'-' | b'_' | b'.') => match tokens::prefixed(view, at) {
                Verdict::Nothing => tokens::private_key(view, at),
                verdict => verdict,
            },
            Some(b'z' | b'K' | b'S' | b'J') => tokens::cased(view, at),
            Some(b'B' | b'b') => tokens::scheme(view, at),
            Some(b':') if view.may_start_with(at, "://") => address::password(view, at),
            Some(b':' | b'=') => assignment::assigned(self, view, at),
            Some(b'"') => assignment::listed(self, view, at),
            // Written so, a credential is not seen as one before the document is read.
            Some(b'\\')
                if view.is_json
                    && (view.starts_with(at, "\\u00") || view.starts_with(at, "\\/")) =>
            {
                view.secret(at, at + 1, "escape")
            }
            _ => Verdict::Nothing,
        }
    }

    /// Looks for what the program told of.
    fn look_for_told(&self, view: View<'_>, at: usize) -> Verdict {
        let rest = view.text.get(at..).unwrap_or_default();
        // The last letter of a word is not taken for the first of a secret.
        let is_beginning = |text: &String| {
            let counts = rest.len() >= SHORTEST_TOLD || view.word_before(at, 0).is_some();
            !view.last && counts && text.starts_with(rest)
        };
        if let Some(secret) = self.secrets.iter().find(|s| rest.starts_with(s.as_str())) {
            return view.secret(at, at + secret.len(), "secret");
        }
        if self.secrets.iter().chain(&self.prefixes).any(is_beginning) {
            return Verdict::Open(at);
        }
        let prefix = self.prefixes.iter().find(|p| rest.starts_with(p.as_str()));
        prefix.map_or(Verdict::Nothing, |prefix| {
            tokens::body(view, at, at + prefix.len(), "secret", |body| {
                body.len() >= 8
            })
        })
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redactor")
            .field("is_on", &self.is_on)
            .finish_non_exhaustive()
    }
}

impl<'t> View<'t> {
    pub(super) fn byte(self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    pub(super) fn rest(self, at: usize) -> &'t [u8] {
        self.text.as_bytes().get(at..).unwrap_or_default()
    }

    pub(super) fn starts_with(self, at: usize, text: &str) -> bool {
        self.rest(at).starts_with(text.as_bytes())
    }

    /// Returns whether this follows, or may when the text goes on.
    fn may_start_with(self, at: usize, text: &str) -> bool {
        let rest = self.rest(at);
        self.starts_with(at, text) || !self.last && text.as_bytes().starts_with(rest)
    }

    pub(super) fn part(self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or_default()
    }

    #[expect(clippy::unused_self, reason = "reads like the others")]
    pub(super) fn secret(self, start: usize, end: usize, label: &'static str) -> Verdict {
        Verdict::Secret(Secret { start, end, label })
    }

    /// Returns where the bytes from `at` on end that are like this.
    pub(super) fn run(self, at: usize, is_like: impl Fn(u8) -> bool) -> usize {
        let rest = self.rest(at);
        at + rest.iter().position(|b| !is_like(*b)).unwrap_or(rest.len())
    }

    /// Returns whether what ends here might go on.
    pub(super) fn is_open(self, end: usize) -> bool {
        !self.last && end >= self.text.len()
    }

    /// Returns where the word begins that ends before `end`, if it is at most `longest` bytes long. An
    /// escape before it is not part of it.
    pub(super) fn word_before(self, end: usize, longest: usize) -> Option<usize> {
        let bytes = self.text.as_bytes().get(..end)?;
        let letters = bytes.iter().rev().take(longest + 6);
        let length = letters.take_while(|b| b.is_ascii_alphanumeric()).count();
        let start = end - length;
        let start = if start.checked_sub(1).and_then(|at| self.byte(at)) == Some(b'\\') {
            let escape = if self.byte(start) == Some(b'u') { 5 } else { 1 };
            (start + escape).min(end)
        } else {
            start
        };
        (end - start <= longest).then_some(start)
    }
}

/// Looks at a text under a name: whether it is a credential, and which.
pub(super) fn judge(name: names::Name, text: &str) -> bool {
    match name.kind {
        names::Kind::Sure => !names::is_harmless(text),
        names::Kind::IfOpaque(shortest) => {
            names::is_opaque(text, shortest) && !names::is_harmless(text)
        }
        names::Kind::InQuery => false,
    }
}

#[cfg(test)]
mod tests;
