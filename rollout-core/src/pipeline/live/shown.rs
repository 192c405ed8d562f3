//! What is shown of a text while it grows: its end, and its chunks, without the credentials in it.

use super::Sign;
use super::chunks::Chunks;
use super::preview::Preview;
use crate::clock::Tick;
use crate::config::Config;
use crate::pipeline::redact::StreamRedactor;

#[derive(Debug, Default)]
pub(crate) struct Shown {
    text: StreamRedactor,
    pub(super) preview: Preview,
    /// Chunks whose text is not certain yet.
    chunks: Chunks,
}

impl Shown {
    /// Takes a chunk. It is told by itself if the configuration says so, once it is certain that no
    /// credential begins there.
    pub(crate) fn chunk(
        &mut self,
        (at, index, text): (Tick, u64, &str),
        config: &Config,
        tell: &mut dyn FnMut(Sign),
    ) {
        if config.stream.capture_chunks {
            self.chunks.begin(at, index, text.len());
        }
        self.push(text, false, config, tell);
    }

    /// Takes text that is told as part of the whole only.
    pub(super) fn add(&mut self, text: &str, config: &Config, tell: &mut dyn FnMut(Sign)) {
        self.push(text, false, config, tell);
    }

    /// Tells what was kept back, as nothing more comes.
    pub(crate) fn settle(&mut self, config: &Config, tell: &mut dyn FnMut(Sign)) {
        self.push("", true, config, tell);
    }

    fn push(&mut self, text: &str, last: bool, config: &Config, tell: &mut dyn FnMut(Sign)) {
        let Self {
            text: stream,
            preview,
            chunks,
        } = self;
        stream.push(&config.redactor, text, last, &mut |shown, bytes| {
            preview.add(shown, config.stream.preview_chars);
            chunks.add(shown, bytes, tell);
        });
        // Those without a text are whole as they come.
        chunks.add("", 0, tell);
    }

    /// Returns the end of the text.
    pub(crate) fn preview(&mut self, limit: usize) -> String {
        self.preview.cut(limit);
        self.preview.text()
    }
}
