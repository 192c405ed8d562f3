//! Passwords in addresses.

use super::names::is_opaque;
use super::scan::{Verdict, View};

/// Finds the password in front of a host, or the token that is there in place of a user.
pub(super) fn password(view: View<'_>, at: usize) -> Verdict {
    let start = at + "://".len();
    let end = view.run(start, |byte| {
        !byte.is_ascii_whitespace() && !b"/?#\"'<>`)]}\\,".contains(&byte)
    });
    if view.is_open(start) || view.is_open(end) {
        return Verdict::Open(at);
    }
    let Some((user, _)) = view.part(start, end).rsplit_once('@') else {
        return Verdict::Nothing;
    };
    match user.split_once(':') {
        Some((_, password)) if password.starts_with("[REDACTED") => Verdict::Nothing,
        Some((name, password)) if !password.is_empty() => {
            let from = start + name.len() + 1;
            view.secret(from, start + user.len(), "password")
        }
        _ if is_opaque(user, 16) => view.secret(start, start + user.len(), "token"),
        _ => Verdict::Nothing,
    }
}
