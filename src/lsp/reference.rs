//! The descriptions of blocks and arguments from `docs/reference/configuration.md`, so that editors show the same text.

/// The reference of the configuration language.
const REFERENCE: &str = include_str!("../../docs/reference/configuration.md");

/// The description of an argument or a nested block of a top-level block: its kind, its effect and its default.
pub(super) fn of(block: &str, name: &str) -> Option<String> {
    let row = rows(section(block)?).find(|row| names(row).any(|known| known == name))?;
    let (kind, texts) = row.get(1..)?.split_first()?;
    let (said, defaults) = texts.split_last()?;
    let default =
        defaults.first().filter(|default| !default.is_empty()).map_or_else(String::new, |default| format!(" Default: {default}."));
    Some(format!("`{name}` ({kind})\n\n{said}{}{default}", if said.ends_with(['.', '`', ':']) || said.is_empty() { "" } else { "." }))
}

/// The description of a top-level block: the names that it takes.
pub(super) fn of_block(block: &str) -> Option<String> {
    let names: Vec<_> = rows(section(block)?).map(|row| row[0].to_owned()).collect();
    Some(if names.is_empty() { format!("`{block}`") } else { format!("`{block}` takes {}.", names.join(", ")) })
}

/// The strings that an argument accepts, if the reference lists them.
pub(super) fn choices(block: &str, name: &str) -> Vec<String> {
    let Some(row) = section(block).and_then(|text| rows(text).find(|row| names(row).any(|known| known == name))) else { return Vec::new() };
    let said = row.last().copied().unwrap_or_default();
    let quoted = said.split('`').skip(1).step_by(2);
    quoted.filter_map(|code| Some(code.strip_prefix('"')?.strip_suffix('"')?.to_owned())).filter(|text| !text.contains('"')).collect()
}

/// The section with a block type in its heading.
fn section(block: &str) -> Option<&'static str> {
    let heading = |section: &&str| {
        let line = section.lines().next().unwrap_or_default();
        line.split('`').skip(1).step_by(2).any(|code| code.split(' ').next() == Some(block))
    };
    REFERENCE.split("\n## ").skip(1).find(heading)
}

/// The cells of each row of the section's tables.
fn rows(section: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    let lines = section.lines().filter(|line| line.starts_with("| `"));
    lines.map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
}

/// The names that a row describes: the first word of each code span in its first cell.
fn names<'r>(row: &'r [&'static str]) -> impl Iterator<Item = &'static str> + 'r {
    row[0].split('`').skip(1).step_by(2).filter_map(|code| code.split(' ').next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_said_in_the_words_of_the_reference() {
        let said = of("guardrails", "max_detachments").unwrap();
        assert!(said.starts_with("`max_detachments` (argument)\n\ndepartures in one apply.") && said.ends_with("Default: 1."), "{said}");
        assert!(of("account", "email").unwrap().contains("both must equal the live ones"));
        assert!(of("account", "attestation").unwrap().contains("`evidence`"));
        assert_eq!(of("account", "nothing"), None);
        assert_eq!(of("nothing", "id"), None);
        assert!(of_block("gate").unwrap().contains("`enforcement`"));
    }

    #[test]
    fn the_choices_of_an_argument_are_those_of_the_reference() {
        assert_eq!(choices("account", "membership"), ["member", "detached"]);
        assert_eq!(choices("gate", "enforcement"), ["mandatory", "advisory", "off"]);
        assert!(choices("account", "id").is_empty());
    }
}
