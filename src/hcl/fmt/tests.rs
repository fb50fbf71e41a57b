//! The golden files in `tests/data/fmt` contain the output of Terraform 1.11.4 for each input.

use std::path::Path;

use proptest::prelude::*;
use serde::Deserialize;

use super::format;

#[derive(Deserialize)]
struct Case {
    name: String,
    input: String,
    /// `None` if Terraform reports a syntax error.
    output: Option<String>,
}

fn cases() -> Vec<(String, Case)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/fmt");
    let mut files: Vec<_> = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |file: std::path::PathBuf| {
        let cases: Vec<Case> = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let group = file.file_stem().unwrap().to_string_lossy().into_owned();
        cases.into_iter().map(move |case| (format!("{group}: {}", case.name), case))
    };
    files.into_iter().flat_map(read).collect()
}

#[test]
fn files_become_what_terraform_writes() {
    let cases = cases();
    assert!(cases.len() > 200, "{} cases", cases.len());
    let wrong = |(name, case): &(String, Case)| {
        let found = format(&case.input);
        (found.as_ref().ok() != case.output.as_ref()).then(|| format!("{name}\n wanted {:?}\n found  {found:?}", case.output))
    };
    let wrong: Vec<_> = cases.iter().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_canonical_form_stays_as_it_is() {
    for (name, case) in cases() {
        // The only exception: in an otherwise empty file, Terraform treats a byte-order mark as a blank.
        let Ok(once) = format(&case.input) else { continue };
        assert_eq!(format(&once).as_ref(), Ok(&once), "{name}");
    }
}

#[test]
fn an_error_is_placed_in_the_text_with_its_byte_order_mark() {
    assert_eq!(format("\u{feff}a = ]\n").unwrap_err().offset, 7);
    assert_eq!(format("a = 1 ^ 2\n").unwrap_err().offset, 6);
}

#[test]
fn a_value_that_would_break_without_its_quotes_keeps_them() {
    // Terraform writes `a = # note`, which has no value.
    assert_eq!(format("a = \"${ # note\nb }\"\n").unwrap(), "a = \"${ # note\nb}\"\n");
    assert_eq!(format("a = \"${(b) +\n(c)}\"\n").unwrap(), "a = \"${(b) +\n(c)}\"\n");
}

#[test]
fn a_label_with_a_dollar_sign_is_kept() {
    // Terraform drops the label, and with it the meaning of the block.
    assert_eq!(format("b \"x$\"{\n}\n").unwrap(), "b \"x$\" {\n}\n");
}

#[test]
fn hostile_text_is_answered_in_time() {
    let size = 200_000;
    for part in [
        "[",
        "a {\n",
        "\"${",
        "<<A\n",
        "a = <<A\n${",
        "/*",
        "# x\n",
        "\\\"",
        "(",
        "-",
        "!",
        "a?",
        "%{if ",
        "}",
        "a=1 ",
        "\u{301}",
        "a.",
        "<<a",
    ] {
        let text = part.repeat(size / part.len());
        let _ = format(&text);
        let _ = format(&format!("a = {text}"));
        let _ = format(&format!("a = \"{text}\"\n"));
        let _ = format(&format!("a = <<E\n{text}\nE\n"));
    }
}

fn fragments() -> impl Strategy<Value = String> {
    let fragment = prop_oneof![
        prop::sample::select(vec![
            "a",
            " ",
            "\n",
            "=",
            "{",
            "}",
            "[",
            "]",
            "(",
            ")",
            "\"",
            "${",
            "%{",
            "~",
            "<<E\n",
            "E\n",
            "#",
            "//",
            "/*",
            "*/",
            ",",
            ".",
            "...",
            ":",
            "?",
            "-",
            "!",
            "1",
            "in",
            "for",
            "if ",
            "\r\n",
            "\t",
            "\\",
            "$",
            "%",
            "é",
            "\u{feff}",
            "=>",
            "==",
            "type",
            "variable "
        ])
        .prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(fragment, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn any_text_has_an_answer(text in fragments()) {
        let _ = format(&text);
    }

    #[test]
    fn only_blanks_change(name in "[a-z]{1,8}", value in "[a-z0-9 ${}\"\\[\\],+=-]{0,24}") {
        let text = format!("{name}={value}\n");
        if let Ok(formatted) = format(&text) {
            let dense = |text: &str| text.replace([' ', '\n', '"', '$', '{', '}', '(', ')'], "");
            prop_assert_eq!(dense(&formatted), dense(&text));
        }
    }
}

#[test]
fn two_legacy_indexes_behind_one_another_are_refused_as_terraform_does() {
    for (text, written) in [("a = -1. 2.5\n", "[2][5]"), ("a = b.0.1\n", "[0][1]")] {
        assert!(format(text).is_err_and(|error| error.message.contains(written)), "{text}");
    }
    assert_eq!(format("a = b.0\n").unwrap(), "a = b.0\n");
}
