//! No mistake goes unreported: arguments written as blocks, blocks written as arguments, and labels on blocks that take none.
//!
//! The names come from the program itself, which lists what a block takes if it gets an unknown name. A block type that is listed but
//! absent from the specimen fails a test, so that no new name is forgotten.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use hcl_edit::Ident;
use hcl_edit::structure::{Attribute, Block, BlockLabel, Body};
use orgroster::config::{self, ExternalValues};
use orgroster::diag::{Code, Diagnostic, SourceMap};
use orgroster::sandbox::Sandbox;

/// Every block type of a configuration.
const CONFIGURATION: &str = include_str!("../data/kinds.roster.hcl");
/// Every block type of a fixture.
const FIXTURE: &str = include_str!("../data/kinds.sandbox.hcl");
/// A name that does not exist and is similar to none.
const UNKNOWN: &str = "qqqqqq";

/// Reads a text and returns its findings.
type Reader = fn(&str) -> Vec<Diagnostic>;

fn configuration(text: &str) -> Vec<Diagnostic> {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("kinds.roster.hcl"), text).unwrap();
    match config::load_with(directory.path(), &ExternalValues::default(), &mut SourceMap::default()) {
        Ok((_, warnings)) => warnings,
        Err(found) => found,
    }
    .into_iter()
    .collect()
}

/// Reads the text as the trusted configuration of a directory with a minimal configuration.
fn trusted(text: &str) -> Vec<Diagnostic> {
    let (directory, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let account = "account \"a\" {\n  id         = \"222222222222\"\n  membership = \"member\"\n}\n";
    fs::write(directory.path().join("a.roster.hcl"), account).unwrap();
    let path = elsewhere.path().join("trusted.hcl");
    fs::write(&path, text).unwrap();
    let given = ExternalValues { trusted_config: Some(path), ..ExternalValues::default() };
    match config::load_with(directory.path(), &given, &mut SourceMap::default()) {
        Ok((_, warnings)) => warnings,
        Err(found) => found,
    }
    .into_iter()
    .collect()
}

fn fixture(text: &str) -> Vec<Diagnostic> {
    let mut sources = SourceMap::default();
    let file = sources.add("kinds.sandbox.hcl", text.to_owned());
    Sandbox::open(&sources, Some(file), None).map_or_else(|found| found.into_iter().collect(), |_| Vec::new())
}

/// The specimen in the form of a trusted configuration: without variables, accounts and references to them.
fn trusted_specimen() -> String {
    let mut body = parsed(CONFIGURATION);
    for kind in ["variable", "locals", "account"] {
        body.remove_blocks(kind);
    }
    body.to_string()
}

/// Each kind of text, with its reader and specimen.
fn specimens() -> [(Reader, String); 3] {
    [(configuration, CONFIGURATION.to_owned()), (trusted, trusted_specimen()), (fixture, FIXTURE.to_owned())]
}

fn parsed(text: &str) -> Body {
    text.parse().unwrap()
}

/// The places of all blocks, as indices from the outermost block inwards.
fn places(body: &Body, outer: &[usize], found: &mut Vec<Vec<usize>>) {
    for (at, block) in body.blocks().enumerate() {
        let place = [outer, &[at]].concat();
        found.push(place.clone());
        places(&block.body, &place, found);
    }
}

fn block_at<'b>(body: &'b mut Body, place: &[usize]) -> &'b mut Block {
    let (at, inner) = place.split_first().unwrap();
    let block = body.blocks_mut().nth(*at).unwrap();
    if inner.is_empty() { block } else { block_at(&mut block.body, inner) }
}

/// The block types from the outermost block to the one at the place.
fn path(body: &mut Body, place: &[usize]) -> Vec<String> {
    (1..=place.len()).map(|depth| block_at(body, &place[..depth]).ident.to_string()).collect()
}

/// The text with a change to the block at the place.
fn changed(text: &str, place: &[usize], change: impl FnOnce(&mut Block)) -> String {
    let mut body = parsed(text);
    change(block_at(&mut body, place));
    body.to_string()
}

