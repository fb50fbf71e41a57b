//! What users read has one word for one thing: AWS's and Terraform's, and none of those that were given up.

use std::fs;
use std::path::{Path, PathBuf};

/// Words and phrases, with what to write instead.
const GIVEN_UP: &[(&str, &str)] = &[
    ("mend", "fix, repair"),
    ("mends", "fixes"),
    ("mended", "fixed"),
    ("settle", "resolve"),
    ("settles", "resolves"),
    ("settled", "resolved"),
    ("colour", "color"),
    ("colours", "colors"),
    ("nobody attested", "not attested"),
    ("no api tells", "no AWS API reports"),
    ("by another hand", "outside orgroster"),
    ("looks inside", "reads in members"),
    ("are let land", "will finish"),
    ("stands alone from", "becomes a standalone account"),
];

/// Every text that a user reads: documents, pages about codes, schemas, and what golden runs print.
fn texts() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<_> =
        ["docs", "examples", "schema", "src/diag/pages", "tests/cases", "tests/events"].map(|folder| root.join(folder)).into();
    let mut found = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"].map(|name| root.join(name)).to_vec();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let kind = entry.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
            if entry.is_dir() {
                folders.push(entry);
            } else if ["md", "json", "jsonl", "svg", "hcl", "yml"].contains(&kind) {
                found.push(entry);
            }
        }
    }
    found
}

/// Whether a line has the phrase as words of its own.
fn has(line: &str, phrase: &str) -> bool {
    let is_part = |character: Option<char>| character.is_some_and(|character| character.is_alphanumeric() || character == '_');
    line.match_indices(phrase).any(|(at, _)| !is_part(line[..at].chars().next_back()) && !is_part(line[at + phrase.len()..].chars().next()))
}

#[test]
fn the_words_that_were_given_up_stay_away() {
    let texts = texts();
    assert!(texts.len() > 100, "{} texts", texts.len());
    let mut found = Vec::new();
    for path in texts {
        // Some are wrong on purpose.
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).to_lowercase();
        for (number, line) in text.lines().enumerate() {
            let wrong = GIVEN_UP.iter().filter(|(phrase, _)| has(line, phrase));
            found.extend(wrong.map(|(phrase, instead)| format!("{}:{}: {phrase:?}, write {instead}", path.display(), number + 1)));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
