//! A stream that the program tells of by hand, chunk by chunk.

use super::{Shown, Sign};
use crate::clock::Tick;
use crate::config::Config;

/// What the worker knows of it.
#[derive(Debug, Default)]
pub(crate) struct ToldStream {
    /// All of the text, as far as it fits.
    text: String,
    is_cut: bool,
    shown: Shown,
    pub(crate) chunks: u64,
    pub(crate) first: Option<Tick>,
}

impl ToldStream {
    /// Takes a chunk, and tells what there is to tell of it.
    pub(crate) fn add(
        &mut self,
        (at, index, text): (Tick, u64, &str),
        config: &Config,
        tell: &mut dyn FnMut(Sign),
    ) {
        self.chunks += 1;
        self.first.get_or_insert(at);
        self.is_cut |= self.text.len() + text.len() > config.max_value_bytes;
        if !self.is_cut {
            self.text.push_str(text);
        }
        self.shown.chunk((at, index, text), config, tell);
        let preview = &mut self.shown.preview;
        if preview.is_due(at, self.chunks, config.stream.preview_chars) {
            tell(Sign::Preview {
                at,
                chunks: self.chunks,
                text: preview.text(),
            });
        }
    }

    /// Tells what was kept back, as nothing more comes.
    pub(crate) fn settle(&mut self, config: &Config, tell: &mut dyn FnMut(Sign)) {
        self.shown.settle(config, tell);
    }

    /// Returns all of the text, and whether the rest is missing.
    pub(crate) fn take_text(&mut self) -> Option<(String, bool)> {
        let text = std::mem::take(&mut self.text);
        (self.chunks > 0).then_some((text, self.is_cut))
    }

    /// Returns the end of the text.
    pub(crate) fn preview(&mut self, preview_chars: usize) -> String {
        self.shown.preview(preview_chars)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_left_out_from_there_on() {
        let builder = crate::Builder::default()
            .stream_preview_chars(4)
            .max_value_bytes(7);
        let config = builder.resolve(&|_| None).0;
        let mut stream = ToldStream::default();
        for (nth, text) in (0..).zip(["It ", "has ", "shipped."]) {
            stream.add((Tick(nth), nth, text), &config, &mut |_| ());
        }
        stream.settle(&config, &mut |_| ());
        assert_eq!(stream.preview(4), "ped.");
        assert_eq!(stream.take_text(), Some(("It has ".to_owned(), true)));
        assert_eq!((stream.chunks, stream.first), (3, Some(Tick(0))));
        assert_eq!(ToldStream::default().take_text(), None);
    }
}