/// The names between backticks that follow `opening`.
fn names_after(detail: &str, opening: &str) -> Vec<String> {
    let Some((_, rest)) = detail.split_once(opening) else { return Vec::new() };
    let sentence = rest.split_once('.').map_or(rest, |(sentence, _)| sentence);
    sentence.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// A block of a specimen, with the arguments and blocks that it takes.
struct Taken {
    place: Vec<usize>,
    path: Vec<String>,
    arguments: Vec<String>,
    blocks: Vec<String>,
}

/// What every block of a specimen takes, according to the program.
fn taken(read: Reader, text: &str) -> Vec<Taken> {
    let mut found = Vec::new();
    places(&parsed(text), &[], &mut found);
    let ask = |place: Vec<usize>| {
        let path = path(&mut parsed(text), &place);
        if path == ["locals"] {
            return None;
        }
        let asked = changed(text, &place, |block| block.body.push(Attribute::new(Ident::new(UNKNOWN), 1)));
        let answers = read(&asked);
        let answer = answers.iter().find(|found| found.detail.contains(UNKNOWN));
        let detail = &answer.unwrap_or_else(|| panic!("{path:?} takes what nobody knows: {answers:?}\n{asked}")).detail;
        let (arguments, blocks) = (names_after(detail, "It takes the arguments "), names_after(detail, "It takes the blocks "));
        assert!(arguments.len() + blocks.len() > 0, "{path:?}: {detail}");
        Some(Taken { place, path, arguments, blocks })
    };
    found.into_iter().filter_map(ask).collect()
}

fn without(body: &mut Body, name: &str) {
    body.remove_attribute(name);
    body.remove_blocks(name);
}

#[test]
fn each_specimen_is_right_and_has_every_type_of_block() {
    for (read, text) in specimens() {
        assert_eq!(read(&text), [], "{text}");
        let all = taken(read, &text);
        let mut present: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for one in &all {
            if let [.., parent, child] = one.path.as_slice() {
                present.entry(parent.clone()).or_default().insert(child.clone());
            }
        }
        for one in &all {
            let kind = one.path.last().unwrap();
            let missing: Vec<_> =
                one.blocks.iter().filter(|name| !present.get(kind).is_some_and(|children| children.contains(*name))).collect();
            assert!(missing.is_empty(), "add these blocks to a {kind} block of the specimen: {missing:?}");
        }
    }
    let unknown = configuration(&format!("{CONFIGURATION}\n{UNKNOWN} {{\n}}\n"));
    let (_, types) = unknown[0].detail.split_once("Its block types are ").unwrap();
    for name in types.trim_end_matches('.').split(", ") {
        assert!(parsed(CONFIGURATION).has_blocks(name), "add a block of type {name} to the specimen");
    }
}

#[test]
fn every_argument_that_is_written_as_a_block_is_an_error_with_the_right_form() {
    let mut tried = 0;
    for (read, text) in specimens() {
        for one in taken(read, &text) {
            for name in &one.arguments {
                let wrong = changed(&text, &one.place, |block| {
                    without(&mut block.body, name);
                    block.body.push(Block::new(Ident::new(name)));
                });
                let found = read(&wrong);
                let form = format!("a block named `{name}`: it is an argument, which is written with an equals sign:\n\n    {name} = ");
                let said = found.iter().any(|found| found.code == Code::UnknownBlock && found.detail.contains(&form));
                assert!(said, "{:?} {name}: {found:?}", one.path);
                tried += 1;
            }
        }
    }
    assert!(tried > 100, "{tried}");
}

#[test]
fn every_block_that_is_written_as_an_argument_is_an_error_with_the_right_form() {
    let mut tried = 0;
    for (read, text) in specimens() {
        for one in taken(read, &text) {
            for name in &one.blocks {
                let wrong = changed(&text, &one.place, |block| {
                    without(&mut block.body, name);
                    block.body.push(Attribute::new(Ident::new(name), "x"));
                });
                let found = read(&wrong);
                let form = format!("an argument named `{name}`: it is a block, which is written without an equals sign:\n\n    {name} ");
                let said = found.iter().any(|found| found.code == Code::UnknownAttribute && found.detail.contains(&form));
                assert!(said, "{:?} {name}: {found:?}", one.path);
                assert!(!found.iter().any(|found| found.code == Code::MissingBlock), "said twice: {found:?}");
                tried += 1;
            }
        }
    }
    assert!(tried > 20, "{tried}");
}

#[test]
fn blocks_of_the_top_level_that_are_written_as_arguments_are_errors_with_the_right_form() {
    for (read, text) in specimens() {
        let types: BTreeSet<_> = parsed(&text).blocks().map(|block| block.ident.to_string()).collect();
        for name in types {
            let found = read(&format!("{text}\n{name} = {{}}\n"));
            let form = format!("`{name}`: it is a block, which is written without an equals sign:\n\n    {name} ");
            assert!(found.iter().any(|found| found.code == Code::UnknownAttribute && found.detail.contains(&form)), "{name}: {found:?}");
        }
    }
}

#[test]
fn a_label_that_no_block_takes_is_an_error() {
    for (read, text) in specimens() {
        let mut found = Vec::new();
        places(&parsed(&text), &[], &mut found);
        for place in found {
            let wrong = changed(&text, &place, |block| block.labels.push(BlockLabel::from("more")));
            let found = read(&wrong);
            assert!(found.iter().any(|found| found.code == Code::WrongLabels), "{:?}: {found:?}", path(&mut parsed(&text), &place));
        }
    }
}

#[test]
fn names_with_values_take_no_blocks() {
    let found = configuration(&format!("{CONFIGURATION}\nlocals {{\n  tags {{\n    a = 1\n  }}\n}}\n"));
    assert!(found.iter().any(|found| found.detail.ends_with("\n\n    tags = { key = \"…\" }") && found.patches.len() == 1), "{found:?}");
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("kinds.roster.hcl"), CONFIGURATION).unwrap();
    fs::write(directory.path().join("a.auto.rostervars.hcl"), "facts {\n}\n").unwrap();
    let found = config::load_with(directory.path(), &ExternalValues::default(), &mut SourceMap::default()).unwrap_err();
    assert!(found.sorted()[0].detail.ends_with("\n\n    facts = { key = \"…\" }"), "{found:?}");
}

