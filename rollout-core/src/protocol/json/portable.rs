//! JSON that is valid, and that some parsers refuse all the same.

/// What may be wrong with a JSON text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Brackets within brackets, more than parsers follow.
    Deep,
    /// Perhaps half a surrogate pair, or a number that no double holds: worth a closer look.
    Odd,
}

/// Parsers follow 128 brackets or more, of which the envelope and the event take some.
const DEEPEST: usize = 100;

/// The largest double has 309 digits before its point.
const MOST_DIGITS: usize = 300;

/// Looks for trouble in a valid JSON text, without parsing it.
pub(super) fn trouble(text: &str) -> Option<Trouble> {
    let mut bytes = text.bytes();
    let (mut depth, mut digits, mut most) = (0_usize, 0, MOST_DIGITS);
    while let Some(byte) = bytes.next() {
        match byte {
            b'0'..=b'9' | b'.' => {
                digits += 1;
                if digits > most {
                    return Some(Trouble::Odd);
                }
                continue;
            }
            // An exponent: two digits of it are no trouble.
            b'e' | b'E' if digits > 0 => {
                (digits, most) = (0, 2);
                continue;
            }
            b'+' | b'-' => continue,
            b'"' if skip_string(&mut bytes) => return Some(Trouble::Odd),
            b'[' | b'{' => {
                depth += 1;
                if depth > DEEPEST {
                    return Some(Trouble::Deep);
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        (digits, most) = (0, MOST_DIGITS);
    }
    None
}

/// Goes to the end of a string, or until it may have found a surrogate, and says whether it has.
fn skip_string(bytes: &mut std::str::Bytes<'_>) -> bool {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return false,
            b'\\' if bytes.next() == Some(b'u') && matches!(bytes.next(), Some(b'd' | b'D')) => {
                return true;
            }
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_is_found_where_it_is_and_nowhere_else() {
        let digits = "1".repeat(400);
        for text in [
            r#"["\ud800"]"#,
            r#""\\\ud800""#,
            "1e999",
            "[-1.5E+400]",
            &digits,
        ] {
            assert_eq!(trouble(text), Some(Trouble::Odd), "{text}");
        }
        let (open, close) = ("[".repeat(101), "]".repeat(101));
        assert_eq!(trouble(&format!("{open}{close}")), Some(Trouble::Deep));
        let in_string = format!(r#"{{"{digits}e999":"{open}","a":[true,false,null,1e10]}}"#);
        let wide = "[],".repeat(1_000);
        for text in [
            in_string.as_str(),
            r#""\\ud800 \u00e9""#,
            "[1.5e-07,2]",
            "[1,22,333]",
        ] {
            assert_eq!(trouble(text), None, "{text}");
        }
        assert_eq!(trouble(&format!("[{wide}1]")), None);
    }
}
