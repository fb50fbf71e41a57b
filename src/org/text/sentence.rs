//! Clauses as sentences.

/// Returns the text with its first letter capitalized.
#[must_use]
pub fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}

/// Returns the clause as a sentence: capitalized, and with a period unless it already ends with punctuation.
#[must_use]
pub fn sentence(clause: &str) -> String {
    let end = if clause.ends_with(['.', ':', '?', '!']) { "" } else { "." };
    capitalized(clause) + end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clause_becomes_a_sentence() {
        for (clause, wanted) in [("the organization", "The organization."), ("is it?", "Is it?"), ("", ".")] {
            assert_eq!(sentence(clause), wanted);
        }
        assert_eq!(capitalized("übung"), "Übung");
    }
}
