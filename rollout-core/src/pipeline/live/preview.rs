//! The end of what a stream has brought so far, and when to show it.

use std::time::{Duration, Instant};

use crate::clock::Tick;

const EVERY_CHUNKS: u64 = 20;
const EVERY: Duration = Duration::from_millis(500);

/// The last characters of a text that grows.
#[derive(Debug, Default)]
pub(crate) struct Preview {
    text: String,
    characters: usize,
    shown: Option<Tick>,
    /// When it was shown, of which the caller's clock need not know.
    shown_at: Option<Instant>,
    /// When the last text came, if that was not shown.
    latest: Option<Tick>,
}

impl Preview {
    /// Adds text, and forgets what is further back than `limit` characters.
    pub(crate) fn add(&mut self, text: &str, limit: usize) {
        self.text.push_str(text);
        self.characters += text.chars().count();
        // Cut in larger steps: cutting moves the whole text.
        if self.characters > limit.saturating_mul(2).max(64) {
            self.cut(limit);
        }
    }

    /// Returns whether it is time to show it: at the first chunk, at each twentieth, and when half a
    /// second has passed. Notes that it was shown.
    pub(crate) fn is_due(&mut self, at: Tick, chunks: u64, limit: usize) -> bool {
        let due = limit > 0
            && match self.shown {
                None => true,
                Some(shown) => chunks.is_multiple_of(EVERY_CHUNKS) || at.since(shown) >= EVERY,
            };
        self.latest = Some(at);
        if due {
            self.shown = Some(at);
            self.show(limit);
        }
        due
    }

    /// Returns when the last text came if it has not been shown for half a second, as nothing followed
    /// that would have shown it. Notes that it is shown.
    pub(crate) fn is_overdue(&mut self, limit: usize) -> Option<Tick> {
        let shown = self.shown_at?;
        let at = self.latest.filter(|_| shown.elapsed() >= EVERY)?;
        self.show(limit);
        Some(at)
    }

    fn show(&mut self, limit: usize) {
        self.shown_at = Some(Instant::now());
        self.latest = None;
        self.cut(limit);
    }

    /// Returns the text.
    pub(crate) fn text(&self) -> String {
        self.text.clone()
    }

    pub(crate) fn cut(&mut self, limit: usize) {
        let too_many = self.characters.saturating_sub(limit);
        if too_many > 0 {
            let at = self
                .text
                .char_indices()
                .nth(too_many)
                .map_or(self.text.len(), |(at, _)| at);
            self.text.drain(..at);
            self.characters = self.characters.min(limit);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_characters_are_kept() {
        let mut preview = Preview::default();
        for _ in 0..100 {
            preview.add("é1", 3);
        }
        preview.cut(3);
        assert_eq!(preview.text(), "1é1");
    }

    #[test]
    fn it_is_due_at_the_first_chunk_each_twentieth_and_after_half_a_second() {
        let mut preview = Preview::default();
        let ms = |ms: u64| Tick(ms * 1_000_000);
        let mut due = |at, chunks| preview.is_due(ms(at), chunks, 10);
        assert!(due(0, 1));
        assert!(!due(1, 2));
        assert!(due(2, 20));
        assert!(!due(501, 21));
        assert!(due(502, 22));
        assert!(!Preview::default().is_due(ms(0), 1, 0));
    }

    #[test]
    fn what_nothing_follows_is_overdue_once() {
        let mut preview = Preview::default();
        let overdue = |preview: &mut Preview| preview.is_overdue(10);
        assert!(preview.is_due(Tick(1), 1, 10));
        assert_eq!(overdue(&mut preview), None);
        assert!(!preview.is_due(Tick(2), 2, 10));
        assert_eq!(overdue(&mut preview), None, "half a second is not over");
        preview.shown_at = Instant::now().checked_sub(EVERY);
        assert_eq!(overdue(&mut preview), Some(Tick(2)));
        preview.shown_at = Instant::now().checked_sub(EVERY);
        assert_eq!(overdue(&mut preview), None);
    }
}
