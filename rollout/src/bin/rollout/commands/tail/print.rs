//! Events as lines, each when it comes.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io;

use serde_json::Value;

use crate::screen::{Ink, Screen, cut, inert, ink_of};
use crate::store::moment;
use crate::words;

/// What is known of so many traces and spans that are open; of more, the line of an end says less.
const MOST: usize = 10_000;

/// Prints events, and remembers what is open.
#[derive(Debug, Default)]
pub(super) struct Printer {
    /// How deep spans are inside of others, by their ids.
    depths: HashMap<String, usize>,
    /// The texts of streams, by the ids of their spans.
    streamed: HashMap<String, Streamed>,
}

/// The text of a stream.
#[derive(Debug, Default)]
struct Streamed {
    /// As far as it has come.
    text: String,
    /// The end of that which is not printed: a word of which there may be more.
    held: String,
}

/// A word is waited for to its end, but not one that is longer than this, as texts without spaces are.
const WORD: usize = 40;

impl Printer {
    pub(super) fn event(&mut self, event: &Value, screen: &mut Screen) -> io::Result<()> {
        let kind = text(event, "event_type");
        match kind {
            "trace.start" | "span.start" | "tool.call" | "llm.request" => {
                self.begin(kind, event, screen)
            }
            "trace.end" | "span.end" | "tool.result" => self.end(kind, event, screen),
            _ if preview(event).is_some() => self.stream(event, screen),
            // What they bring is told at the end.
            "" | "span.update" | "llm.response" | "llm.stream_start" | "llm.stream_end"
            | "llm.stream_chunk" => Ok(()),
            _ => self.moment(kind, event, screen),
        }
    }

    fn begin(&mut self, kind: &str, event: &Value, screen: &mut Screen) -> io::Result<()> {
        let Some(id) = id(event) else { return Ok(()) };
        if self.depths.contains_key(id) {
            // A call that is a span as well has begun as that.
            return Ok(());
        }
        let depth = if kind == "trace.start" {
            0
        } else {
            self.depth_inside(event) + 1
        };
        if self.depths.len() < MOST {
            self.depths.insert(id.to_owned(), depth);
        }
        let mark = screen.ink(Ink::Warning, "▸");
        let what = what(kind, event);
        let mut line = format!("{mark} {}", screen.ink(Ink::Bold, &what));
        let model = text(object(event, "model"), "model");
        if !model.is_empty() {
            let _ = write!(line, " · {}", screen.ink(Ink::Model, &inert(model)));
        }
        let mut given = ["arguments", "input"].iter();
        let given = given.find_map(|key| object(event, "raw").get(key));
        if kind != "llm.request"
            && let Some(given) = given
        {
            let _ = write!(line, " {}", screen.ink(Ink::Dim, &short(given)));
        }
        write(event, depth, &line, screen)
    }

    fn end(&mut self, kind: &str, event: &Value, screen: &mut Screen) -> io::Result<()> {
        let Some(id) = id(event) else { return Ok(()) };
        if let Some(Streamed { held, .. }) = self.streamed.remove(id)
            && !held.is_empty()
        {
            self.piece(id, &held, event, screen)?;
        }
        let inside = || self.depth_inside(event) + 1;
        let of_trace = kind == "trace.end";
        let depth = self.depths.get(id).copied();
        let depth = depth.unwrap_or_else(|| if of_trace { 0 } else { inside() });
        self.depths.remove(id);
        let named = text(event, "status");
        let named = if named.is_empty() {
            text(object(event, "tool"), "status")
        } else {
            named
        };
        let status = match named {
            "" => "ok",
            "error" => "failed",
            status => status,
        };
        let mark = screen.ink(ink_of(status), super::super::list::mark(status));
        let mut line = format!("{mark} {}", screen.ink(Ink::Bold, &what(kind, event)));
        if let Some(millis) = event.get("duration_ms").and_then(Value::as_f64) {
            let duration = std::time::Duration::try_from_secs_f64(millis / 1e3).unwrap_or_default();
            let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
            let _ = write!(line, " · {}", words::duration(micros));
        }
        let usage = object(event, "usage");
        let count = |key: &str| usage.get(key).and_then(Value::as_u64);
        if let (Some(input), Some(output)) = (count("input_tokens"), count("output_tokens")) {
            let (input, output) = (words::count(input), words::count(output));
            let _ = write!(line, " · {input} → {output} tokens");
        }
        if !matches!(status, "ok" | "failed") {
            let _ = write!(line, " · {}", inert(status));
        }
        let error = text(object(event, "error"), "message_preview");
        if error.is_empty() {
            let mut returned = ["result", "output"].iter();
            let returned = returned.find_map(|key| object(event, "raw").get(key));
            if let Some(Value::String(text)) = returned {
                let _ = write!(line, " {}", screen.ink(Ink::Dim, &cut(&inert(text), 80)));
            }
        } else {
            let _ = write!(line, " {}", screen.ink(Ink::Bad, &cut(&inert(error), 160)));
        }
        write(event, depth, &line, screen)
    }

