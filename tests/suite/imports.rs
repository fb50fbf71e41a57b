//! The import table: which modules of the crate each module may use.
//!
//! This keeps the planner pure, and `plan` without a way to write.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each module with the modules that it may use. Tests may use more.
const MAY_USE: &[(&str, &[&str])] = &[
    ("failpoint", &[]),
    ("files", &[]),
    ("org", &[]),
    ("diag", &["org"]),
    ("hcl", &["org", "diag"]),
    ("scp", &["org"]),
    ("gate", &["org", "scp"]),
    ("config", &["org", "diag", "hcl", "files"]),
    ("plan", &["org", "diag", "gate"]),
    ("api", &["org"]),
    ("observe", &["org", "api"]),
    ("journal", &["org", "plan", "files", "fail_point"]),
    ("apply", &["org", "gate", "plan", "api", "observe", "journal", "failpoint", "fail_point"]),
    ("aws", &["org", "api", "journal"]),
    ("drift", &["org"]),
    ("references", &["org", "diag"]),
    ("render", &["org", "plan", "gate", "diag", "hcl", "apply", "journal", "drift", "references"]),
    ("lsp", &["org", "diag", "gate", "config"]),
    ("sandbox", &["diag"]),
    (
        "cli",
        &[
            "org",
            "diag",
            "hcl",
            "files",
            "gate",
            "config",
            "plan",
            "api",
            "observe",
            "journal",
            "apply",
            "aws",
            "drift",
            "references",
            "render",
            "lsp",
            "sandbox",
        ],
    ),
];

/// Types of `org` that are part of `diag`'s interface, and so available to every module that reports a bad file.
const NOUNS_OF_DIAG: &[&str] = &["AccountId", "FileId", "Message", "SourceSpan", "Spanned"];

/// Words that a module must not contain, with the modules that may.
const RESERVED: &[(&str, &[&str])] = &[
    ("aws_sdk_", &["aws"]),
    ("aws_config", &["aws"]),
    ("std::net", &["cli", "config", "sandbox", "scp"]),
    ("tokio::net", &["cli", "sandbox"]),
    ("async fn", &["api", "apply", "observe", "aws", "cli", "journal", "sandbox"]),
    ("std::fs", &["cli", "config", "files", "journal", "references", "sandbox"]),
    ("std::process", &["cli", "sandbox"]),
    ("std::io::stdout", &["cli"]),
];

const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src");

/// Compares the table with the architecture document.
#[test]
fn the_document_has_the_same_table() {
    let text = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/concepts/architecture.md")).unwrap();
    let row = |line: &str| {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [module, _, used] = cells.as_slice() else { return None };
        let module = module.strip_prefix('`')?.strip_suffix('`')?.to_owned();
        Some((module, used.split('`').skip(1).step_by(2).map(str::to_owned).collect::<BTreeSet<_>>()))
    };
    let documented: BTreeMap<_, _> = text.lines().filter(|line| line.starts_with("| `")).filter_map(row).collect();
    // A fail point is a macro of `failpoint`.
    let used = |(module, names): &(&str, &[&str])| {
        let names = names.iter().filter(|name| **name != "fail_point").map(|name| (*name).to_owned());
        ((*module).to_owned(), names.collect::<BTreeSet<_>>())
    };
    assert_eq!(documented, MAY_USE.iter().map(used).collect());
}

