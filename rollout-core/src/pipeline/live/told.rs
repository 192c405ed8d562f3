//! A stream that the program tells of by hand, chunk by chunk.

use super::preview::Preview;
use crate::clock::Tick;

/// What the worker knows of it.
#[derive(Debug, Default)]
pub(crate) struct ToldStream {
    /// All of the text, as far as it fits.
    text: String,
    is_cut: bool,
    preview: Preview,
    pub(crate) chunks: u64,
    pub(crate) first: Option<Tick>,
}

impl ToldStream {
    /// Takes a chunk. Returns the end of the text where it is time to show it.
    pub(crate) fn add(
        &mut self,
        at: Tick,
        text: &str,
        preview_chars: usize,
        limit: usize,
    ) -> Option<String> {
        self.chunks += 1;
        self.first.get_or_insert(at);
        self.is_cut |= self.text.len() + text.len() > limit;
        if !self.is_cut {
            self.text.push_str(text);
        }
        self.preview.add(text, preview_chars);
        let is_due = self.preview.is_due(at, self.chunks, preview_chars);
        is_due.then(|| self.preview.text())
    }

    /// Returns all of the text, and whether the rest is missing.
    pub(crate) fn take_text(&mut self) -> Option<(String, bool)> {
        let text = std::mem::take(&mut self.text);
        (self.chunks > 0).then_some((text, self.is_cut))
    }

    /// Returns the end of the text.
    pub(crate) fn preview(&mut self, preview_chars: usize) -> String {
        self.preview.cut(preview_chars);
        self.preview.text()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_left_out_from_there_on() {
        let mut stream = ToldStream::default();
        for (nth, text) in ["It ", "has ", "shipped."].into_iter().enumerate() {
            stream.add(Tick(nth as u64), text, 4, 7);
        }
        assert_eq!(stream.preview(4), "ped.");
        assert_eq!(stream.take_text(), Some(("It has ".to_owned(), true)));
        assert_eq!((stream.chunks, stream.first), (3, Some(Tick(0))));
        assert_eq!(ToldStream::default().take_text(), None);
    }
}
