//! The documents: every link has a target, every path exists, every page is reachable, and the README stays short and in order.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// Every Markdown file for readers in the repository.
fn documents() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(ROOT).join("docs"), Path::new(ROOT).join("examples")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "md") {
                found.push(entry);
            }
        }
    }
    found.extend(
        ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"]
            .map(|name| Path::new(ROOT).join(name))
            .into_iter()
            .filter(|path| path.exists()),
    );
    found
}

/// The targets of a document's links and pictures.
fn links(text: &str) -> Vec<String> {
    let events = Parser::new_ext(text, Options::ENABLE_TABLES);
    let mut found: Vec<_> = events
        .filter_map(|event| match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => Some(dest_url.to_string()),
            _ => None,
        })
        .collect();
    // Pictures for a dark and a light background are HTML.
    for attribute in ["srcset=\"", "src=\""] {
        found.extend(text.split(attribute).skip(1).filter_map(|rest| rest.split('"').next()).map(str::to_owned));
    }
    found
}

/// The anchors of a document's headings, as GitHub generates them.
fn anchors(text: &str) -> BTreeSet<String> {
    let (mut found, mut heading) = (BTreeSet::new(), None::<String>);
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        match (event, &mut heading) {
            (Event::Start(Tag::Heading { .. }), _) => heading = Some(String::new()),
            (Event::End(TagEnd::Heading(_)), Some(title)) => {
                let kept = title
                    .to_lowercase()
                    .chars()
                    .filter(|character| character.is_alphanumeric() || matches!(character, ' ' | '-' | '_'))
                    .collect::<String>();
                found.insert(kept.replace(' ', "-"));
                heading = None;
            }
            (Event::Text(part) | Event::Code(part), Some(title)) => title.push_str(&part),
            _ => {}
        }
    }
    found
}

#[test]
fn every_link_leads_somewhere() {
    let mut broken = Vec::new();
    let mut seen = 0;
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for link in links(&text).into_iter().filter(|link| !link.contains("://") && !link.starts_with("mailto:")) {
            seen += 1;
            let (path, anchor) = link.split_once('#').map_or((link.as_str(), None), |(path, anchor)| (path, Some(anchor)));
            let target = if path.is_empty() { document.clone() } else { document.parent().unwrap().join(path) };
            let has_anchor = |anchor: &str| anchors(&fs::read_to_string(&target).unwrap_or_default()).contains(anchor);
            if !target.exists() || anchor.is_some_and(|anchor| !has_anchor(anchor)) {
                broken.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(broken.is_empty() && seen > 40, "{seen} links, of which lead nowhere:\n{}", broken.join("\n"));
}

#[test]
fn every_page_is_in_the_index() {
    let docs = Path::new(ROOT).join("docs");
    let index = links(&fs::read_to_string(docs.join("README.md")).unwrap());
    let listed: BTreeSet<_> = index.iter().map(|link| docs.join(link)).collect();
    let pages = documents().into_iter().filter(|path| path.starts_with(&docs) && !path.ends_with("docs/README.md"));
    let missing: Vec<_> = pages.filter(|path| !listed.contains(path)).collect();
    assert!(missing.is_empty(), "not in docs/README.md: {missing:?}");
}

#[test]
fn the_readme_is_short() {
    let text = fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let widest = text.lines().max_by_key(|line| line.chars().count()).unwrap();
    assert!(text.lines().count() <= 200, "{} lines", text.lines().count());
    assert!(widest.chars().count() <= 120, "{widest}");
}

/// The sections of the README in order: what readers need first comes first.
#[test]
fn the_readme_is_in_order() {
    let text = fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let parts: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let wanted = [
        "Try it",
        "Install",
        "Detach, remove, transfer, close: which one?",
        "Why not Terraform's resource?",
        "A first plan of your own organization",
        "A configuration",
        "Why it is safe",
        "Commands",
        "Read on",
        "License",
    ];
    assert_eq!(parts, wanted);
    let picture = text.find("<picture>").unwrap();
    assert!(picture < text.find("## Try it").unwrap(), "the picture of a plan comes before the commands");
}

/// Folders of this repository whose paths documents mention.
const FOLDERS: &[&str] = &["src", "tests", "docs", "benches", "fuzz", "examples", "schema", ".ci", ".github"];

/// Whether a text in a code span is a path in this repository, and doesn't contain a placeholder.
fn is_own_path(text: &str) -> bool {
    let folder = text.split('/').next().unwrap_or_default();
    let placeholders = |part: &str| part.chars().any(char::is_uppercase) && !part.contains("README");
    let plain = text.chars().all(|character| character.is_ascii_alphanumeric() || "/._-".contains(character));
    text.contains('/') && plain && FOLDERS.contains(&folder) && !text.split('/').any(placeholders)
}

#[test]
fn every_path_that_a_document_names_exists() {
    let mut missing = Vec::new();
    let mut seen = 0;
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        let spans = Parser::new_ext(&text, Options::ENABLE_TABLES).filter_map(|event| match event {
            Event::Code(code) => Some(code.to_string()),
            _ => None,
        });
        for path in spans.map(|span| span.trim_end_matches('/').to_owned()).filter(|span| is_own_path(span)) {
            seen += 1;
            if !Path::new(ROOT).join(&path).exists() && !document.parent().unwrap().join(&path).exists() {
                missing.push(format!("{}: {path}", document.display()));
            }
        }
    }
    assert!(missing.is_empty() && seen > 60, "{seen} paths, of which do not exist:\n{}", missing.join("\n"));
}
