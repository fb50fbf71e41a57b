//! Configurations that were written to hang or crash a reader. Each ends with a value or an error; limits that count steps, bytes and
//! levels stop what takes too long, never a clock.
//!
//! `ORGROSTER_HOSTILE_BYTES` (100000) is the minimum size of each; `.ci/run` uses 10 MB.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use orgroster::config::eval::function_names;
use orgroster::config::{self, ExternalValues};
use orgroster::diag::{Code, SourceMap};
use proptest::prelude::*;

const HEAD: &str = "organization {\n  id                    = \"o-exampleorgid\"\n  management_account_id = \"111111111111\"\n}\n";

/// Reads a configuration of one file and returns the codes of its findings. Rendering the findings must end as well.
fn read(text: &str) -> Vec<Code> {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("main.roster.hcl"), text).unwrap();
    let mut sources = SourceMap::default();
    let found = config::validate(directory.path(), &ExternalValues::default(), &mut sources).diagnostics;
    let _ = orgroster::render::diagnostics(&found, &sources, orgroster::render::Style::PLAIN);
    let _ = orgroster::render::validation(&found, &sources);
    let mut codes: Vec<_> = found.into_iter().map(|finding| finding.code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

fn size() -> usize {
    crate::testing::size("ORGROSTER_HOSTILE_BYTES", 100_000)
}

/// `before`, then as much of `unit` as the size requires, then `after`.
fn repeated(before: &str, unit: &str, after: &str) -> String {
    format!("{HEAD}{before}{}{after}", unit.repeat(size() / unit.len()))
}

/// As many lines as the size requires, each made from its number.
fn lines(before: &str, line: impl Fn(usize) -> String, after: &str) -> String {
    let mut text = format!("{HEAD}{before}");
    for index in 0.. {
        if text.len() >= size() {
            break;
        }
        text.push_str(&line(index));
    }
    text + after
}

#[test]
fn a_large_text_of_any_shape_is_read_to_its_end() {
    let value = "locals {\n  a = ";
    let texts = [
        ("brackets", repeated(value, "[", "\n}\n")),
        ("objects", repeated(value, "{a=", "\n}\n")),
        ("parentheses", repeated(value, "(", "\n}\n")),
        ("calls", repeated(value, "upper(", "\n}\n")),
        ("minus signs", repeated(value, "-", "1\n}\n")),
        ("negations", repeated(value, "!", "true\n}\n")),
        ("interpolations", repeated(value, "\"${", "\n}\n")),
        ("directives", repeated("locals {\n  a = \"", "%{if true}", "\"\n}\n")),
        ("sums", repeated(value, "1 + ", "1\n}\n")),
        ("conditions", repeated(value, "true ? 1 : ", "1\n}\n")),
        ("attributes", repeated("locals {\n  a = b", ".a", "\n}\n")),
        ("indices", repeated("locals {\n  a = b", "[0]", "\n}\n")),
        ("types", repeated("variable \"v\" {\n  type = ", "list(", "\n}\n")),
        ("nested blocks", repeated("", "a {\n", "")),
        ("one long string", repeated("locals {\n  a = \"", "x", "\"\n}\n")),
        ("one long name", repeated("", "x", " {\n}\n")),
        ("one long list", repeated(value, "[1,", "]\n}\n")),
        ("one long number", repeated(value, "9", "\n}\n")),
        ("one long heredoc", repeated("locals {\n  a = <<-E\n", "    x ${1} y\n", "  E\n}\n")),
        ("an open heredoc", repeated("locals {\n  a = <<E\n", "x\n", "")),
        ("an open comment", repeated("/*", "x", "")),
        ("comments", repeated("", "# x\n", "")),
        ("quotes", repeated("", "\"", "")),
        ("new lines", repeated("", "\n", "")),
        ("blocks without anything", lines("", |index| format!("account \"a{index}\" {{}}\n"), "")),
        ("unknown blocks", repeated("", "foo {}\n", "")),
        ("unknown arguments", lines("account \"a\" {\n", |index| format!("  a{index} = 1\n"), "}\n")),
        ("wrong blocks", repeated("", "account \"a\" { = }\n", "")),
        ("open blocks", repeated("", "account \"a\" {\n", "")),
        ("open quotes", repeated("", "account \"a {\n", "")),
        ("one account many times", repeated("", "account \"a\" {\n  id = \"222222222222\"\n}\n", "")),
        ("many locals", lines("locals {\n", |index| format!("  a{index} = {index}\n"), "}\n")),
        ("many variables", lines("", |index| format!("variable \"v{index}\" {{\n  default = 1\n}}\n"), "")),
        ("undefined names", lines("locals {\n", |index| format!("  a{index} = b.c\n"), "}\n")),
        ("misspelled names", lines("locals {\n", |index| format!("  a{index} = local.b{index}\n"), "}\n")),
        ("two long names", {
            let name = "x".repeat(size() / 2);
            format!("{HEAD}locals {{\n  {name}y = 1\n  b = local.{name}z\n}}\n")
        }),
        ("wrong words on one line", repeated("account \"a\" {\n  acknowledge = [", "\"tag\",", "]\n}\n")),
        ("unquoted ids on one line", repeated("guardrails {\n  protected_accounts = [", "111111111111,", "]\n}\n")),
        ("wrong words behind unknown arguments", {
            let words = "\"tag\",".repeat(size() / 14);
            let arguments: String = (0..size() / 28).map(|index| format!("  a{index} = 1\n")).collect();
            format!("{HEAD}account \"a\" {{\n{arguments}  acknowledge = [{words}]\n}}\n")
        }),
        ("a value over many lines", repeated("account \"a\" {\n  membership = [", "1,\n", "]\n}\n")),
        ("rows", repeated("locals {\n  a = csvdecode(<<E\na\n", "1\n", "E\n  )\n}\n")),
        ("columns", lines("locals {\n  a = csvdecode(\"", |index| format!("a{index},"), "x\")\n}\n")),
        ("a document", repeated("locals {\n  a = yamldecode(<<E\n", "- - a: [{b: c}]\n", "E\n  )\n}\n")),
        ("a flow", repeated("locals {\n  a = yamldecode(<<E\n", "[a, {", "\nE\n  )\n}\n")),
        ("anchors", lines("locals {\n  a = yamldecode(<<E\n", |index| format!("- &a{index} [a, *a{index}]\n"), "E\n  )\n}\n")),
        ("JSON", repeated("locals {\n  a = jsondecode(<<E\n[", "{\"a\":[1]},", "1]\nE\n  )\n}\n")),
        ("a pattern", repeated("locals {\n  a = can(regex(\"", "(a|b)*", "\", \"a\"))\n}\n")),
        ("verbs", repeated("locals {\n  a = format(\"", "%[1]s", "\", \"a\")\n}\n")),
        ("keys of one object", lines("locals {\n  a = {", |index| format!("a{index}=1,"), "}\n}\n")),
        ("a chain", lines("locals {\n", |index| format!("  a{index} = local.a{}\n", index + 1), "}\n")),
        ("a circle", lines("locals {\n", |index| format!("  a{index} = local.a{}\n", (index + 1) % (size() / 28)), "}\n")),
    ];
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((what, text)) = texts.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = read(text);
                    assert!(text.len() > size() / 2 && found.len() < 50 && !found.contains(&Code::UnreadableFile), "{what}: {found:?}");
                }
            });
        }
    });
}

