//! Patterns with `*` (any number of characters, including none) and `?` (one character).

/// One element of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token {
    /// This character.
    Char(char),
    /// Any one character.
    One,
    /// Any number of characters.
    Any,
}

impl Token {
    /// The token for `character` in a text with wildcards.
    pub(super) fn wildcard(character: char) -> Self {
        match character {
            '*' => Self::Any,
            '?' => Self::One,
            other => Self::Char(other),
        }
    }
}

/// Whether the pattern matches all of the text.
///
/// Takes at most text length times pattern length steps: on a mismatch only the latest `*` is extended. That suffices, because the later `*`
/// can always match the characters that an earlier one did not.
pub(super) fn matches(pattern: &[Token], text: &[char]) -> bool {
    let (mut at_pattern, mut at_text) = (0, 0);
    // The position in the pattern after the latest `*`, and the start of the text that it has not matched yet.
    let mut resume: Option<(usize, usize)> = None;
    while at_text < text.len() {
        match pattern.get(at_pattern) {
            Some(Token::Any) => {
                at_pattern += 1;
                resume = Some((at_pattern, at_text));
            }
            Some(Token::One) => (at_pattern, at_text) = (at_pattern + 1, at_text + 1),
            Some(Token::Char(character)) if *character == text[at_text] => (at_pattern, at_text) = (at_pattern + 1, at_text + 1),
            _ => {
                let Some((after_any, taken)) = resume else { return false };
                resume = Some((after_any, taken + 1));
                (at_pattern, at_text) = (after_any, taken + 1);
            }
        }
    }
    pattern[at_pattern..].iter().all(|token| *token == Token::Any)
}

/// Whether a pattern with wildcards matches all of the text, without regard to the case of ASCII letters: how IAM compares actions
/// (IAM User Guide, "IAM JSON policy elements: Action").
pub(super) fn matches_action(pattern: &str, action: &str) -> bool {
    let pattern: Vec<_> = pattern.chars().map(|character| Token::wildcard(character.to_ascii_lowercase())).collect();
    let action: Vec<_> = action.chars().map(|character| character.to_ascii_lowercase()).collect();
    matches(&pattern, &action)
}