#[test]
fn an_object_that_would_be_the_body_of_a_block_is_corrected() {
    let with = |value: &str| {
        CONFIGURATION.replacen("  member_role {\n    name        = \"OrgrosterLeave\"\n    external_id = \"example\"\n  }\n", value, 1)
    };
    let patches = |value: &str| {
        let text = with(value);
        assert_ne!(text, CONFIGURATION);
        let found = configuration(&text);
        let found = found.iter().find(|found| found.code == Code::UnknownAttribute).unwrap();
        found.patches.first().map(|patch| {
            let mut text = text.clone();
            text.replace_range(patch.span.start..patch.span.end, &patch.replacement);
            configuration(&text)
        })
    };
    for right in ["  member_role = { name = \"R\" }\n", "  member_role = {\n    name = \"R\"\n    external_id = \"e\"\n  }\n"] {
        assert_eq!(patches(right), Some(Vec::new()), "{right}");
    }
    for other in ["  member_role = \"R\"\n", "  member_role = { name = \"R\", external_id = \"e\" }\n", "  member_role = { name: \"R\" }\n"]
    {
        assert_eq!(patches(other), None, "{other}");
    }
}

#[test]
fn what_is_written_twice_is_reported() {
    let twice = [
        ("protected_accounts      = [\"222222222222\"]", "protected_accounts = [\"222222222222\", \"222222222222\"]"),
        ("regions   = [\"us-east-1\"]", "regions = [\"us-east-1\", \"us-east-1\"]"),
        ("acknowledge = [\"stack_sets\"]", "acknowledge = [\"stack_sets\", \"stack_sets\"]"),
        ("of       = [\"payment_method\"]", "of = [\"payment_method\", \"payment_method\"]"),
        ("advisory_policies = [\"p-examplepolicyid\"]", "advisory_policies = [\"p-examplepolicyid\", \"p-examplepolicyid\"]"),
    ];
    for (once, twice) in twice {
        assert!(CONFIGURATION.contains(once), "{once}");
        let found = configuration(&CONFIGURATION.replacen(once, twice, 1));
        assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), [Code::NoEffect], "{twice}: {found:?}");
    }
    let keys = "keys = { \"aws:RequestedRegion\" = \"us-east-1\" }";
    for twice in ["\"aws:SourceIp\" = \"198.51.100.1\"", "\"AWS:SourceIP\" = []"] {
        let found = configuration(&CONFIGURATION.replacen(keys, &format!("keys = {{ {twice} }}"), 1));
        assert_eq!(found.iter().map(|found| found.code).collect::<Vec<_>>(), [Code::DuplicateKey], "{twice}: {found:?}");
    }
    let once = "delegated_services = [\"config.amazonaws.com\"]";
    assert!(FIXTURE.contains(once));
    let found = fixture(&FIXTURE.replacen(once, "delegated_services = [\"config.amazonaws.com\", \"config.amazonaws.com\"]", 1));
    assert!(found.len() == 1 && found[0].code == Code::NoEffect && found[0].severity == orgroster::diag::Severity::Error, "{found:?}");
}
