//! The page of each code, which `explain` prints: what the code means, why, an example, and how to fix it.

use super::Code;

/// The files of pages: one section per code, within each file in the order of [`Code::ALL`].
const PAGES: &[&str] = &[
    include_str!("pages/files.md"),
    include_str!("pages/values.md"),
    include_str!("pages/accounts.md"),
    include_str!("pages/aws.md"),
    include_str!("pages/plans.md"),
    include_str!("pages/applying.md"),
    include_str!("pages/program.md"),
];

/// Begins a section; the code follows.
const HEADING: &str = "## ";

/// The page of a code, in Markdown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page(&'static str);

/// An example on a page: a configuration that a test loads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// The text of one configuration file.
    pub text: &'static str,
    /// Whether it has the mistake; if not, it shows the fix.
    pub wrong: bool,
    /// Whether it is the whole configuration; if not, it needs an `organization` block in addition.
    pub alone: bool,
}

impl Code {
    /// The code with this printed text.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.as_str() == name)
    }

    /// The page of this code; empty if there is none, which a test rules out.
    #[must_use]
    pub fn page(self) -> Page {
        let sections = PAGES.iter().flat_map(|file| sections(file));
        Page(sections.into_iter().find(|(name, _)| *name == self.as_str()).map_or("", |(_, text)| text))
    }
}

/// Returns the name and the text of each section of a file.
fn sections(file: &'static str) -> Vec<(&'static str, &'static str)> {
    let starts = file.match_indices(HEADING).map(|(at, _)| at).filter(|at| *at == 0 || file[..*at].ends_with('\n'));
    let starts: Vec<_> = starts.chain([file.len()]).collect();
    let section = |bounds: &[usize]| file.get(bounds[0] + HEADING.len()..bounds[1])?.split_once('\n');
    starts.windows(2).filter_map(section).map(|(name, text)| (name, text.trim())).collect()
}

impl Page {
    /// The Markdown.
    #[must_use]
    pub const fn markdown(self) -> &'static str {
        self.0
    }

    /// The Markdown without the `wrong`, `right` and `alone` marks of the examples.
    #[must_use]
    pub fn plain_markdown(self) -> String {
        let kinds = [" wrong alone", " right alone", " wrong", " right"];
        kinds.iter().fold(self.0.to_owned(), |text, kind| text.replace(&format!("```hcl{kind}\n"), "```hcl\n"))
    }

    /// The page for a terminal, with examples indented instead of fenced.
    #[must_use]
    pub fn text(self) -> String {
        let mut text = String::new();
        let mut within = false;
        let mut last = "";
        for line in self.0.lines() {
            if line == "```hcl right" && last == "```" {
                text.push_str("Write instead:\n\n");
            }
            if !line.is_empty() {
                last = line;
            }
            if line.starts_with("```") {
                within = !within;
            } else if within && !line.is_empty() {
                text.push_str(&format!("    {line}\n"));
            } else {
                text.push_str(&format!("{line}\n"));
            }
        }
        text
    }

    /// The examples that a test loads.
    #[must_use]
    pub fn examples(self) -> Vec<Example> {
        let fences = self.0.split("```hcl ").skip(1);
        let example = |fence: &'static str| {
            let (kind, rest) = fence.split_once('\n')?;
            let (text, _) = rest.split_once("```")?;
            Some(Example { text, wrong: kind.starts_with("wrong"), alone: kind.ends_with("alone") })
        };
        fences.filter_map(example).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_one_page_and_every_page_a_code() {
        let documented: Vec<_> = PAGES.iter().flat_map(|file| sections(file)).collect();
        for code in Code::ALL {
            let pages = documented.iter().filter(|(name, _)| *name == code.as_str()).count();
            assert_eq!(pages, 1, "{code}: add a section to a file of src/diag/pages: what it means, why, an example, how to fix it");
        }
        for (name, text) in documented {
            let code = Code::named(name).unwrap_or_else(|| panic!("there is no code {name}"));
            assert!(text.len() > 150 && text.ends_with(['.', '`', ':']), "{name}: {text}");
            assert_eq!(code.page().markdown(), text);
            assert!(code.page().text().lines().all(|line| line.chars().count() <= 124), "{name} has long lines");
        }
    }

    #[test]
    fn a_page_for_a_terminal_has_no_fences_and_indented_examples() {
        let page = Code::UnquotedAccountId.page();
        assert!(!page.text().contains("```") && page.text().contains("\nWrite instead:\n\n    account"));
        assert!(page.text().contains("\n    account \"crm\" {\n      id         = 222222222222\n"), "{}", page.text());
        let examples = page.examples();
        assert_eq!(examples.iter().map(|example| (example.wrong, example.alone)).collect::<Vec<_>>(), [(true, false), (false, false)]);
        assert!(examples[0].text.starts_with("account \"crm\" {\n") && examples[0].text.ends_with("}\n"));
    }
}
