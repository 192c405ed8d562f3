//! The progress of a call to a model: what came, when, and what it amounts to.

mod body;
mod preview;
mod told;

use serde_json::Value;

use self::body::Body;
use self::preview::Preview;
pub(crate) use self::told::ToldStream;
use crate::clock::Tick;
use crate::config::StreamOptions;
use crate::llm::{CallState, Chunk, Transport};
use crate::provider::{Delta, RequestFacts, ResponseFacts};

/// What the worker knows of a call that is under way.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    pub(crate) request: RequestFacts,
    body: Option<Body>,
    /// Chunks with content; pings, role and usage chunks are none.
    pub(crate) chunks: u64,
    /// Those of them that have text: what the protocol counts.
    pub(crate) texts: u64,
    /// Chunks that got lost on their way to the worker.
    pub(crate) lost: u64,
    pub(crate) first: Firsts,
    preview: Preview,
}

/// When the first of each kind of content came.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Firsts {
    pub(crate) content: Option<Tick>,
    pub(crate) text: Option<Tick>,
    pub(crate) reasoning: Option<Tick>,
    pub(crate) tool_call: Option<Tick>,
}

/// Something to be told about a stream while it runs.
#[derive(Debug, PartialEq)]
pub(crate) enum Sign {
    Chunk { at: Tick, index: u64, text: String },
    Preview { at: Tick, chunks: u64, text: String },
}

impl Progress {
    /// Takes what has come since the last time, and tells what is to be told of it.
    pub(crate) fn advance(
        &mut self,
        call: &CallState,
        options: StreamOptions,
        tell: &mut dyn FnMut(Sign),
    ) {
        let Some(source) = call.source() else { return };
        let mut lost = 0;
        let format = call.format;
        // Read before the chunks are: the head came before them.
        let (status, content_type) =
            call.with_transport(|transport| (transport.status(), transport.content_type()));
        lost += source.drain(&mut |at, chunk| {
            let body = self.body.get_or_insert_with(|| match &chunk {
                Chunk::Event(_) => Body::events(format),
                Chunk::Bytes(_) => Body::bytes(format, status, content_type),
            });
            let mut deltas = Vec::new();
            body.take(chunk, &mut |delta| deltas.push(delta));
            for delta in deltas {
                self.note(at, delta, options, tell);
            }
        });
        self.lost += lost;
        if let Some(at) = self.preview.is_overdue(options.preview_chars) {
            tell(Sign::Preview {
                at,
                chunks: self.chunks,
                text: self.preview.text(),
            });
        }
    }

    fn note(&mut self, at: Tick, delta: Delta, options: StreamOptions, tell: &mut dyn FnMut(Sign)) {
        if !delta.has_content() {
            return;
        }
        let first = &mut self.first;
        let _ = first.content.get_or_insert(at);
        for (came, first) in [
            (delta.text.is_some(), &mut first.text),
            (delta.reasoning, &mut first.reasoning),
            (delta.tool_call, &mut first.tool_call),
        ] {
            if came {
                let _ = first.get_or_insert(at);
            }
        }
        self.chunks += 1;
        let Some(text) = delta.text else { return };
        let index = self.texts;
        self.texts += 1;
        self.preview.add(&text, options.preview_chars);
        if options.capture_chunks {
            tell(Sign::Chunk { at, index, text });
        }
        if self.preview.is_due(at, self.texts, options.preview_chars) {
            tell(Sign::Preview {
                at,
                chunks: self.texts,
                text: self.preview.text(),
            });
        }
    }

    /// Returns what a stream, or a body read off the wire, amounts to: the answer as JSON, and its
    /// facts. `None` if nothing came.
    pub(crate) fn conclude(
        &mut self,
        transport: &Transport,
        options: StreamOptions,
    ) -> Option<(Value, ResponseFacts)> {
        let Self {
            body,
            chunks,
            texts,
            preview,
            ..
        } = self;
        let concluded = body.take()?.conclude(transport, &mut |delta| {
            *chunks += u64::from(delta.has_content());
            if let Some(text) = delta.text {
                *texts += 1;
                preview.add(&text, options.preview_chars);
            }
        });
        Some(concluded)
    }

    /// Returns the last characters of the text that came.
    pub(crate) fn preview(&mut self, limit: usize) -> String {
        self.preview.cut(limit);
        self.preview.text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_with_text_are_counted_apart() {
        let mut progress = Progress::default();
        let options = StreamOptions {
            preview_chars: 10,
            capture_chunks: true,
        };
        let mut told = Vec::new();
        for text in [None, Some("Hel"), None, Some("lo")] {
            let delta = Delta {
                reasoning: text.is_none(),
                text: text.map(str::to_owned),
                ..Delta::default()
            };
            progress.note(Tick(0), delta, options, &mut |sign| told.push(sign));
        }
        let chunk = |index, text: &str| Sign::Chunk {
            at: Tick(0),
            index,
            text: text.into(),
        };
        let preview = Sign::Preview {
            at: Tick(0),
            chunks: 1,
            text: "Hel".into(),
        };
        assert_eq!(told, [chunk(0, "Hel"), preview, chunk(1, "lo")]);
        assert_eq!((progress.chunks, progress.texts), (4, 2));
    }
}