#[test]
fn modules_use_only_what_the_table_allows() {
    let mut wrong = Vec::new();
    for (path, module, text) in production_files() {
        let allowed = MAY_USE.iter().find(|(name, _)| *name == module).map(|(_, allowed)| *allowed);
        let allowed = allowed.unwrap_or_else(|| panic!("the module {module} is not in the table"));
        for used in used_modules(&path, &text) {
            let noun_of_diag = module == "sandbox" && used.starts_with("org::") && is_noun_of_diag(&used);
            let name = used.split("::").next().unwrap_or_default();
            if name != module && !allowed.contains(&name) && !noun_of_diag {
                wrong.push(format!("{}: crate::{used}", path.display()));
            }
        }
        for (word, modules) in RESERVED {
            if text.contains(word) && !modules.contains(&module.as_str()) {
                wrong.push(format!("{}: {word}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "not allowed by the table:\n{}", wrong.join("\n"));
}

/// Entries that no module needs any more must be removed, so that the table stays accurate.
#[test]
fn every_allowance_is_used() {
    let files = production_files();
    let used = |module: &str, allowed: &str| {
        let mut of_module = files.iter().filter(|(_, owner, _)| owner == module);
        of_module.any(|(path, _, text)| used_modules(path, text).iter().any(|used| used.split("::").next() == Some(allowed)))
    };
    let unused: Vec<_> = MAY_USE
        .iter()
        .flat_map(|(module, allowed)| allowed.iter().map(move |allowed| (*module, *allowed)))
        .filter(|(module, allowed)| !used(module, allowed))
        .collect();
    assert!(unused.is_empty(), "allowed but not used: {unused:?}");
}

#[test]
fn paths_that_climb_out_of_their_module_are_seen() {
    let seen = |path: &str, text: &str| used_modules(&Path::new(SOURCES).join(path), text);
    assert_eq!(seen("gate/state.rs", "use super::super::plan::Plan;"), ["plan::Plan"]);
    assert_eq!(seen("gate/policy/mod.rs", "use super::super::plan;"), ["plan"]);
    assert_eq!(seen("gate/policy/context.rs", "use super::super::super::plan::{A, B};"), ["plan::{A, B}"]);
    assert_eq!(seen("gate/mod.rs", "use super::plan;"), ["plan"]);
    assert_eq!(seen("gate/policy/context.rs", "use super::super::{facts, state}; use super::levels;"), Vec::<String>::new());
}

#[test]
fn every_module_of_the_table_exists() {
    let modules: BTreeSet<_> = production_files().into_iter().map(|(_, module, _)| module).collect();
    let table: BTreeSet<_> = MAY_USE.iter().map(|(module, _)| (*module).to_owned()).collect();
    assert_eq!(modules, table);
}

fn is_noun_of_diag(used: &str) -> bool {
    let items = used.trim_start_matches("org::").trim_matches(['{', '}']);
    items.split(',').map(str::trim).filter(|item| !item.is_empty()).all(|item| NOUNS_OF_DIAG.contains(&item))
}

/// The text after each `crate::`, and after each chain of `super::` that leads there, up to the end of the path or group: `org::{FileId,
/// SourceSpan}`.
fn used_modules(path: &Path, text: &str) -> Vec<String> {
    let inside = path.strip_prefix(SOURCES).unwrap();
    let file = inside.file_stem().is_some_and(|name| name != "mod");
    // `gate/policy/context.rs` is `gate::policy::context`, and `gate/policy/mod.rs` is `gate::policy`.
    let depth = inside.components().count() - usize::from(!file);
    let climb = "super::".repeat(depth);
    let starts_path = |at: usize| !text[..at].ends_with(|before: char| before.is_alphanumeric() || matches!(before, '_' | ':'));
    let climbs = text.match_indices(&climb).filter(|(at, _)| starts_path(*at));
    let roots = text.match_indices("crate::").chain(climbs);
    roots.map(|(at, prefix)| path_at(&text[at + prefix.len()..])).filter(|used| !used.starts_with("super")).collect()
}

/// A path, including the group at its end if it has one.
fn path_at(rest: &str) -> String {
    let ends_path = |character: char| !(character.is_alphanumeric() || matches!(character, '_' | ':'));
    let path = rest.split(ends_path).next().unwrap_or_default();
    let group = rest[path.len()..].starts_with('{').then(|| rest[path.len()..].split_inclusive('}').next().unwrap_or_default());
    format!("{path}{}", group.unwrap_or_default())
}

/// Every non-test file of a module, with its text before its tests.
fn production_files() -> Vec<(PathBuf, String, String)> {
    let mut files = Vec::new();
    collect(Path::new(SOURCES), &mut files);
    let module_of = |path: &Path| {
        let first = path.strip_prefix(SOURCES).unwrap().components().next().unwrap();
        first.as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
    };
    let is_test =
        |path: &Path| path.components().any(|part| matches!(part.as_os_str().to_str(), Some("tests" | "tests.rs" | "testing.rs")));
    files
        .into_iter()
        .filter(|path| !is_test(path))
        .map(|path| (module_of(&path), path))
        .filter(|(module, _)| module != "lib" && module != "main")
        .map(|(module, path)| {
            let text = fs::read_to_string(&path).unwrap();
            let production = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let code = production.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
            (path, module, code)
        })
        .collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}
