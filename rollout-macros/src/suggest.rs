//! "Did you mean": what was probably meant by a word that is not known.

/// Returns how a message on an unknown word goes on: what was meant, if one of the known ones is much
/// like it, else all of them.
pub(crate) fn instead_of(word: &str, known: &[&str]) -> String {
    match (did_you_mean(word, known), known) {
        (Some(meant), _) => format!(": did you mean{meant}"),
        (None, []) => String::new(),
        (None, known) => format!(": expected `{}`", known.join("`, `")),
    }
}

/// Returns a known word that is much like this one, in quotes and with a question mark.
pub(crate) fn did_you_mean(word: &str, known: &[&str]) -> Option<String> {
    // darling's own search, in our words.
    let error = darling::Error::unknown_field_with_alts(word, known).to_string();
    let (_, meant) = error.split_once("Did you mean")?;
    Some(meant.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_much_like_a_known_one_is_taken_for_it() {
        assert_eq!(
            instead_of("nmae", &["name", "skip"]),
            ": did you mean `name`?"
        );
        assert_eq!(
            instead_of("zzz", &["name", "skip"]),
            ": expected `name`, `skip`"
        );
        assert_eq!(instead_of("zzz", &[]), "");
    }
}
