//! Names and what they are given, inside of texts: headers, queries, variables, JSON, Rust's `Debug`.

use super::Redactor;
use super::names::{Kind, Name, is_harmless, is_opaque};
use super::scan::{Verdict, View, judge};

const LONGEST_NAME: usize = 64;

/// Finds a credential after `name:` or `name=`.
pub(super) fn assigned(redactor: &Redactor, view: View<'_>, at: usize) -> Verdict {
    let Some((name, start)) = name_before(view, at) else {
        return Verdict::Nothing;
    };
    let Some(known) = redactor.name(name) else {
        return Verdict::Nothing;
    };
    let before = start.checked_sub(1).and_then(|at| view.byte(at));
    let is_query = view.byte(at) == Some(b'=') && matches!(before, Some(b'?' | b'&' | b';'));
    if known.kind == Kind::InQuery && !is_query {
        return Verdict::Nothing;
    }
    let value = match (view.byte(at), view.byte(at + 1)) {
        (Some(b'='), Some(b'>')) => at + 2,
        (Some(b'='), Some(b'=')) | (Some(b':'), Some(b':')) => return Verdict::Nothing,
        _ => at + 1,
    };
    let value = view.run(value, |byte| {
        byte == b' ' || view.is_json && byte.is_ascii_whitespace()
    });
    if view.is_open(value) {
        return Verdict::Open(at);
    }
    let value = unwrapped(view, value);
    match view.byte(value) {
        // It is not the text that is under this name, but what is in there.
        Some(b'[' | b'{' | b'0'..=b'9') if view.is_json && known.kind == Kind::Sure => {
            view.secret(at, at + 1, known.label)
        }
        Some(b'"' | b'\'' | b'\\' | b'`') => quoted(view, at, value, known),
        _ => bare(view, at, value, known, name, is_query),
    }
}

/// Finds a credential in a pair: `("name", "…")`. In a JSON document, a name alone is reason to look.
pub(super) fn listed(redactor: &Redactor, view: View<'_>, at: usize) -> Verdict {
    let next = view.byte(at + 1);
    let is_end = next == Some(b',') || view.is_json && matches!(next, Some(b'}' | b']'));
    if !is_end {
        return Verdict::Nothing;
    }
    let Some((name, start)) = name_before(view, at + 1) else {
        return Verdict::Nothing;
    };
    let Some(known) = redactor.name(name).filter(|name| name.kind == Kind::Sure) else {
        return Verdict::Nothing;
    };
    if view.is_json {
        return view.secret(at, at + 1, known.label);
    }
    let opening = start.checked_sub(2).and_then(|at| view.byte(at));
    let value = view.run(at + 2, |byte| byte == b' ');
    match view.byte(value) {
        Some(b'"') if opening == Some(b'(') => quoted(view, at, value, known),
        _ => Verdict::Nothing,
    }
}

/// Returns the name that ends before `at`, without its quotes, and where it begins.
fn name_before(view: View<'_>, at: usize) -> Option<(&str, usize)> {
    let bytes = view.text.as_bytes().get(..at)?;
    let blanks = bytes
        .iter()
        .rev()
        .take(2)
        .take_while(|b| **b == b' ')
        .count();
    let mut end = at - blanks;
    if end
        .checked_sub(1)
        .and_then(|at| view.byte(at))
        .is_some_and(|b| b == b'"' || b == b'\'')
    {
        end -= 1;
        let bytes = bytes.get(..end)?;
        end -= bytes.iter().rev().take_while(|b| **b == b'\\').count();
    }
    let letters = bytes.get(..end)?.iter().rev().take(LONGEST_NAME);
    let is_name = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let length = letters.take_while(is_name).count();
    let start = end - length;
    (length > 0).then(|| (view.part(start, end), start))
}

/// Returns where a value begins inside of `Some(…)`, a list, or a literal's prefix.
fn unwrapped(view: View<'_>, at: usize) -> usize {
    let is_quote = |byte: Option<u8>| matches!(byte, Some(b'"' | b'\''));
    if view.starts_with(at, "Some(") {
        return at + "Some(".len();
    }
    match view.byte(at) {
        Some(b'[') if !view.is_json && is_quote(view.byte(at + 1)) => at + 1,
        Some(b'b' | b'f' | b'r' | b'u') if is_quote(view.byte(at + 1)) => at + 1,
        _ => at,
    }
}

/// Judges a text in quotes, which may be escaped, as in JSON that is inside of a text.
fn quoted(view: View<'_>, at: usize, value: usize, name: Name) -> Verdict {
    let quote = view.run(value, |byte| byte == b'\\');
    let escapes = quote - value;
    let Some(mark) = view
        .byte(quote)
        .filter(|b| matches!(b, b'"' | b'\'' | b'`'))
    else {
        return if view.is_open(quote) {
            Verdict::Open(at)
        } else {
            Verdict::Nothing
        };
    };
    let start = quote + 1;
    let mut end = start;
    let mut backslashes = 0;
    let closed = loop {
        match view.byte(end) {
            None => break false,
            Some(byte) if byte == mark && backslashes == escapes => break true,
            Some(b'\\') => backslashes += 1,
            Some(_) => backslashes = 0,
        }
        end += 1;
    };
    if !closed && !view.last {
        return Verdict::Open(at);
    }
    let end = if closed { end - escapes } else { end };
    if judge(name, view.part(start, end)) {
        view.secret(start, end, name.label)
    } else {
        Verdict::Nothing
    }
}

/// Judges a value without quotes.
fn bare(
    view: View<'_>,
    at: usize,
    value: usize,
    name: Name,
    given: &str,
    is_query: bool,
) -> Verdict {
    let is_part = |b: u8| !b.is_ascii_whitespace() && !b",;&\"'`)]}<>\\|".contains(&b);
    let mut start = value;
    let mut end = view.run(value, is_part);
    let is_scheme = name.label == "authorization" && is_scheme(view.part(start, end));
    if is_scheme {
        start = view.run(end, |byte| byte == b' ');
        end = view.run(start, is_part);
    }
    if name.label == "cookie" && view.byte(at) == Some(b':') {
        end = view.run(start, |byte| !b"\r\n\"'`\\".contains(&byte));
    }
    if view.is_open(end) {
        return Verdict::Open(at);
    }
    let text = view.part(start, end);
    let is_variable = view.byte(at) == Some(b'=')
        && given.bytes().all(|b| !b.is_ascii_lowercase())
        && text.len() >= 4
        && !text.starts_with(['$', '{', '%', '*', '(']);
    let is_one = !is_harmless(text)
        && match name.kind {
            _ if name.label == "cookie" => text
                .split(' ')
                .next()
                .is_some_and(|pair| pair.contains('=')),
            Kind::Sure if is_query || is_variable || is_scheme => true,
            Kind::Sure => is_opaque(text, 6),
            Kind::IfOpaque(_) | Kind::InQuery if is_query => is_opaque(text, 6) || text.len() >= 16,
            Kind::IfOpaque(shortest) => is_opaque(text, shortest),
            Kind::InQuery => false,
        };
    if is_one {
        view.secret(start, end, name.label)
    } else {
        Verdict::Nothing
    }
}

fn is_scheme(word: &str) -> bool {
    const SCHEMES: [&str; 7] = [
        "bearer",
        "basic",
        "token",
        "digest",
        "apikey",
        "negotiate",
        "aws4-hmac-sha256",
    ];
    SCHEMES
        .iter()
        .any(|scheme| scheme.eq_ignore_ascii_case(word))
}
