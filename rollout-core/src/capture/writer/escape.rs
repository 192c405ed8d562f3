//! The inside of a JSON string, and how long it gets.

use std::fmt::Write as _;

/// Splits a text after at most this many bytes, between two characters.
pub(crate) fn split_at_most(text: &str, bytes: usize) -> (&str, &str) {
    let mut at = bytes.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    text.split_at(at)
}

/// Splits off the beginning of which no more than this many bytes are written.
pub(super) fn split_head(text: &str, room: usize) -> (&str, &str) {
    if fits(text, room) {
        return (text, "");
    }
    split_at_most(text, fitting(text.bytes(), room))
}

/// Splits off the end of which no more than this many bytes are written.
pub(super) fn split_tail(text: &str, room: usize) -> (&str, &str) {
    if fits(text, room) {
        return ("", text);
    }
    let mut at = text.len() - fitting(text.bytes().rev(), room);
    while !text.is_char_boundary(at) {
        at += 1;
    }
    text.split_at(at)
}

/// Returns whether a text fits, whatever is in it.
fn fits(text: &str, room: usize) -> bool {
    text.len().saturating_mul(LONGEST) <= room
}

/// Returns how many of these bytes there is room for.
fn fitting(bytes: impl Iterator<Item = u8>, mut room: usize) -> usize {
    bytes
        .take_while(|byte| {
            let left = room.checked_sub(length(*byte));
            room = left.unwrap_or(0);
            left.is_some()
        })
        .count()
}

/// The longest that a byte is written as.
const LONGEST: usize = "\\u0000".len();

fn length(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' => 2,
        0..=0x1f => LONGEST,
        _ => 1,
    }
}

/// Writes the inside of a JSON string.
pub(super) fn escape(text: &str, out: &mut String) {
    let mut clean = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escaped = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..=0x1f => "",
            _ => continue,
        };
        out.push_str(text.get(clean..at).unwrap_or_default());
        clean = at + 1;
        if escaped.is_empty() {
            let _ = write!(out, "\\u{byte:04x}");
        } else {
            out.push_str(escaped);
        }
    }
    out.push_str(text.get(clean..).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_of_a_text_is_what_counts() {
        let text = "a\"é\u{1}b";
        for (room, head, tail) in [
            (0, "", ""),
            (1, "a", "b"),
            (2, "a", "b"),
            (3, "a\"", "b"),
            (4, "a\"", "b"),
            (5, "a\"é", "b"),
            (7, "a\"é", "\u{1}b"),
            (11, "a\"é\u{1}", "\"é\u{1}b"),
            (12, text, text),
        ] {
            assert_eq!(split_head(text, room).0, head, "{room}");
            assert_eq!(split_tail(text, room).1, tail, "{room}");
        }
    }
}