/// A list of a million elements, a list of some of them as strings, and a text of 100 kB.
const MILLION: &str = "locals {\n  million = flatten([for x in range(1000) : range(1000)])\n  some = [for x in slice(local.million, 0, 1000) : \"x${x}\"]\n  \
                       text = join(\"\", [for x in range(1000) : format(\"%s%s\", join(\"\", [for x in range(98) : \"x\"]), \"y\")])\n}\n";

/// Small texts that cause work far beyond their size.
#[test]
fn what_multiplies_is_stopped_by_a_limit() {
    let doubled = |first: &str, again: &dyn Fn(usize) -> String, levels: usize| {
        let more: String = (1..levels).map(|level| format!("  a{level} = {}\n", again(level - 1))).collect();
        format!("locals {{\n  a0 = {first}\n{more}}}\n")
    };
    let letter = |index: u32| char::from_u32('a' as u32 + index).unwrap();
    let entity = |index: u32| format!("{}: &{} [{}]\n", letter(index), letter(index), vec![format!("*{}", letter(index - 1)); 9].join(","));
    let thousand = "range(1000)";
    for (what, text) in [
        ("texts", doubled("\"xxxxxxxxxxxxxxxx\"", &|last| format!("\"${{local.a{last}}}${{local.a{last}}}\""), 60)),
        (
            "a shared value that is written",
            doubled("[1]", &|last| format!("[local.a{last}, local.a{last}]"), 300) + "locals {\n  text = jsonencode(local.a299)\n}\n",
        ),
        (
            "a shared value that is an argument",
            doubled("\"x\"", &|last| format!("[local.a{last}, local.a{last}]"), 300)
                + "account \"a\" {\n  id = \"222222222222\"\n  membership = local.a299\n}\n",
        ),
        (
            "a shared value in a condition",
            doubled("[1]", &|last| format!("[local.a{last}, local.a{last}]"), 300) + "locals {\n  b = true ? local.a299 : local.a298\n}\n",
        ),
        (
            "aliases",
            format!("locals {{\n  a = yamldecode(<<E\na: &a [x,x,x,x,x,x,x,x,x]\n{}E\n  )\n}}\n", (1..11).map(entity).collect::<String>()),
        ),
        ("replacements", format!("locals {{\n  t = join(\"\", [for x in {thousand} : format(\"%1000d\", 1)])\n  a = replace(local.t, \" \", local.t)\n}}\n")),
        ("widths", format!("locals {{\n  a = [for x in {thousand} : format(\"%10000000d\", 1)]\n}}\n")),
        ("instances", "locals {\n  r = range(1000)\n}\naccount \"a\" {\n  for_each = toset(flatten([for a in local.r : [for b in local.r : \"${a}-${b}\"]]))\n  id = \"222222222222\"\n  membership = \"member\"\n}\n".to_owned()),
    ] {
        let codes = read(&(HEAD.to_owned() + &text));
        assert!(codes.contains(&Code::EvaluationLimit) || codes.contains(&Code::FunctionFailed), "{what}: {codes:?}");
    }
}

