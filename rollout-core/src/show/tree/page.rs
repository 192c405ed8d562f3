//! Lines of a limited width, with colours or without, in which recorded text does no harm.

use std::fmt::{self, Write as _};

/// What a piece of text is, and so how it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    Plain,
    Bold,
    Dim,
    Good,
    Bad,
    Warning,
    Model,
    Tool,
}

impl Ink {
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Bold => "1",
            Self::Dim => "2",
            Self::Good => "32",
            Self::Bad => "31",
            Self::Warning => "33",
            Self::Model => "36",
            Self::Tool => "35",
        }
    }
}

pub(super) struct Page<'a, 'f> {
    out: &'a mut fmt::Formatter<'f>,
    width: usize,
    colored: bool,
    is_first: bool,
}

/// A line that is being written; what does not fit is left out, and `…` says so.
pub(super) struct Line<'a> {
    text: &'a mut String,
    left: usize,
    colored: bool,
    full: bool,
}

impl<'a, 'f> Page<'a, 'f> {
    pub(super) fn new(out: &'a mut fmt::Formatter<'f>, width: usize, colored: bool) -> Self {
        Self {
            out,
            width,
            colored,
            is_first: true,
        }
    }

    pub(super) fn line(&mut self, write: impl FnOnce(&mut Line<'_>)) -> fmt::Result {
        let mut text = String::new();
        write(&mut Line {
            text: &mut text,
            // One is for the mark that something is left out.
            left: self.width.saturating_sub(1),
            colored: self.colored,
            full: false,
        });
        if !std::mem::replace(&mut self.is_first, false) {
            self.out.write_char('\n')?;
        }
        self.out.write_str(text.trim_end())
    }
}

impl Line<'_> {
    /// Adds a text to the line.
    pub(super) fn push(&mut self, ink: Ink, text: &str) {
        if self.full || text.is_empty() {
            return;
        }
        let dressed = self.colored && ink != Ink::Plain;
        if dressed {
            let _ = write!(self.text, "\x1b[{}m", ink.code());
        }
        for character in text.chars() {
            if self.left == 0 {
                self.text.push('…');
                self.full = true;
                break;
            }
            self.text.push(harmless(character));
            self.left -= 1;
        }
        if dressed {
            self.text.push_str("\x1b[0m");
        }
    }

    /// Adds a text, set off from what is before it.
    pub(super) fn item(&mut self, ink: Ink, text: &str) {
        if !text.is_empty() {
            self.push(Ink::Dim, " · ");
            self.push(ink, text);
        }
    }
}

/// Returns a character that does nothing but be shown: a terminal obeys control characters, and turns
/// the direction of text where it is told to.
fn harmless(character: char) -> char {
    match character {
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        character if character.is_control() => '\u{fffd}',
        character => character,
    }
}
