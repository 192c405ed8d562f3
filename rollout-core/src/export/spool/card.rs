//! What the lock of a process says: what its events are, and for whom.

use serde::{Deserialize, Serialize};

use crate::config::Secret;

/// Of the layout of the folder and the lines in it.
const VERSION: u32 = 1;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Card {
    version: u32,
    destination: String,
    /// A fingerprint of the key, which itself is nowhere on disk: what was recorded for one tenant
    /// must not reach another one.
    key: String,
    pid: u32,
}

/// What a card says to a process that finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The events are for the same destination.
    Ours,
    /// They are not.
    Others,
    /// They are of a version to come.
    Newer,
    /// The process was killed before it wrote anything.
    Blank,
}

impl Card {
    /// Added when the server refused the key.
    pub(super) const REFUSED: &'static str = "refused\n";

    pub(super) fn new(destination: &str, key: &Secret) -> Self {
        Self {
            version: VERSION,
            destination: destination.to_owned(),
            key: key.fingerprint(),
            pid: std::process::id(),
        }
    }

    /// Returns the card as a line.
    pub(super) fn text(&self) -> String {
        let mut text = serde_json::to_string(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Judges a card that was found.
    pub(super) fn judge(&self, text: &str) -> Verdict {
        let Some((card, notes)) = text.split_once('\n') else {
            return Verdict::Blank;
        };
        let Ok(card) = serde_json::from_str::<Self>(card) else {
            return Verdict::Newer;
        };
        if card.version != VERSION {
            return Verdict::Newer;
        }
        // A key that was refused was wrong, and is corrected by another one.
        let is_refused = notes.lines().any(|note| note == Self::REFUSED.trim_end());
        if card.destination == self.destination && (card.key == self.key || is_refused) {
            Verdict::Ours
        } else {
            Verdict::Others
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card(destination: &str, key: &str) -> Card {
        Card::new(destination, &Secret::new(key.into()))
    }

    #[test]
    fn events_are_for_one_destination_and_one_key() {
        let ours = card("https://a", "rl_secret");
        assert_eq!(ours.judge(&ours.text()), Verdict::Ours);
        assert_eq!(
            ours.judge(&card("https://b", "rl_secret").text()),
            Verdict::Others
        );
        let other = card("https://a", "rl_other");
        assert_eq!(ours.judge(&other.text()), Verdict::Others);
        assert_eq!(ours.judge(&(other.text() + Card::REFUSED)), Verdict::Ours);
        let elsewhere = card("https://b", "rl_other").text() + Card::REFUSED;
        assert_eq!(ours.judge(&elsewhere), Verdict::Others);
        assert!(!ours.text().contains("secret"));
    }

    #[test]
    fn cards_of_a_version_to_come_and_blank_ones_are_known() {
        let ours = card("https://a", "k");
        let newer = ours.text().replace("\"version\":1", "\"version\":2");
        assert_eq!(ours.judge(&newer), Verdict::Newer);
        assert_eq!(ours.judge("a card of another form\n"), Verdict::Newer);
        assert_eq!(ours.judge(""), Verdict::Blank);
        assert_eq!(ours.judge("{\"version\":1,\"dest"), Verdict::Blank);
    }
}