/// A value with two elements at each of 300 levels, both the same: it takes little memory, but walking it never ends.
#[test]
fn every_function_pays_for_what_a_shared_value_holds() {
    let levels: String = (1..300).map(|level| format!("  a{level} = [local.a{0}, local.a{0}]\n", level - 1)).collect();
    for name in function_names() {
        let calls = [
            format!("{name}(local.a299)"),
            format!("{name}(local.a299, local.a299)"),
            format!("{name}([local.a299], [[]])"),
            format!("{name}({{ a = local.a299 }}, \"b\", local.a299)"),
            format!("{name}(tomap({{ a = [1] }}), \"b\", local.a299)"),
            format!("{name}(\"%v %#v\", local.a299, local.a299)"),
            format!("{name}(\"%q %s\", local.a299, {{ a = local.a299 }})"),
            format!("{name}(local.a299...)"),
        ];
        for call in calls {
            let found = read(&format!("{HEAD}locals {{\n  a0 = [1]\n{levels}  b = {call}\n}}\n"));
            // Functions that return a result without reading the value are fine too.
            assert!(found.len() <= 1, "{call}: {found:?}");
        }
    }
}

/// Texts that use most of their budget, which takes a minute in an unoptimized build. They are only tried with large sizes.
const DEAR: &[&str] = &[
    "instances of dynamic blocks",
    "what is cut from a text",
    "what is not tried, for each instance",
    "hashes of a long text",
    "names of a long text",
];

