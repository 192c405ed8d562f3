//! A body, from wherever it comes: a typed stream's events, or bytes that turn out to be a stream or
//! a JSON document.

use serde_json::Value;

use crate::llm::{Chunk, Transport};
use crate::provider::sse::SseParser;
use crate::provider::{Assembler, Delta, ResponseFacts, WireFormat};

/// How long a document may get; a longer one is not kept.
const LONGEST: usize = 64 * 1024 * 1024;

#[derive(Debug)]
pub(super) enum Body {
    Events(Box<Assembler>),
    Stream(SseParser, Box<Assembler>),
    Document(WireFormat, Vec<u8>),
    /// Too little has come to tell a stream from a document.
    Unknown(WireFormat, Vec<u8>, Hint),
}

/// What the content type says, which is not always true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hint {
    Stream,
    Document,
}

impl Body {
    pub(super) fn events(format: WireFormat) -> Self {
        Self::Events(Box::new(format.assembler()))
    }

    pub(super) fn bytes(
        format: WireFormat,
        status: Option<u16>,
        content_type: Option<&str>,
    ) -> Self {
        if status.is_some_and(|status| status >= 400) {
            // Errors are not streamed, however they begin.
            return Self::Document(format, Vec::new());
        }
        let is_stream = content_type.is_some_and(|kind| kind.starts_with("text/event-stream"));
        let hint = if is_stream {
            Hint::Stream
        } else {
            Hint::Document
        };
        Self::Unknown(format, Vec::new(), hint)
    }

    pub(super) fn take(&mut self, chunk: Chunk, tell: &mut dyn FnMut(Delta)) {
        match (&mut *self, chunk) {
            (Self::Events(assembler), Chunk::Event(event)) => tell(assembler.push(None, &event)),
            (Self::Stream(parser, assembler), Chunk::Bytes(bytes)) => {
                read(parser, assembler, &bytes, tell);
            }
            (Self::Document(_, document), Chunk::Bytes(bytes)) => {
                if document.len() + bytes.len() <= LONGEST {
                    document.extend_from_slice(&bytes);
                }
            }
            (Self::Unknown(format, start, hint), Chunk::Bytes(bytes)) => {
                start.extend_from_slice(&bytes);
                let Some(is_stream) = looks_like_stream(start, *hint) else {
                    return;
                };
                let start = std::mem::take(start);
                if is_stream {
                    let mut parser = SseParser::new();
                    let mut assembler = Box::new(format.assembler());
                    read(&mut parser, &mut assembler, &start, tell);
                    *self = Self::Stream(parser, assembler);
                } else {
                    *self = Self::Document(*format, start);
                }
            }
            // A source brings chunks of one kind.
            (Self::Events(_), Chunk::Bytes(_)) | (_, Chunk::Event(_)) => {}
        }
    }

    /// Returns what came. An event that nothing followed is told of only now.
    pub(super) fn conclude(
        self,
        transport: &Transport,
        tell: &mut dyn FnMut(Delta),
    ) -> (Value, ResponseFacts) {
        match self {
            Self::Events(assembler) => assembler.finish(),
            Self::Stream(mut parser, mut assembler) => {
                for event in parser.finish() {
                    tell(assembler.push_event(&event));
                }
                assembler.finish()
            }
            Self::Document(format, bytes) | Self::Unknown(format, bytes, _) => {
                format.decode(transport.status(), transport.content_type(), &bytes)
            }
        }
    }
}

fn read(
    parser: &mut SseParser,
    assembler: &mut Assembler,
    bytes: &[u8],
    tell: &mut dyn FnMut(Delta),
) {
    for event in parser.push(bytes) {
        tell(assembler.push_event(&event));
    }
}

/// Tells a stream from a document by how it begins; `None` while that is not clear.
fn looks_like_stream(start: &[u8], hint: Hint) -> Option<bool> {
    const FIELDS: [&[u8]; 5] = [b"data:", b"event:", b"id:", b"retry:", b":"];
    let start = start
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(start)
        .trim_ascii_start();
    match start.first() {
        None => None,
        Some(b'{' | b'[') => Some(false),
        Some(_) if FIELDS.iter().any(|field| start.starts_with(field)) => Some(true),
        Some(_) if FIELDS.iter().any(|field| field.starts_with(start)) => None,
        Some(_) => Some(hint == Hint::Stream),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_known_by_how_it_begins_not_by_its_content_type() {
        assert_eq!(
            looks_like_stream(b" \n{\"a\":1}", Hint::Stream),
            Some(false)
        );
        assert_eq!(
            looks_like_stream(b"\xef\xbb\xbfdata: {}", Hint::Document),
            Some(true)
        );
        assert_eq!(looks_like_stream(b": ping", Hint::Document), Some(true));
        assert_eq!(looks_like_stream(b"ev", Hint::Document), None);
        assert_eq!(looks_like_stream(b"<html>", Hint::Document), Some(false));
    }
}
