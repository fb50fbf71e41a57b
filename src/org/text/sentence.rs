//! Clauses as sentences, and things with their number.

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

/// A number of things, such as `1 member`, `2 members` or `3 entries`. `noun` is the singular.
#[must_use]
pub fn counted(count: u64, noun: &str) -> String {
    match noun.strip_suffix('y') {
        _ if count == 1 => format!("1 {noun}"),
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{count} {stem}ies"),
        _ => format!("{count} {noun}s"),
    }
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

    #[test]
    fn one_thing_is_singular() {
        for (count, noun, wanted) in
            [(0, "record", "0 records"), (1, "entry", "1 entry"), (2, "entry", "2 entries"), (3, "day", "3 days"), (1, "day", "1 day")]
        {
            assert_eq!(counted(count, noun), wanted);
        }
    }
}