/// The name of a text, its expected findings, and the text.
type Costly = (&'static str, Vec<Code>, String);

/// Blocks and their instances.
fn costly_blocks() -> Vec<Costly> {
    use Code::{DuplicateAccountId, EvaluationLimit, InvalidAccountId, MissingAttribute, NoEffect, UnknownAttribute, WrongType};

    vec![
        ("arguments and instances", vec![UnknownAttribute, MissingAttribute, InvalidAccountId], {
            let wrong: String = (0..2_000).map(|index| format!("  wrong{index} = 1\n")).collect();
            format!("{MILLION}account \"a\" {{\n  for_each = toset(local.some)\n  id = each.key\n{wrong}}}\n")
        }),
        ("what is not tried, for each instance", vec![DuplicateAccountId], {
            let long = "1 + ".repeat(50).trim_end_matches("+ ").to_owned();
            let long = format!("[{}]", vec![long; 2_000].join(", "));
            format!(
                "{MILLION}account \"a\" {{\n  for_each = toset(local.some)\n  id = try(\"222222222222\", {long})\n  membership = \"member\"\n}}\n"
            )
        }),
        ("blocks of instances", vec![MissingAttribute, WrongType], {
            let block = |index: usize| format!("account \"a{index}\" {{\n  for_each = toset(local.some)\n  membership = 1\n}}\n");
            MILLION.to_owned() + &(0..100).map(block).collect::<String>()
        }),
        (
            "instances of dynamic blocks",
            vec![MissingAttribute, NoEffect],
            format!(
                "{MILLION}account \"a\" {{\n  for_each = toset(local.some)\n  id = \"222222222222\"\n  membership = \"member\"\n  dynamic \"attestation\" {{\n    for_each = local.million\n    content {{}}\n  }}\n}}\n"
            ),
        ),
        (
            "a large text in every message",
            vec![EvaluationLimit, InvalidAccountId],
            format!(
                "{MILLION}account \"a\" {{\n  for_each = toset(local.some)\n  id = \"${{local.text}}${{each.key}}\"\n  membership = \"member\"\n}}\n"
            ),
        ),
    ]
}

/// Values and functions.
fn costly_expressions() -> Vec<Costly> {
    use Code::{EvaluationLimit, FunctionFailed};

    vec![
        (
            "what is cut from a text",
            vec![EvaluationLimit],
            format!("{MILLION}locals {{\n  a = [for x in local.some : trim(local.text, local.text)]\n}}\n"),
        ),
        ("a pattern that looks ahead to the end", vec![], format!("{MILLION}locals {{\n  a = regexall(\".*[^x]|x\", local.text)\n}}\n")),
        (
            "a pattern of many states",
            vec![EvaluationLimit],
            format!("{MILLION}locals {{\n  a = [for x in local.some : can(regex(\"[xy]*x[xy]{{900}}z\", local.text))]\n}}\n"),
        ),
        (
            "patterns",
            vec![EvaluationLimit],
            "locals {\n  a = [for x in range(1000) : can(regex(\"((a{100}){100}){${x % 3 + 1}}${x}\", \"a\"))]\n}\n".to_owned(),
        ),
        (
            "sets",
            vec![EvaluationLimit],
            format!("{MILLION}locals {{\n  a = setunion(toset(local.some), [for x in local.million : []]...)\n}}\n"),
        ),
        (
            "lists that differ at their ends",
            vec![],
            format!("{MILLION}locals {{\n  a = distinct([for x in range(1000) : concat(local.some, [x])])\n}}\n"),
        ),
        (
            "long numbers",
            vec![EvaluationLimit],
            format!(
                "{MILLION}locals {{\n  n = \"{}\"\n  a = [for x in local.million : [for y in range(10) : local.n * local.n % 7]]\n}}\n",
                "9".repeat(300)
            ),
        ),
        (
            "templates",
            vec![FunctionFailed],
            format!("{MILLION}locals {{\n  a = [for x in local.million : templatefile(\"main.roster.hcl\", {{}})]\n}}\n"),
        ),
        (
            "a pattern of a thousand groups",
            vec![EvaluationLimit],
            format!(
                "{MILLION}locals {{\n  a = regexall(\"{}\", join(\"\", [for x in range(10) : local.text]))\n}}\n",
                "(x?)".repeat(1_000)
            ),
        ),
        ("a chain of merges", vec![EvaluationLimit], {
            let first = "  m0 = { for x in local.million : \"${x}\" => x... }\n";
            let more: String = (1..800).map(|at| format!("  m{at} = merge(local.m{}, {{ \"a{at}\" = 1 }})\n", at - 1)).collect();
            format!("{MILLION}locals {{\n{first}{more}}}\n")
        }),
        ("JSON of JSON", vec![EvaluationLimit], {
            let more: String = (1..40).map(|at| format!("  j{at} = jsonencode(local.j{})\n", at - 1)).collect();
            format!("{MILLION}locals {{\n  j0 = jsonencode([local.text])\n{more}}}\n")
        }),
        ("JSON of a text that is in it twice", vec![EvaluationLimit], {
            let more: String = (1..40).map(|at| format!("  j{at} = jsonencode([local.j{0}, local.j{0}])\n", at - 1)).collect();
            format!("{MILLION}locals {{\n  j0 = local.text\n{more}}}\n")
        }),
        (
            "hashes of a long text",
            vec![EvaluationLimit],
            format!("{MILLION}locals {{\n  a = [for x in local.million : sha512(local.text)]\n}}\n"),
        ),
        (
            "names of a long text",
            vec![EvaluationLimit],
            format!("{MILLION}locals {{\n  a = [for x in local.million : uuidv5(\"dns\", local.text)]\n}}\n"),
        ),
        (
            "a file that is decoded again",
            vec![EvaluationLimit],
            format!("{MILLION}locals {{\n  a = [for x in local.million : can(csvdecode(file(\"main.roster.hcl\")))]\n}}\n"),
        ),
        (
            "a document that is read again",
            vec![EvaluationLimit],
            format!("{MILLION}locals {{\n  a = [for x in local.some : yamldecode(\"a # ${{local.text}}\")]\n}}\n"),
        ),
    ]
}

/// Texts whose parts are all harmless, but which would take hours if each part had its own limit.
#[test]
fn what_takes_long_for_its_size_is_paid_for() {
    let cases = costly_blocks().into_iter().chain(costly_expressions());
    let cases: Vec<_> = cases.filter(|(what, ..)| size() >= 1_000_000 || !DEAR.contains(what)).collect();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((what, found, text)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    assert_eq!(&read(&(HEAD.to_owned() + text)), found, "{what}");
                }
            });
        }
    });
}

