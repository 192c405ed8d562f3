//! Credentials that are known by how they begin.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::scan::{Verdict, View};

/// How known ones begin, up to where a closer look is taken; a text that ends so may go on as one.
const BEGINNINGS: &[&str] = &[
    "sk", "rk", "pk", "xai", "gsk", "pplx", "nvapi", "tvly", "csk", "key", "hf", "r8", "npm", "fw",
    "rl", "jina", "lsv2", "glpat", "ghp", "gho", "ghs", "ghu", "ghr", "github", "xoxb", "xoxp",
    "xapp", "whsec", "shpat", "SG", "ya29", "AIza", "AKIA", "ASIA", "eyJ",
];
const KEY: &str = "api key";
const TOKEN: &str = "token";

/// Finds a key by what it begins with, at the first `-`, `_` or `.` of it.
pub(super) fn prefixed(view: View<'_>, at: usize) -> Verdict {
    let Some(start) = view.word_before(at, 6) else {
        return Verdict::Nothing;
    };
    let (seconds, shape, label): (&[&str], _, _) = match view.part(start, at + 1).as_bytes() {
        b"sk-" | b"nvapi-" | b"tvly-" => (&[""], Shape::Words(12), KEY),
        b"xai-" | b"pplx-" | b"csk-" | b"gsk_" | b"hf_" | b"r8_" | b"npm_" | b"fw_" | b"jina_"
        | b"key-" => (&[""], Shape::Unbroken, KEY),
        b"rl_" | b"lsv2_" => (&[""], Shape::Words(14), KEY),
        b"SG." => (&[""], Shape::Words(24), KEY),
        b"sk_" | b"rk_" | b"pk_" => (&["live_", "test_"], Shape::Words(8), KEY),
        b"ghp_" | b"gho_" | b"ghs_" | b"ghu_" | b"ghr_" => (&[""], Shape::Unbroken, TOKEN),
        b"glpat-" | b"ya29." => (&[""], Shape::Words(14), TOKEN),
        b"github_" => (&["pat_"], Shape::Words(14), TOKEN),
        b"xoxb-" | b"xoxp-" | b"xoxa-" | b"xoxe-" | b"xoxr-" | b"xoxs-" | b"xapp-" | b"shpat_" => {
            (&[""], Shape::Words(10), TOKEN)
        }
        b"whsec_" => (&[""], Shape::Unbroken, "secret"),
        _ => return Verdict::Nothing,
    };
    let rest = view.text.get(at + 1..).unwrap_or_default();
    if let Some(second) = seconds.iter().find(|second| rest.starts_with(**second)) {
        let from = at + 1 + second.len();
        return body(view, start, from, label, |body| shape.is_that_of(body));
    }
    let may_go_on = !view.last && seconds.iter().any(|second| second.starts_with(rest));
    if may_go_on {
        Verdict::Open(start)
    } else {
        Verdict::Nothing
    }
}

/// Judges what a key consists of after its beginning.
pub(super) fn body(
    view: View<'_>,
    start: usize,
    from: usize,
    label: &'static str,
    is_one: impl Fn(&str) -> bool,
) -> Verdict {
    let mut end = view.run(from, is_key_byte);
    // A full stop ends a sentence, unless something follows.
    while view.byte(end) == Some(b'.') {
        if view.is_open(end + 1) {
            return Verdict::Open(start);
        }
        let next = view.run(end + 1, is_key_byte);
        if next == end + 1 {
            break;
        }
        end = next;
    }
    if view.is_open(end) {
        return Verdict::Open(start);
    }
    if is_one(view.part(from, end)) {
        view.secret(start, end, label)
    } else {
        Verdict::Nothing
    }
}

fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'*')
}

/// What a key looks like after its beginning.
#[derive(Clone, Copy)]
enum Shape {
    /// Words with dashes between them, one of which is random, and so long in all.
    Words(usize),
    /// One long random word.
    Unbroken,
}

impl Shape {
    fn is_that_of(self, body: &str) -> bool {
        let mut words = body.split(|c: char| !c.is_ascii_alphanumeric());
        let has_digit = body.bytes().any(|byte| byte.is_ascii_digit());
        // What a provider has masked itself still has its last characters.
        if body.contains("***") {
            return true;
        }
        match self {
            Self::Unbroken => words.next().is_some_and(|word| word.len() >= 16),
            Self::Words(shortest) => {
                let longest = words.map(str::len).max().unwrap_or(0);
                body.len() >= shortest && (longest >= 16 || has_digit && longest >= 8)
            }
        }
    }
}

/// Finds keys by the letter in their beginning that prose has least of.
pub(super) fn cased(view: View<'_>, at: usize) -> Verdict {
    let begins = |beginning: &str, letter: usize| {
        let start = at.checked_sub(letter)?;
        let begins = view.starts_with(start, beginning);
        (begins && view.word_before(start, 0).is_some()).then_some(start)
    };
    if let Some(start) = begins("AIza", 2) {
        return body(view, start, start + 4, KEY, |body| {
            Shape::Words(20).is_that_of(body)
        });
    }
    for beginning in ["AKIA", "ASIA"] {
        if let Some(start) = begins(beginning, 1) {
            let end = view.run(start, |b| b.is_ascii_uppercase() || b.is_ascii_digit());
            return match (end - start, view.byte(end)) {
                _ if view.is_open(end) => Verdict::Open(start),
                (20, next) if !next.is_some_and(|b| b.is_ascii_alphanumeric()) => {
                    view.secret(start, end, "access key")
                }
                _ => Verdict::Nothing,
            };
        }
    }
    begins("eyJ", 2).map_or(Verdict::Nothing, |start| web_token(view, start))
}

