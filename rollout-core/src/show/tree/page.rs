//! Lines of a limited width, with colours or without, in which recorded text does no harm.

use std::fmt::{self, Write as _};

use super::super::glyph::{columns, harmless};

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
#[derive(Debug)]
pub(super) struct Line {
    pieces: Vec<(Ink, String)>,
    columns: usize,
    width: usize,
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

    pub(super) fn line(&mut self, write: impl FnOnce(&mut Line)) -> fmt::Result {
        let mut line = Line {
            pieces: Vec::new(),
            columns: 0,
            width: self.width,
        };
        write(&mut line);
        line.fit();
        if !std::mem::replace(&mut self.is_first, false) {
            self.out.write_char('\n')?;
        }
        for (ink, text) in &line.pieces {
            if self.colored && *ink != Ink::Plain {
                write!(self.out, "\x1b[{}m{text}\x1b[0m", ink.code())?;
            } else {
                self.out.write_str(text)?;
            }
        }
        Ok(())
    }
}

impl Line {
    /// Adds a text to the line.
    pub(super) fn push(&mut self, ink: Ink, text: &str) {
        let mut piece = String::new();
        for character in text.chars() {
            if self.columns > self.width {
                break;
            }
            let character = harmless(character);
            piece.push(character);
            self.columns = self.columns.saturating_add(columns(character));
        }
        if !piece.is_empty() {
            self.pieces.push((ink, piece));
        }
    }

    /// Adds a text, set off from what is before it.
    pub(super) fn item(&mut self, ink: Ink, text: &str) {
        if !text.is_empty() {
            self.push(Ink::Dim, " · ");
            self.push(ink, text);
        }
    }

    /// Takes back what is too much.
    fn fit(&mut self) {
        let is_cut = self.columns > self.width;
        // One is for the mark that something is left out.
        let room = if is_cut {
            self.width.saturating_sub(1)
        } else {
            self.width
        };
        while let Some((_, text)) = self.pieces.last_mut() {
            match text.pop() {
                Some(last) if self.columns > room || last == ' ' => {
                    self.columns = self.columns.saturating_sub(columns(last));
                }
                Some(last) => {
                    text.push(last);
                    if is_cut {
                        text.push('…');
                    }
                    return;
                }
                None => drop(self.pieces.pop()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fitted(width: usize, pieces: &[&str]) -> String {
        let (pieces_of_line, columns) = (Vec::new(), 0);
        let mut line = Line {
            pieces: pieces_of_line,
            columns,
            width,
        };
        for piece in pieces {
            line.push(Ink::Plain, piece);
        }
        line.fit();
        line.pieces.into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn a_line_is_cut_where_it_does_not_fit_and_only_there() {
        assert_eq!(fitted(5, &["ab", "cde"]), "abcde");
        assert_eq!(fitted(5, &["ab", "cdef"]), "abcd…");
        assert_eq!(fitted(5, &["abc ", " defg"]), "abc…");
        assert_eq!(fitted(9, &["ab ", " "]), "ab");
        assert_eq!(fitted(0, &["ab"]), "");
    }

    #[test]
    fn a_character_may_take_two_columns_or_none() {
        assert_eq!(fitted(4, &["東京"]), "東京");
        assert_eq!(fitted(4, &["東京都"]), "東…");
        assert_eq!(fitted(2, &["e\u{301}e\u{301}"]), "e\u{301}e\u{301}");
    }
}
