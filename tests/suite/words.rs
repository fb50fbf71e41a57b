//! Text for users has one word for one thing, AWS's and Terraform's, and none of the words that were given up.

use std::fs;
use std::path::{Path, PathBuf};

/// Words and phrases, with their replacements.
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
    ("told otherwise", "by default"),
    ("can't be told", "is not known"),
    ("look from inside", "read in the account"),
    ("looks from inside", "reads in the account"),
    ("lets plan look", "lets plan read"),
    ("anew", "again"),
    ("stands in", "is in"),
    ("what they lose", "consequences of leaving"),
    ("what it loses", "consequences of leaving"),
    ("what follows from joining", "consequences of joining"),
    ("where they stand", "organizational units"),
    ("to be taken in", "that should join"),
    ("nothing of this plan", "nothing in this plan"),
    ("past every service control policy", "which service control policies don't restrict"),
    ("look the state up", "check the state"),
];

/// Words that comments also avoid: code reports, emits and distinguishes, and the spelling is American.
const GIVEN_UP_IN_COMMENTS: &[(&str, &str)] = &[
    ("tell", "report, print, emit; distinguish"),
    ("tells", "reports, prints, emits; distinguishes"),
    ("told", "reported, printed, emitted; distinguished"),
    ("behaviour", "behavior"),
    ("coloured", "colored"),
    ("favour", "favor"),
    ("neighbours", "neighbors"),
    ("recognise", "recognize"),
    ("recognised", "recognized"),
    ("serialise", "serialize"),
    ("serialised", "serialized"),
    ("no api tells", "no AWS API reports"),
];

/// Old names in the code, with their better replacements.
const GIVEN_UP_IN_CODE: &[(&str, &str)] = &[
    ("Given", "ExternalValues"),
    ("Giver", "ValueSource"),
    ("Teller", "WorkQueue"),
    ("is_passing", "is_transient"),
    ("see_it_out", "wait_until_out"),
    ("weigh", "match_events"),
    ("handshakes_that_wait", "pending_handshakes"),
    ("deleting_stack_sets", "stack_sets_that_delete"),
    ("enter_with", "assume_role_scoped"),
    ("tells_by_events", "json_output"),
    ("tell_events", "enable_json"),
    ("event_of_each", "emit_each"),
    ("look_inside", "probe_member"),
    ("haste", "test_speedup"),
    ("CALM", "SUCCESSES_TO_RECOVER"),
    ("LOOKS", "MAX_POLLS"),
    ("QUESTIONS", "MAX_RETRIES"),
    ("Looks", "Probes"),
    ("NotTaken", "NotRun"),
    ("look_at_departures", "probe_members"),
    ("look_with", "probe_with_role"),
    ("SettleError", "ResolveError"),
    ("Settled", "ResolvedIntents"),
    ("unsettled", "unresolved"),
];

/// Beginnings that constants for limits don't have; they begin with `MAX_`.
const GIVEN_UP_BEGINNINGS: &[&str] = &["MOST_", "LONGEST_"];

/// Every text for users: documents, pages about codes, schemas, and the output of golden runs.
fn texts() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<_> = ["docs", "examples", "schema", "src/diag/pages", "src/render/html/page", "tests/cases", "tests/events"]
        .map(|folder| root.join(folder))
        .into();
    let mut found = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md"].map(|name| root.join(name)).to_vec();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let kind = entry.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
            if entry.is_dir() {
                folders.push(entry);
            } else if ["md", "json", "jsonl", "svg", "hcl", "yml", "js", "css", "html"].contains(&kind) {
                found.push(entry);
            }
        }
    }
    found
}

/// Every Rust file except this one, which contains the words.
fn sources() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<_> = ["src", "tests", "benches", "fuzz/fuzz_targets"].map(|folder| root.join(folder)).into();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "rs") && !entry.ends_with("suite/words.rs") {
                found.push(entry);
            }
        }
    }
    found
}

/// Whether a line contains the phrase as whole words.
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
        // Some files are invalid UTF-8 on purpose.
        let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).to_lowercase();
        for (number, line) in text.lines().enumerate() {
            let wrong = GIVEN_UP.iter().filter(|(phrase, _)| has(line, phrase));
            found.extend(wrong.map(|(phrase, instead)| format!("{}:{}: {phrase:?}, write {instead}", path.display(), number + 1)));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn names_and_comments_have_the_words_too() {
    let sources = sources();
    assert!(sources.len() > 300, "{} sources", sources.len());
    let mut found = Vec::new();
    for path in sources {
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in text.lines().enumerate() {
            let mut report =
                |word: &str, instead: &str| found.push(format!("{}:{}: {word:?}, write {instead}", path.display(), number + 1));
            for (word, instead) in GIVEN_UP_IN_CODE.iter().filter(|(word, _)| has(line, word)) {
                report(word, instead);
            }
            for beginning in GIVEN_UP_BEGINNINGS.iter().filter(|beginning| line.contains(**beginning)) {
                report(beginning, "MAX_");
            }
            // A comment may contain an identifier in backticks, and a string may contain two slashes: only lines that are comments count.
            let Some(comment) = line.trim_start().strip_prefix("//").map(str::to_lowercase) else { continue };
            let comment: String = comment.split('`').step_by(2).collect();
            for (word, instead) in GIVEN_UP.iter().chain(GIVEN_UP_IN_COMMENTS).filter(|(word, _)| has(&comment, word)) {
                report(word, instead);
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
