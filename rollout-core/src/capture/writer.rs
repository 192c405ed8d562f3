//! Writes any `Serialize` as JSON that is never too long, never too deep and never invalid.
//!
//! `serde_json` would do, but for three things: it has no end of a large value, it turns NaN into
//! `null`, and it gives up on a map whose keys are no strings.

mod escape;
mod keys;
mod seq;
mod serializer;

use std::fmt::{self, Write as _};

use serde::{Serialize, ser};

use crate::pipeline::limits::seems_media;

pub(crate) use escape::split_at_most;
use escape::{escape, split_head, split_tail};
use seq::Compound;

/// How much of a value is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Bytes of JSON; what comes after is left out, and open brackets are closed.
    pub(crate) bytes: usize,
    /// Nested brackets; what is deeper is left out.
    pub(crate) depth: usize,
    /// Bytes of a single text; what is in its middle is left out.
    pub(crate) text: usize,
}

impl Limits {
    pub(crate) fn bytes(bytes: usize) -> Self {
        Self {
            bytes,
            depth: 100,
            text: usize::MAX,
        }
    }

    /// Returns limits within which one long text does not take the room of all that comes after it.
    pub(crate) fn shared(bytes: usize) -> Self {
        Self {
            text: bytes / 4,
            ..Self::bytes(bytes)
        }
    }
}

/// Bytes that are kept of a text that seems to be an image or the like.
const MEDIA_HEAD: usize = 512;

/// What became of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    /// Valid JSON, always.
    pub(crate) json: String,
    /// Whether something was left out.
    pub(crate) truncated: bool,
}

/// Writes a value as JSON.
///
/// # Errors
///
/// Fails if the value's `Serialize` gives up; what it had written until then is thrown away, as
/// half a value looks like a whole one.
pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T, limits: Limits) -> Result<Written, String> {
    let mut writer = Writer::new(limits);
    match value.serialize(&mut writer) {
        Ok(()) => Ok(Written {
            json: writer.out,
            truncated: writer.truncated,
        }),
        Err(Stop::Full) => {
            writer.close_all();
            Ok(Written {
                json: writer.out,
                truncated: true,
            })
        }
        Err(Stop::Failed(message)) => Err(message),
    }
}

/// Why the writing came to an end before the value did.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The limit is reached. An error, so that the value's own loops end as well.
    Full,
    Failed(String),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Full => "the value is too long",
            Self::Failed(message) => message,
        })
    }
}

impl std::error::Error for Stop {}

impl ser::Error for Stop {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Failed(message.to_string())
    }
}

pub(super) struct Writer {
    out: String,
    limits: Limits,
    /// The brackets to be closed, innermost last.
    open: Vec<char>,
    /// How many values without brackets of their own are around what is written: options, newtypes and
    /// variants of one value can be nested without end as well.
    inside: usize,
    /// Whether a key is written that has no value yet.
    after_key: bool,
    truncated: bool,
}

impl Writer {
    fn new(limits: Limits) -> Self {
        Self {
            out: String::new(),
            limits,
            open: Vec::new(),
            inside: 0,
            after_key: false,
            truncated: false,
        }
    }

    /// Writes a value that stands inside another one without brackets, unless it is too deep.
    fn inside(&mut self, write: impl FnOnce(&mut Self) -> Result<(), Stop>) -> Result<(), Stop> {
        if self.is_too_deep() {
            self.truncated = true;
            return self.string("…");
        }
        self.inside += 1;
        let written = write(self);
        self.inside -= 1;
        written
    }

    fn is_too_deep(&self) -> bool {
        self.open.len() >= self.limits.depth || self.inside >= 2 * self.limits.depth
    }

    /// Returns the bytes that may still be written.
    fn room(&self) -> usize {
        self.limits.bytes.saturating_sub(self.out.len())
    }

    /// Writes a short text as it is.
    fn atom(&mut self, text: &str) -> Result<(), Stop> {
        if text.len() > self.room() {
            return Err(Stop::Full);
        }
        self.out.push_str(text);
        self.after_key = false;
        Ok(())
    }

    fn display(&mut self, value: impl fmt::Display) -> Result<(), Stop> {
        if self.room() == 0 {
            return Err(Stop::Full);
        }
        let _ = write!(self.out, "{value}");
        self.after_key = false;
        Ok(())
    }

