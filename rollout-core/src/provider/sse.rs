//! Server-sent events, read incrementally.
//!
//! Bytes may be cut anywhere: inside an event, a line, a UTF-8 sequence, between CR and LF. What
//! comes out is the same as if they had come at once.

use std::mem;

/// How large an event may get, its data and the line being read together.
///
/// A larger one is dropped as a whole and counted. The largest honest ones carry base64 images.
const LARGEST_EVENT: usize = 16 * 1024 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// One event of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SseEvent {
    /// The `event:` line: the event's name.
    pub event: Option<String>,
    /// The `data:` lines, joined by line feeds.
    pub data: String,
    /// The `id:` line of this event.
    pub id: Option<String>,
    /// The `retry:` line of this event, in milliseconds.
    pub retry: Option<u64>,
}

impl SseEvent {
    /// Returns whether the event is the marker with which OpenAI's streams end.
    pub fn is_done_marker(&self) -> bool {
        self.data.trim_start().starts_with("[DONE]")
    }
}

/// Reads events out of bytes.
///
/// ```
/// use rollout_core::provider::sse::SseParser;
///
/// let mut parser = SseParser::new();
/// assert!(parser.push(b"event: ping\r\ndata: {\"a\"").is_empty());
/// let events = parser.push(b": 1}\r\n\r\n");
/// assert_eq!((events[0].event.as_deref(), &*events[0].data), (Some("ping"), r#"{"a": 1}"#));
/// ```
#[derive(Debug)]
pub struct SseParser {
    line: Vec<u8>,
    data: Option<Vec<u8>>,
    event: SseEvent,
    /// Nothing has been read yet, so that a byte order mark may come.
    at_start: bool,
    /// The last byte was a CR: an LF would belong to the same line end.
    after_cr: bool,
    /// The event under way is too large: it is skipped up to the next blank line.
    oversized: bool,
    dropped: u64,
    largest: usize,
}

impl Default for SseParser {
    fn default() -> Self {
        Self::new()
    }
}

impl SseParser {
    /// Returns a parser that has read nothing yet.
    pub fn new() -> Self {
        Self::with_largest_event(LARGEST_EVENT)
    }

    fn with_largest_event(largest: usize) -> Self {
        Self {
            line: Vec::new(),
            data: None,
            event: SseEvent::default(),
            at_start: true,
            after_cr: false,
            oversized: false,
            dropped: 0,
            largest,
        }
    }