#[test]
fn a_file_that_is_too_large_or_none_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("main.roster.hcl");
    let detail = |directory: &std::path::Path| {
        let found = config::validate(directory, &ExternalValues::default(), &mut SourceMap::default()).diagnostics;
        found.into_iter().map(|finding| format!("{}: {}", finding.code, finding.detail)).collect::<String>()
    };
    fs::File::create(&path).unwrap().set_len(1 << 33).unwrap();
    assert!(detail(directory.path()).starts_with("unreadable-file: ") && detail(directory.path()).contains("have more than"));
    fs::remove_file(&path).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    if made.is_ok_and(|status| status.success()) {
        assert!(detail(directory.path()).contains("not a regular file"));
    }
}

/// Fragments of the language, valid and invalid, in any order.
fn noise() -> impl Strategy<Value = String> {
    let pieces = [
        "account",
        "variable",
        "locals",
        "dynamic",
        "gate",
        "organization",
        "\"a\"",
        "\"",
        "{",
        "}",
        "[",
        "]",
        "(",
        ")",
        "=",
        "\n",
        "\r\n",
        " ",
        ",",
        ".",
        "...",
        "for",
        "in",
        "if",
        ":",
        "=>",
        "?",
        "x",
        "each.value",
        "var.a",
        "local.a",
        "for_each",
        "id",
        "membership",
        "\"222222222222\"",
        "${",
        "%{",
        "~}",
        "<<E\n",
        "\nE\n",
        "<<-",
        "#",
        "/*",
        "*/",
        "//",
        "1e9",
        "-",
        "!",
        "null",
        "true",
        "\\",
        "\u{feff}",
        "é",
        "👩‍👩‍👧",
        "type",
        "default",
        "file(\"main.roster.hcl\")",
        "range(",
        "toset(",
        "[*]",
        "validation",
        "condition",
        "error_message",
        "content",
        "attestation",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..120).prop_map(|pieces| pieces.concat())
}

/// A valid configuration with one part removed and another inserted.
fn mutated() -> impl Strategy<Value = String> {
    let whole = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/variables-errors.in/main.roster.hcl")).unwrap();
    (any::<prop::sample::Index>(), any::<prop::sample::Index>(), noise()).prop_map(move |(from, to, noise)| {
        let (from, to) = (from.index(whole.len()), to.index(whole.len()));
        let (from, to) = (whole.floor_char_boundary(from.min(to)), whole.floor_char_boundary(from.max(to)));
        format!("{}{noise}{}", &whole[..from], &whole[to..])
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_to_its_end(text in prop_oneof![noise(), mutated()]) {
        read(&text);
    }
}
