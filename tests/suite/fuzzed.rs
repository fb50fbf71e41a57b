//! A bounded run of the fuzz target for configurations, on any toolchain and always the same: valid and invalid texts are mutated, and a
//! text with new kinds of findings is mutated further.
//!
//! `ORGROSTER_FUZZ_EXECUTIONS` (1000) is the number of texts; `.ci/full` uses more, and then libFuzzer.

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use orgroster::diag::Code;

use crate::fuzzed_configuration::check;

/// The longest text in bytes. Other tests measure the cost of large texts.
const LONGEST: usize = 20_000;

/// Meaningful fragments to insert anywhere.
const PIECES: &[&str] = &[
    "account \"a\" {\n",
    "}\n",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "\"",
    "\\",
    "${",
    "%{",
    "%{ for x in y }",
    "%{ endfor }",
    "%{ if x }",
    "%{ else }",
    "%{ endif }",
    "~}",
    "$${",
    "<<E\n",
    "<<-E\n",
    "\nE\n",
    "#",
    "//",
    "/*",
    "*/",
    "\n",
    "\r\n",
    "\t",
    " ",
    "\u{feff}",
    "\0",
    "é",
    "e\u{301}",
    "👩‍👩‍👧",
    "\u{202e}",
    "=",
    "==",
    "!=",
    "<=",
    "=>",
    "&&",
    "||",
    "!",
    "-",
    "+",
    "*",
    "/",
    "%",
    "?",
    ":",
    "...",
    ".",
    "[*]",
    ".*",
    ",",
    "0",
    "-1",
    "1e999",
    "0.1",
    "12345678901234567890",
    "true",
    "false",
    "null",
    "for x in ",
    "for k, v in ",
    " if ",
    "each.key",
    "each.value",
    "var.a",
    "local.a",
    "local.a = local.a",
    "self",
    "variable \"v\" {\n  type = ",
    "locals {\n",
    "dynamic \"attestation\" {\n",
    "content {\n",
    "for_each = ",
    "id = ",
    "membership = \"detached\"\n",
    "reason = \"x\"\n",
    "list(",
    "map(string)",
    "object({",
    "optional(",
    "any",
    "set(",
    "toset(",
    "range(1000)",
    "format(\"%5.2f%s\", ",
    "regex(\"(a+)+$\", ",
    "replace(",
    "join(",
    "jsondecode(",
    "yamldecode(",
    "csvdecode(",
    "templatefile(\"main.roster.hcl\", {})",
    "file(\"main.roster.hcl\")",
    "file(\"../x\")",
    "try(",
    "can(",
    "sensitive(",
    "timeadd(",
    "formatdate(",
    "substr(",
    "base64decode(",
    "parseint(",
    "merge(",
    "flatten(",
    "setunion(",
    "validation {\n",
    "condition = ",
    "error_message = ",
];

/// SplitMix64: the same numbers in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 if `bound` is 0.
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap()
    }

    fn one_of<'t, T: ?Sized>(&mut self, choices: &[&'t T]) -> &'t T {
        choices[self.below(choices.len())]
    }

    /// A range of some bytes, usually a short one.
    fn part(&mut self, bytes: &[u8]) -> std::ops::Range<usize> {
        let start = self.below(bytes.len() + 1);
        let most = if self.below(4) == 0 { bytes.len() } else { 40 };
        start..bytes.len().min(start + self.below(most + 1))
    }

    /// The text with a few changes. A part of `other` may be inserted.
    fn mutated(&mut self, text: &[u8], other: &[u8]) -> Vec<u8> {
        let mut bytes = text.to_vec();
        for _ in 0..1 << self.below(4) {
            let part = self.part(&bytes);
            let copied = bytes[part.clone()].to_vec();
            match self.below(8) {
                0 => drop(bytes.drain(part)),
                1 => drop(bytes.splice(part.start..part.start, copied.repeat(1 + self.below(6)))),
                2 => drop(bytes.splice(part, self.one_of(PIECES).bytes())),
                3 | 4 => drop(bytes.splice(part.start..part.start, self.one_of(PIECES).bytes())),
                5 => drop(bytes.splice(part, other[self.part(other)].iter().copied())),
                6 => {
                    let to = self.below(bytes.len() + 1);
                    drop(bytes.splice(to..to, copied));
                }
                _ if !bytes.is_empty() => {
                    let at = self.below(bytes.len());
                    bytes[at] ^= 1 << self.below(8);
                }
                _ => {}
            }
            bytes.truncate(LONGEST);
        }
        bytes
    }
}

/// The files with this ending in a folder and its subfolders.
fn files(folder: &Path, ending: &str, found: &mut Vec<Vec<u8>>) {
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            files(&path, ending, found);
        } else if path.to_str().is_some_and(|path| path.ends_with(ending)) {
            found.push(fs::read(path).unwrap());
        }
    }
}

/// Valid and invalid texts: those of the golden runs, the examples, the pages about diagnostics, and expressions with known values.
fn seeds() -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seeds = Vec::new();
    for folder in ["tests/cases", "examples"] {
        files(&root.join(folder), ".roster.hcl", &mut seeds);
    }
    let pages = Code::ALL.iter().flat_map(|code| code.page().examples());
    seeds.extend(pages.map(|example| example.text.as_bytes().to_vec()));
    let cases: Vec<serde_json::Value> =
        serde_json::from_str(&fs::read_to_string(root.join("tests/data/eval/conformance.json")).unwrap()).unwrap();
    let expressions: Vec<_> = cases.iter().filter_map(|case| case["expression"].as_str()).collect();
    seeds.extend(expressions.chunks(8).map(|some| {
        let lines = some.iter().enumerate().map(|(at, expression)| format!("  a{at} = {expression}\n"));
        format!("locals {{\n{}}}\n", lines.collect::<String>()).into_bytes()
    }));
    seeds.retain(|seed| seed.len() <= LONGEST);
    seeds
}

fn executions() -> usize {
    crate::testing::size("ORGROSTER_FUZZ_EXECUTIONS", 1_000)
}

/// Tries a text. If it kills the process, the text remains in the folder for analysis.
fn attempt(directory: &Path, text: &[u8]) -> BTreeSet<Code> {
    catch_unwind(AssertUnwindSafe(|| check(directory, text))).unwrap_or_else(|_| panic!("this text:\n{}", text.escape_ascii()))
}

#[test]
fn any_bytes_are_read_and_formatted_to_their_end() {
    let seeds = seeds();
    let each = executions().div_ceil(2);
    std::thread::scope(|scope| {
        for (seed, seeds) in [(1, seeds.clone()), (2, seeds)] {
            scope.spawn(move || run(Numbers(seed), seeds, each));
        }
    });
}

fn run(mut numbers: Numbers, mut corpus: Vec<Vec<u8>>, executions: usize) {
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut seen: BTreeSet<_> = corpus.iter().map(|seed| attempt(directory.path(), seed)).collect();
    assert!(seen.len() > 30, "the seeds are of many kinds: {}", seen.len());
    for _ in 0..executions {
        let (text, other) = (numbers.below(corpus.len()), numbers.below(corpus.len()));
        let text = numbers.mutated(&corpus[text], &corpus[other]);
        if seen.insert(attempt(directory.path(), &text)) {
            corpus.push(text);
        }
    }
}