    /// Takes the next bytes and returns the events that they complete.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<SseEvent> {
        let mut events = Vec::new();
        let mut rest = bytes;
        if self.after_cr && !rest.is_empty() {
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
            self.after_cr = false;
        }
        while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n')) {
            let (line, ending) = rest.split_at(end);
            self.extend_line(line);
            events.extend(self.end_line());
            rest = match ending {
                [b'\r'] => {
                    self.after_cr = true;
                    &[]
                }
                [b'\r', b'\n', rest @ ..] | [_, rest @ ..] => rest,
                [] => &[],
            };
        }
        self.extend_line(rest);
        events
    }

    /// Returns the event that the end of the stream completes, if there is one: servers forget the
    /// last blank line.
    pub fn finish(&mut self) -> Vec<SseEvent> {
        if !self.line.is_empty() {
            self.end_line();
        }
        self.dispatch().into_iter().collect()
    }

    /// Returns how many events were dropped because they were too large.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    fn extend_line(&mut self, bytes: &[u8]) {
        let held = self.line.len() + self.data.as_ref().map_or(0, Vec::len);
        if held.saturating_add(bytes.len()) > self.largest {
            self.oversized = true;
            self.data = None;
            self.line = Vec::new();
        }
        if !self.oversized {
            self.line.extend_from_slice(bytes);
        } else if self.line.is_empty() {
            // One byte is enough to tell the line from the blank one that ends the event.
            self.line.extend(bytes.first());
        }
    }

    fn end_line(&mut self) -> Option<SseEvent> {
        let mut line = mem::take(&mut self.line);
        if mem::take(&mut self.at_start) && line.starts_with(BYTE_ORDER_MARK) {
            line.drain(..BYTE_ORDER_MARK.len());
        }
        if line.is_empty() {
            return self.dispatch();
        }
        if !self.oversized {
            self.read_field(&line);
        }
        line.clear();
        self.line = line;
        None
    }

    fn read_field(&mut self, line: &[u8]) {
        let mut halves = line.splitn(2, |byte| *byte == b':');
        let name = halves.next().unwrap_or_default();
        let value = halves.next().unwrap_or_default();
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match name {
            b"data" => match &mut self.data {
                Some(data) => {
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
                None => self.data = Some(value.to_vec()),
            },
            b"event" => self.event.event = Some(text(value.to_vec())),
            b"id" => self.event.id = Some(text(value.to_vec())),
            b"retry" => {
                self.event.retry = std::str::from_utf8(value).ok().and_then(|v| v.parse().ok());
            }
            // Comments begin with a colon, so that their name is empty; unknown fields are ignored.
            _ => {}
        }
    }

    fn dispatch(&mut self) -> Option<SseEvent> {
        let event = mem::take(&mut self.event);
        if mem::take(&mut self.oversized) {
            self.dropped += 1;
            self.data = None;
            return None;
        }
        // As the standard has it: an event without data is none.
        let data = text(self.data.take()?);
        Some(SseEvent { data, ..event })
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&[u8]]) -> Vec<SseEvent> {
        let mut parser = SseParser::new();
        let mut events: Vec<_> = pieces.iter().flat_map(|piece| parser.push(piece)).collect();
        events.extend(parser.finish());
        events
    }

    fn data(text: &str) -> Vec<String> {
        read(&[text.as_bytes()])
            .into_iter()
            .map(|event| event.data)
            .collect()
    }

    const MIXED: &str = "\u{feff}: hello\r\nevent: a\r\nid: 7\ndata: {\"x\":\ndata:  \"é🙂\"}\r\r\
        retry: 250\ndata:1\n\n\n\ndata\n\nevent: lost\n\n:\ndata: [DONE]";

    #[test]
    fn fields_comments_and_line_ends_of_all_kinds_are_read() {
        let events = read(&[MIXED.as_bytes()]);
        assert_eq!(events.len(), 4);
        assert_eq!(events[0].event.as_deref(), Some("a"));
        assert_eq!(events[0].id.as_deref(), Some("7"));
        assert_eq!(events[0].data, "{\"x\":\n \"é🙂\"}");
        assert_eq!(events[1].retry, Some(250));
        assert_eq!(events[1].data, "1");
        assert_eq!(events[2].data, "");
        assert!(events[3].is_done_marker());
        assert_eq!(events[3].event, None);
    }

    #[test]
    fn any_split_gives_the_same_events() {
        let whole = read(&[MIXED.as_bytes()]);
        let bytes = MIXED.as_bytes();
        for first in 0..=bytes.len() {
            for second in first..=bytes.len() {
                let pieces = [&bytes[..first], &bytes[first..second], &bytes[second..]];
                assert_eq!(read(&pieces), whole, "cut at {first} and {second}");
            }
        }
        let bytewise: Vec<_> = bytes.chunks(1).collect();
        assert_eq!(read(&bytewise), whole);
    }

    #[test]
    fn the_last_event_needs_no_blank_line() {
        assert_eq!(data("data: a\n\ndata: b"), ["a", "b"]);
        assert_eq!(data("data: a\n\ndata: b\n"), ["a", "b"]);
    }

    #[test]
    fn an_event_without_data_is_none() {
        assert_eq!(data("event: ping\n\ndata: a\n\n"), ["a"]);
    }

    #[test]
    fn a_mark_later_than_at_the_start_belongs_to_the_line() {
        assert_eq!(
            data("data: a\n\n\u{feff}data: b\n\ndata: c\n\n"),
            ["a", "c"]
        );
    }

    #[test]
    fn bytes_that_are_no_text_do_not_stop_the_stream() {
        let events = read(&[b"data: \xff\xfe\n\ndata: b\n\n"]);
        assert_eq!(events[0].data, "\u{fffd}\u{fffd}");
        assert_eq!(events[1].data, "b");
    }

    #[test]
    fn an_event_that_is_too_large_is_dropped_and_counted() {
        let mut parser = SseParser::with_largest_event(16);
        assert!(parser.push(b"data: 12345678901234567890").is_empty());
        assert!(parser.push(b"data: the same line").is_empty());
        assert!(parser.push(b"\ndata: the same event\n").is_empty());
        assert!(parser.line.is_empty());
        let events = parser.push(b"\ndata: next\n\n");
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].data, "next");
        // Many short lines are no way around it.
        for _ in 0..20 {
            parser.push(b"data: 1\n");
        }
        assert!(parser.push(b"\n").is_empty());
        assert_eq!(parser.dropped(), 2);
        assert_eq!(parser.push(b"data: ok\n\n").len(), 1);
    }
}
