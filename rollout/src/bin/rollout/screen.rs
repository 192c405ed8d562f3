//! Standard output: in colours where somebody looks at it, and never more than text.

use std::fmt::Write as _;
use std::io::{self, BufWriter, IsTerminal as _, Stdout, Write};

use rollout_core::show::harmless;
use serde::Serialize;

/// When output is in colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    Always,
    Never,
}

/// What a piece of text is, by which it is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    Plain,
    Dim,
    Bold,
    Good,
    Bad,
    Warning,
    Model,
}

/// Standard output.
#[derive(Debug)]
pub(crate) struct Screen {
    out: BufWriter<Stdout>,
    pub(crate) colored: bool,
    pub(crate) is_terminal: bool,
    /// In characters.
    pub(crate) width: usize,
    /// Whether that is so, or nobody knows how wide it is: lines go to a file, or to a program.
    pub(crate) has_width: bool,
}

impl Screen {
    pub(crate) fn new(color: Color) -> Self {
        let is_terminal = io::stdout().is_terminal();
        let has = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let colored = match color {
            Color::Auto => {
                let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
                is_terminal && !has("NO_COLOR") && !is_dumb
            }
            Color::Always => true,
            Color::Never => false,
        };
        let size = terminal_size::terminal_size_of(io::stdout());
        let columns = std::env::var("COLUMNS").ok();
        let columns = columns.and_then(|columns| columns.parse().ok());
        let width = size.map(|(width, _)| usize::from(width.0)).or(columns);
        Self {
            out: BufWriter::new(io::stdout()),
            colored,
            is_terminal,
            width: width.unwrap_or(120).clamp(40, 400),
            has_width: width.is_some(),
        }
    }

    /// Writes a line that nobody but this program has written.
    pub(crate) fn line(&mut self, line: &str) -> io::Result<()> {
        writeln!(self.out, "{line}")
    }

    /// Writes a value as one line of JSON, in which nothing is for a terminal to obey.
    pub(crate) fn json<T: Serialize>(&mut self, value: &T) -> io::Result<()> {
        let text = serde_json::to_string(value)?;
        self.line(&inert_json(&text))
    }

    /// Returns a text in a colour.
    pub(crate) fn ink(&self, ink: Ink, text: &str) -> String {
        let code = match ink {
            Ink::Plain => "",
            Ink::Dim => "2",
            Ink::Bold => "1",
            Ink::Good => "32",
            Ink::Bad => "31",
            Ink::Warning => "33",
            Ink::Model => "36",
        };
        if !self.colored || code.is_empty() || text.is_empty() {
            return text.to_owned();
        }
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// What is written so is written as it is: it is for other programs.
impl Write for Screen {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.out.write(text)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Returns the ink of a status.
pub(crate) fn ink_of(status: &str) -> Ink {
    match status {
        "ok" => Ink::Good,
        "failed" => Ink::Bad,
        _ => Ink::Warning,
    }
}

/// Returns a text as one line that does nothing but be shown.
pub(crate) fn inert(text: &str) -> String {
    let text = text.chars().map(|character| match character {
        '\n' | '\r' | '\t' => ' ',
        character => harmless(character),
    });
    text.collect()
}

/// Returns a text of several lines that does nothing but be shown.
pub(crate) fn inert_lines(text: &str) -> String {
    let text = text.chars().map(|character| match character {
        '\n' | '\t' => character,
        character => harmless(character),
    });
    text.collect()
}

/// Returns JSON in which what a terminal might obey is written as an escape: it means the same.
pub(crate) fn inert_json(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        if character == '\n' || harmless(character) == character {
            text.push(character);
        } else {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text
}

/// Returns the beginning of a line, no longer than this.
pub(crate) fn cut(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    let beginning = text.chars().take(longest.saturating_sub(1));
    beginning.chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        assert_eq!(
            inert("a\x1b[2J\nb\u{202e}\u{9b}"),
            "a\u{fffd}[2J b\u{fffd}\u{fffd}"
        );
        assert_eq!(inert_lines("a\nb\r\x07"), "a\nb\u{fffd}\u{fffd}");
    }

    #[test]
    fn json_means_the_same_when_it_is_inert() {
        let value = serde_json::json!({"a": "\u{202e}\u{7f}\u{e0041}é\n"});
        let text = inert_json(&value.to_string());
        assert_eq!(text, r#"{"a":"\u202e\u007f\udb40\udc41é\n"}"#);
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text).unwrap(),
            value
        );
    }

    #[test]
    fn a_line_is_cut_between_characters() {
        assert_eq!(cut("élan", 4), "élan");
        assert_eq!(cut("élans", 4), "éla…");
    }
}
