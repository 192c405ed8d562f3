//! The progress of a call to a model: what came, when, and what it amounts to.

mod body;
mod chunks;
mod preview;
mod shown;
mod told;

use serde_json::Value;

use self::body::Body;
use self::shown::Shown;
pub(crate) use self::told::ToldStream;
use crate::clock::Tick;
use crate::config::Config;
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
    shown: Shown,
    /// What became certain only when the stream had ended.
    late: Vec<Sign>,
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
        config: &Config,
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
                self.note(at, delta, config, tell);
            }
        });
        self.lost += lost;
        let preview = &mut self.shown.preview;
        if let Some(at) = preview.is_overdue(config.stream.preview_chars) {
            tell(Sign::Preview {
                at,
                chunks: self.chunks,
                text: preview.text(),
            });
        }
    }

    fn note(&mut self, at: Tick, delta: Delta, config: &Config, tell: &mut dyn FnMut(Sign)) {
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
        self.shown.chunk((at, index, &text), config, tell);
        let preview = &mut self.shown.preview;
        if preview.is_due(at, self.texts, config.stream.preview_chars) {
            tell(Sign::Preview {
                at,
                chunks: self.texts,
                text: preview.text(),
            });
        }
    }

    /// Tells what was kept back, as nothing more comes.
    pub(crate) fn settle(&mut self, config: &Config, tell: &mut dyn FnMut(Sign)) {
        self.late.drain(..).for_each(&mut *tell);
        self.shown.settle(config, tell);
    }

    /// Returns what a stream, or a body read off the wire, amounts to: the answer as JSON, and its
    /// facts. `None` if nothing came.
    pub(crate) fn conclude(
        &mut self,
        transport: &Transport,
        config: &Config,
    ) -> Option<(Value, ResponseFacts)> {
        let mut deltas = Vec::new();
        let concluded = self.body.take()?;
        let concluded = concluded.conclude(transport, &mut |delta| deltas.push(delta));
        for delta in deltas {
            self.chunks += u64::from(delta.has_content());
            if let Some(text) = delta.text {
                self.texts += 1;
                let late = &mut self.late;
                self.shown.add(&text, config, &mut |sign| late.push(sign));
            }
        }
        Some(concluded)
    }

    /// Returns the last characters of the text that came.
    pub(crate) fn preview(&mut self, limit: usize) -> String {
        self.shown.preview(limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_with_text_are_counted_apart() {
        let mut progress = Progress::default();
        let builder = crate::Builder::default()
            .stream_preview_chars(10)
            .capture_stream_chunks(true);
        let config = builder.resolve(&|_| None).0;
        let mut told = Vec::new();
        for text in [None, Some("Hel"), None, Some("lo")] {
            let delta = Delta {
                reasoning: text.is_none(),
                text: text.map(str::to_owned),
                ..Delta::default()
            };
            progress.note(Tick(0), delta, &config, &mut |sign| told.push(sign));
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

    #[test]
    fn a_key_in_two_chunks_is_shown_in_none() {
        let builder = crate::Builder::default().capture_stream_chunks(true);
        let config = builder.resolve(&|_| None).0;
        let mut progress = Progress::default();
        let mut told = Vec::new();
        for text in [
            "It is sk-proj-",
            "abcdefgh",
            "ijkl0123",
            ". So",
            " long",
            " s",
        ] {
            let delta = Delta {
                text: Some(text.into()),
                ..Delta::default()
            };
            progress.note(Tick(0), delta, &config, &mut |sign| told.push(sign));
        }
        progress.settle(&config, &mut |sign| told.push(sign));
        let texts: Vec<_> = told
            .iter()
            .map(|sign| match sign {
                Sign::Chunk { index, text, .. } => (Some(*index), text.as_str()),
                Sign::Preview { text, .. } => (None, text.as_str()),
            })
            .collect();
        assert_eq!(
            texts,
            [
                (None, "It is "),
                (Some(0), "It is [REDACTED api key]"),
                (Some(1), ""),
                (Some(2), ""),
                (Some(3), ". So"),
                (Some(4), " long"),
                (Some(5), " s"),
            ]
        );
        assert_eq!(progress.preview(100), "It is [REDACTED api key]. So long s");
    }
}