/// Finds a JSON web token: three parts, the first two of which are JSON in base64.
fn web_token(view: View<'_>, start: usize) -> Verdict {
    let part = |from| {
        view.run(from, |b| {
            b.is_ascii_alphanumeric() || b == b'-' || b == b'_'
        })
    };
    let mut end = part(start);
    for index in 0..4 {
        if view.is_open(end) {
            return Verdict::Open(start);
        }
        let next = part(end + 1);
        if view.byte(end) == Some(b'.') && view.is_open(next) {
            return Verdict::Open(start);
        }
        if view.byte(end) != Some(b'.') || next <= end + 4 {
            return if index == 0 {
                Verdict::Nothing
            } else {
                view.secret(start, end, TOKEN)
            };
        }
        end = next;
    }
    view.secret(start, end, TOKEN)
}

/// Finds what follows the name of a scheme, as in a header.
pub(super) fn scheme(view: View<'_>, at: usize) -> Verdict {
    let is_word = |word: &str| {
        let given = view.rest(at).get(..word.len());
        given.is_some_and(|given| given.eq_ignore_ascii_case(word.as_bytes()))
    };
    let scheme = match view.byte(at + 1) {
        Some(b'e' | b'E') if is_word("bearer") => "bearer",
        Some(b'a' | b'A') if is_word("basic") => "basic",
        _ => return Verdict::Nothing,
    };
    if view.word_before(at, 0).is_none() {
        return Verdict::Nothing;
    }
    let blank = at + scheme.len();
    let start = view.run(blank, |byte| byte == b' ');
    if view.is_open(start) {
        return Verdict::Open(at);
    }
    if start == blank {
        return Verdict::Nothing;
    }
    let is_token = |b: u8| b.is_ascii_alphanumeric() || b"-_.~+/=*".contains(&b);
    let end = view.run(start, is_token);
    if view.is_open(end) {
        return Verdict::Open(at);
    }
    let token = view.part(start, end).trim_end_matches('.');
    let is_one = if scheme == "basic" {
        // A name and a password, or else it is prose.
        let decoded = STANDARD.decode(token).unwrap_or_default();
        decoded.contains(&b':') && decoded.is_ascii()
    } else {
        let has_digit = token.bytes().any(|byte| byte.is_ascii_digit());
        token.contains("***") || token.len() >= 8 && has_digit || token.len() >= 24
    };
    if is_one {
        view.secret(
            start,
            start + token.len(),
            if scheme == "basic" { "password" } else { TOKEN },
        )
    } else {
        Verdict::Nothing
    }
}

/// Finds a private key in PEM, up to its end or, where that is missing, as far as it looks like one.
pub(super) fn private_key(view: View<'_>, at: usize) -> Verdict {
    const BEGIN: &str = "-----BEGIN ";
    const LONGEST: usize = 16 * 1024;
    let before = at.checked_sub(1).and_then(|at| view.byte(at));
    if view.byte(at) != Some(b'-') || before == Some(b'-') {
        return Verdict::Nothing;
    }
    let rest = view.text.get(at..).unwrap_or_default();
    let Some(named) = rest.strip_prefix(BEGIN) else {
        let may_go_on = !view.last && BEGIN.starts_with(rest);
        return if may_go_on {
            Verdict::Open(at)
        } else {
            Verdict::Nothing
        };
    };
    let Some((name, content)) = named.split_once("-----") else {
        let may_go_on = !view.last && named.len() < 64;
        return if may_go_on {
            Verdict::Open(at)
        } else {
            Verdict::Nothing
        };
    };
    if !name.contains("PRIVATE KEY") || name.len() > 64 {
        return Verdict::Nothing;
    }
    let begun = at + BEGIN.len() + name.len() + 5;
    let label = "private key";
    if let Some((before, after)) = content.split_once("-----END ")
        && before.len() <= LONGEST
        && let Some(length) = after.find("-----")
    {
        let end = begun + before.len() + 9 + length + 5;
        return view.secret(at, end, label);
    }
    let looks = |b: u8| b.is_ascii_alphanumeric() || b"+/=\n\r\t \\:,-".contains(&b);
    let end = view.run(begun, looks);
    if view.is_open(end) {
        return Verdict::Open(at);
    }
    view.secret(at, end, label)
}

/// Returns where something begins, at the end of a text, that may go on as a credential. A single letter
/// is not kept back for that: it tells nothing, and half of all words begin with one of them.
pub(super) fn unfinished(view: View<'_>) -> Option<usize> {
    let end = view.text.len();
    let start = view.word_before(end, 6)?;
    let word = view.part(start, end);
    let may_go_on = BEGINNINGS.iter().any(|known| known.starts_with(word));
    (word.len() > 1 && may_go_on).then_some(start)
}