    /// Prints what has been added to the text of a stream.
    fn stream(&mut self, event: &Value, screen: &mut Screen) -> io::Result<()> {
        let (Some(id), Some(preview)) = (id(event), preview(event)) else {
            return Ok(());
        };
        let mut known = self.streamed.remove(id).unwrap_or_default();
        let text = match added(&known.text, preview) {
            Some(added) => format!("{}{added}", known.held),
            None => format!("{}…{preview}", known.held),
        };
        let (whole, held) = whole_words(&text);
        if !whole.trim().is_empty() {
            self.piece(id, whole, event, screen)?;
        }
        if self.streamed.len() < MOST {
            known = Streamed {
                text: preview.to_owned(),
                held: held.to_owned(),
            };
            self.streamed.insert(id.to_owned(), known);
        } else if !held.is_empty() {
            self.piece(id, held, event, screen)?;
        }
        Ok(())
    }

    /// Prints a piece of the text of a stream.
    fn piece(&self, id: &str, text: &str, event: &Value, screen: &mut Screen) -> io::Result<()> {
        let depth = self.depths.get(id).copied().unwrap_or(1);
        let text = inert(text);
        let line = format!("{} {}", screen.ink(Ink::Dim, "│"), text.trim());
        write(event, depth + 1, &line, screen)
    }

    fn moment(&self, kind: &str, event: &Value, screen: &mut Screen) -> io::Result<()> {
        let depth = self.depth_inside(event) + 1;
        let name = inert(text(event, "name"));
        let said = object(event, "message").get("content").map(short);
        let error = text(object(event, "error"), "message_preview");
        let parts = [inert(kind), name, said.unwrap_or_default(), inert(error)];
        let parts: Vec<&str> = parts
            .iter()
            .map(String::as_str)
            .filter(|p| !p.is_empty())
            .collect();
        let line = screen.ink(Ink::Dim, &format!("· {}", cut(&parts.join(" "), 160)));
        write(event, depth, &line, screen)
    }

    /// Returns how deep that is in which something happens.
    fn depth_inside(&self, event: &Value) -> usize {
        ["parent_span_id", "span_id", "trace_id"]
            .iter()
            .find_map(|key| self.depths.get(text(event, key)))
            .copied()
            .unwrap_or(0)
    }
}

/// Splits a text where its last word begins, of which there may be more.
fn whole_words(text: &str) -> (&str, &str) {
    let begins = text
        .char_indices()
        .rev()
        .find(|(_, character)| character.is_whitespace())
        .map_or(0, |(at, character)| at + character.len_utf8());
    match text.split_at_checked(begins) {
        Some((whole, held)) if held.chars().count() <= WORD => (whole, held),
        _ => (text, ""),
    }
}

/// Returns what a text has more than it had. Of a long one only its end is told; `None` if that has
/// nothing of what was told before.
fn added<'a>(known: &str, text: &'a str) -> Option<&'a str> {
    if let Some(added) = text.strip_prefix(known) {
        return Some(added);
    }
    // Its beginning was cut off: what both have is at the end of the one.
    let starts = known.char_indices().map(|(at, _)| at).skip(1);
    let mut shared = starts.filter_map(|at| known.get(at..));
    shared.find_map(|end| text.strip_prefix(end))
}

fn write(event: &Value, depth: usize, line: &str, screen: &mut Screen) -> io::Result<()> {
    let at = moment(text(event, "occurred_at")).map(words::moment);
    let time = at
        .as_deref()
        .and_then(|at| at.get(11..19))
        .unwrap_or("--:--:--");
    let time = screen.ink(Ink::Dim, time);
    let indent = "  ".repeat(depth.min(20));
    screen.line(&format!("{time} {indent}{line}"))
}

/// Returns what it is, and its name.
fn what(kind: &str, event: &Value) -> String {
    let name = match text(object(event, "tool"), "name") {
        "" => text(event, "name"),
        name => name,
    };
    let of = match kind {
        "trace.start" | "trace.end" => "",
        "tool.call" | "tool.result" => "tool",
        "llm.request" => "llm",
        _ => text(event, "span_type"),
    };
    cut(&inert(format!("{of} {name}").trim()), 80)
}

fn short(value: &Value) -> String {
    match value {
        Value::String(text) => cut(&inert(text), 80),
        value => cut(&inert(&value.to_string()), 80),
    }
}

/// Returns the id of the span, or of the trace where it is of that.
fn id(event: &Value) -> Option<&str> {
    let ids = ["span_id", "trace_id", "external_trace_id"];
    let mut ids = ids.iter().map(|key| text(event, key));
    ids.find(|id| !id.is_empty())
}

fn preview(event: &Value) -> Option<&str> {
    let preview = object(event, "raw").get("stream_preview")?.as_str();
    let is_end = matches!(text(event, "event_type"), "span.end" | "trace.end");
    preview.filter(|preview| !preview.is_empty() && !is_end)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn object<'a>(value: &'a Value, key: &str) -> &'a Value {
    value.get(key).unwrap_or(&Value::Null)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_stream_only_what_is_new_is_printed() {
        assert_eq!(added("", "Order"), Some("Order"));
        assert_eq!(added("Order", "Order 1042"), Some(" 1042"));
        // The preview is the end of the text.
        assert_eq!(added("abcdef", "cdefgh"), Some("gh"));
        assert_eq!(added("é", "éa"), Some("a"));
        // More came than a preview holds.
        assert_eq!(added("abc", "xyz"), None);
    }

    #[test]
    fn a_word_is_printed_when_it_is_whole() {
        assert_eq!(whole_words("it is expe"), ("it is ", "expe"));
        assert_eq!(whole_words("it is "), ("it is ", ""));
        assert_eq!(whole_words("The"), ("", "The"));
        let long = "長".repeat(WORD + 1);
        assert_eq!(whole_words(&long), (&*long, ""));
    }
}