    /// Writes a string, cut where it does not fit.
    fn string(&mut self, text: &str) -> Result<(), Stop> {
        let room = self.room();
        if room == 0 {
            return Err(Stop::Full);
        }
        self.after_key = false;
        self.out.push('"');
        if text.len() > self.limits.text && self.limits.text < room {
            self.ends_of(text);
            return Ok(());
        }
        let (head, rest) = split_head(text, room);
        escape(head, &mut self.out);
        if rest.is_empty() {
            self.out.push('"');
            return Ok(());
        }
        let _ = write!(self.out, "… [{} bytes cut]\"", rest.len());
        self.truncated = true;
        // There is room for no more.
        Err(Stop::Full)
    }

    /// Writes the beginning of a text, which says what it is, and its end, which says how it went. Of
    /// media in base64 the beginning says all.
    fn ends_of(&mut self, text: &str) {
        let (head, tail) = if seems_media(split_at_most(text, 4 * MEDIA_HEAD).0) {
            (MEDIA_HEAD.min(self.limits.text), 0)
        } else {
            (self.limits.text * 3 / 4, self.limits.text / 4)
        };
        let (head, rest) = split_head(text, head);
        let (middle, tail) = split_tail(rest, tail);
        escape(head, &mut self.out);
        let _ = write!(self.out, "… [{} bytes cut] …", middle.len());
        escape(tail, &mut self.out);
        self.out.push('"');
        self.truncated = true;
    }

    fn float(&mut self, number: f64) -> Result<(), Stop> {
        if number.is_finite() {
            // As serde_json writes it, and with a fraction, so that it stays a float.
            return self.atom(
                &serde_json::Number::from_f64(number)
                    .map_or_else(|| "null".to_owned(), |number| number.to_string()),
            );
        }
        self.atom(if number.is_nan() {
            r#""NaN""#
        } else if number > 0.0 {
            r#""Infinity""#
        } else {
            r#""-Infinity""#
        })
    }

    /// Opens a bracket, unless it is one too deep.
    fn open(&mut self, bracket: char, close: char) -> Result<Compound<'_>, Stop> {
        if self.is_too_deep() {
            self.truncated = true;
            self.string("…")?;
            return Ok(Compound::left_out(self));
        }
        if self.room() == 0 {
            return Err(Stop::Full);
        }
        self.out.push(bracket);
        self.open.push(close);
        self.after_key = false;
        Ok(Compound::new(self))
    }

    /// Opens the brackets of an enum's variant: `{"Variant":` and the inner one.
    fn open_variant(
        &mut self,
        variant: &str,
        bracket: char,
        close: char,
    ) -> Result<Compound<'_>, Stop> {
        self.start_variant(variant)?;
        let compound = self.open(bracket, close)?;
        Ok(compound.of_variant())
    }

    fn start_variant(&mut self, variant: &str) -> Result<(), Stop> {
        if self.room() == 0 {
            return Err(Stop::Full);
        }
        self.out.push('{');
        self.open.push('}');
        self.key(variant)
    }

    /// Closes the innermost bracket.
    fn close(&mut self) {
        if let Some(bracket) = self.open.pop() {
            self.out.push(bracket);
        }
    }

    fn key(&mut self, key: &str) -> Result<(), Stop> {
        let (_, rest) = split_head(key, self.room().saturating_sub(3));
        if !rest.is_empty() || self.room() < 3 {
            return Err(Stop::Full);
        }
        self.out.push('"');
        escape(key, &mut self.out);
        self.out.push_str("\":");
        self.after_key = true;
        Ok(())
    }

    fn comma(&mut self, first: bool) {
        if !first {
            self.out.push(',');
        }
    }

    /// Makes what was written so far valid JSON.
    fn close_all(&mut self) {
        if self.after_key {
            self.out.push_str("\"…\"");
        } else if self.out.ends_with(',') {
            self.out.pop();
        }
        if self.out.is_empty() {
            self.out.push_str("\"…\"");
        }
        while !self.open.is_empty() {
            self.close();
        }
    }
}

#[cfg(test)]
mod tests;
