//! Text as a model sees it.

/// Returns how many tokens a text has, roughly: four characters make one.
pub(super) fn count(text: &str) -> u64 {
    text.chars().count().div_ceil(4) as u64
}

/// Cuts a text into what a stream sends at a time: a word, or a part of a long one.
pub(super) fn deltas(text: &str) -> Vec<String> {
    const LONGEST: usize = 8;
    let mut deltas = Vec::new();
    for word in text.split_inclusive(' ') {
        let characters: Vec<char> = word.chars().collect();
        deltas.extend(
            characters
                .chunks(LONGEST)
                .map(|part| part.iter().collect::<String>()),
        );
    }
    deltas
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_characters_make_a_token() {
        assert_eq!(count(""), 0);
        assert_eq!(count("four"), 1);
        assert_eq!(count("größer"), 2);
    }

    #[test]
    fn deltas_are_the_text_and_break_no_character() {
        let text = "Your order 🎁 is unbelievably près d’ici.";
        let deltas = deltas(text);
        assert_eq!(deltas.concat(), text);
        assert_eq!(&deltas[..4], ["Your ", "order ", "🎁 ", "is "]);
        assert!(deltas.iter().all(|delta| delta.chars().count() <= 8));
    }
}
