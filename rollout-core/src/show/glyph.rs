//! Characters, as a terminal takes them.

/// Returns a character that does nothing but be shown: a terminal obeys control characters, and turns
/// the direction of text where it is told to. Line breaks and tabs are control characters, too.
///
/// ```
/// use rollout_core::show::harmless;
///
/// let recorded = "\x1b]0;title\x07 \u{202e}txt.exe";
/// let shown: String = recorded.chars().map(harmless).collect();
/// assert_eq!(shown, "\u{fffd}]0;title\u{fffd} \u{fffd}txt.exe");
/// ```
pub fn harmless(character: char) -> char {
    match character {
        // Marks that turn the direction, separators of lines, tags that nobody sees.
        '\u{61c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{e0000}'..='\u{e007f}' => '\u{fffd}',
        character if character.is_control() => '\u{fffd}',
        character => character,
    }
}

/// Returns how many columns a character takes: two if it is Chinese, Japanese, Korean or an emoji,
/// none if it is put onto the one before. An estimate, for lines to end in time.
pub(super) fn columns(character: char) -> usize {
    match character {
        '\u{300}'..='\u{36f}' | '\u{200b}'..='\u{200d}' | '\u{fe00}'..='\u{fe0f}' => 0,
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe6f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 2,
        _ => 1,
    }
}
