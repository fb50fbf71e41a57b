//! The values that variables accept, and the errors for others.

use super::super::{Argument, ExternalValues, load_with};
use super::{HEADER, read};
use crate::diag::{Code, SourceMap};

fn given(arguments: &[&str]) -> ExternalValues {
    ExternalValues { arguments: arguments.iter().map(|text| Argument::Value((*text).to_owned())).collect(), ..ExternalValues::default() }
}

/// The body of a variable's block, the value from `-var` if there is one, and the result as JSON or a part of the error message.
type Row = (&'static str, Option<&'static str>, Result<&'static str, &'static str>);

const VALUES: &[Row] = &[
    // If the type is primitive or not declared, a text is the value itself. Otherwise it is an expression.
    ("", Some("[1]"), Ok("\"[1]\"")),
    ("type = string", Some("null"), Ok("\"null\"")),
    ("type = string", Some(""), Ok("\"\"")),
    ("type = number", Some("1e3"), Ok("1000")),
    ("type = bool", Some("yes"), Err("a bool is required")),
    ("type = any", Some("[1, \"a\"]"), Ok("[1,\"a\"]")),
    ("type = any", Some("a"), Err("can't be referred to here")),
    ("type = any", Some("upper(\"a\")"), Err("can't be called here")),
    ("type = list(string)", Some(""), Err("not a valid expression for the type")),
    ("type = list(string)", Some("a, b"), Err("not a valid expression for the type")),
    ("type = list(string)", Some("[\"a\nb\"]"), Err("not a valid expression for the type")),
    // Conversions.
    ("type = list(number)", Some("[\"2\", 1]"), Ok("[2,1]")),
    ("type = list", Some("[1, \"2\"]"), Ok("[\"1\",\"2\"]")),
    ("type = set(number)", Some("[\"2\", 1, 2]"), Ok("[1,2]")),
    ("type = map(number)", Some("{ a = \"1\" }"), Ok("{\"a\":1}")),
    ("type = map(number)", Some("{ a = \"x\" }"), Err("at [\"a\"]: a number is required")),
    ("type = tuple([string, number])", Some("[1, \"2\"]"), Ok("[\"1\",2]")),
    ("type = tuple([string])", Some("[]"), Err("a tuple of 1 elements is required")),
    ("type = object({ a = string })", Some("{ a = 1, b = 2 }"), Ok("{\"a\":\"1\"}")),
    ("type = object({ a = string })", Some("{}"), Err("the attribute \"a\" is required")),
    ("type = object({ a = optional(number, 7), b = optional(bool) })", Some("{ a = null }"), Ok("{\"a\":7,\"b\":null}")),
    ("type = object({ a = optional(object({ b = optional(string, \"d\") }), {}) })", Some("{}"), Ok("{\"a\":{\"b\":\"d\"}}")),
    // A null means the default only if the variable is not nullable.
    ("type = list(string)\ndefault = [\"d\"]", Some("null"), Ok("null")),
    ("type = list(string)\ndefault = [\"d\"]\nnullable = false", Some("null"), Ok("[\"d\"]")),
    ("type = list(string)\nnullable = false", Some("null"), Err("is not set")),
    ("default = null\nnullable = false", None, Err("allows no null")),
    ("default = null", None, Ok("null")),
    // The arguments of a variable block must be constants.
    ("description = \"x ${1 + 1} y\"", Some("a"), Ok("\"a\"")),
    ("description = <<EOT\nx\nEOT", Some("a"), Ok("\"a\"")),
    ("description = 12", Some("a"), Ok("\"a\"")),
    ("description = null", Some("a"), Err("`description` is not suitable: it must not be null")),
    ("description = [\"x\"]", Some("a"), Err("`description` is not suitable: a string is required")),
    ("description = upper(\"x\")", Some("a"), Err("can't be called here")),
    ("description = local.x", Some("a"), Err("can't be referred to here")),
    ("sensitive = \"false\"", Some("a"), Ok("\"a\"")),
    ("sensitive = !true", Some("a"), Ok("\"a\"")),
    ("sensitive = \"yes\"", Some("a"), Err("`sensitive` is not suitable: a bool is required")),
    ("sensitive = 1", Some("a"), Err("`sensitive` is not suitable: a bool is required")),
    ("sensitive = null", Some("a"), Err("`sensitive` is not suitable: it must not be null")),
    ("nullable = null", Some("a"), Err("`nullable` is not suitable: it must not be null")),
    ("nullable = 0", Some("a"), Err("`nullable` is not suitable: a bool is required")),
    ("default = null\nnullable = \"false\"", None, Err("allows no null")),
    // Wrong types and defaults.
    ("type = \"string\"", Some("a"), Err("without quotes")),
    ("type = set", Some("[]"), Err("The type set needs an element type")),
    ("type = list(list)", Some("[]"), Err("The type list needs an element type")),
    ("type = optional(string)", Some("a"), Err("Only an attribute")),
    ("type = number\ndefault = \"many\"", None, Err("The default value of var.v does not fit")),
];

#[test]
fn a_variable_takes_what_its_type_says() {
    for (body, value, wanted) in VALUES {
        let text = format!("variable \"v\" {{\n{body}\n}}\n");
        let arguments: Vec<_> = value.iter().map(|value| format!("v={value}")).collect();
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        let found = read(&[("a.roster.hcl", &text)], &given(&arguments));
        match (found, wanted) {
            (Ok(roster), Ok(wanted)) => {
                let found = serde_json::to_value(roster.variables.get("v").unwrap()).unwrap();
                assert_eq!(found, serde_json::from_str::<serde_json::Value>(wanted).unwrap(), "{body} {value:?}");
            }
            (Err(found), Err(wanted)) => assert!(found.iter().any(|(_, detail)| detail.contains(wanted)), "{body} {value:?}: {found:?}"),
            (found, _) => panic!("{body} {value:?}: {:?}", found.map(|roster| roster.variables)),
        }
    }
}

#[test]
fn the_environment_gives_lists_as_the_command_line_does() {
    let text = "variable \"l\" {\n  type = list(string)\n}\nvariable \"s\" {}\n";
    let environment = [("l".to_owned(), "[\"a\"]".to_owned()), ("s".to_owned(), "[1]".to_owned())].into();
    let variables = read(&[("a.roster.hcl", text)], &ExternalValues { environment, ..ExternalValues::default() }).unwrap().variables;
    assert_eq!(serde_json::to_value(variables).unwrap(), serde_json::json!({ "l": ["a"], "s": "[1]" }));
}

#[test]
fn a_value_for_no_variable_is_an_error_a_warning_or_nothing_as_its_source_wants() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("a.roster.hcl"), HEADER).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let named = elsewhere.path().join("named.hcl");
    std::fs::write(&named, "v = 1\n").unwrap();
    let found = |given: &ExternalValues| match load_with(directory.path(), given, &mut SourceMap::default()) {
        Ok((_, warnings)) => (true, warnings.sorted().iter().map(|warning| warning.code).collect::<Vec<_>>()),
        Err(errors) => (false, errors.sorted().iter().map(|error| error.code).collect()),
    };
    assert_eq!(found(&given(&["v=1"])), (false, vec![Code::UndeclaredVariable]));
    assert_eq!(
        found(&ExternalValues { arguments: vec![Argument::File(named)], ..ExternalValues::default() }),
        (true, vec![Code::UndeclaredVariable])
    );
    assert_eq!(
        found(&ExternalValues { environment: [("v".to_owned(), "1".to_owned())].into(), ..ExternalValues::default() }),
        (true, vec![])
    );
}

/// The body of a `validation` block for `var.v`, and a part of the error if there is one. `var.v` is "a", `var.other` is "b", `var.secret`
/// is sensitive, and `local.known` contains "a".
const VALIDATIONS: &[(&str, Option<&str>)] = &[
    ("condition = var.v == \"a\"\nerror_message = \"no\"", None),
    ("condition = contains(local.known, var.v)\nerror_message = \"no\"", None),
    ("condition = var.v < var.other\nerror_message = \"no\"", Some("a number is required")),
    ("condition = var.v == var.other\nerror_message = \"Want ${var.other}, not ${var.v}.\"", Some("Want b, not a.")),
    ("condition = !contains(local.known, var.v)\nerror_message = \"known: ${local.known[0]}\"", Some("known: a")),
    ("condition = var.v == var.secret\nerror_message = \"Not ${var.secret}.\"", Some("contains a sensitive value, so it is not shown")),
    ("condition = var.v == \"a\" ? null : true\nerror_message = \"no\"", Some("The condition is null")),
    ("condition = [var.v]\nerror_message = \"no\"", Some("The condition must be true or false")),
    ("condition = \"${var.v == \"a\"}\"\nerror_message = \"no\"", None),
    ("condition = var.v != \"a\"\nerror_message = null", Some("is not a string")),
    ("condition = var.other == \"b\"\nerror_message = \"no\"", Some("must refer to var.v")),
    ("condition = var.v == var.none\nerror_message = \"no\"", Some("no input variable named `none`")),
    ("condition = var.v == \"a\"", Some("error_message")),
    ("error_message = \"no\"", Some("condition")),
];

#[test]
fn a_validation_sees_other_variables_and_locals_and_shows_no_secret() {
    for (validation, wanted) in VALIDATIONS {
        let text = format!(
            "variable \"v\" {{\n  default = \"a\"\n  validation {{\n{validation}\n}}\n}}\n\
             variable \"other\" {{\n  default = \"b\"\n}}\n\
             variable \"secret\" {{\n  default = \"hunter2\"\n  sensitive = true\n}}\n\
             locals {{\n  known = [\"a\"]\n}}\n"
        );
        match (read(&[("a.roster.hcl", &text)], &ExternalValues::default()), wanted) {
            (Ok(_), None) => {}
            (Err(found), Some(wanted)) => {
                assert!(found.iter().any(|(_, detail)| detail.contains(wanted)), "{validation}: {found:?}");
                assert!(!format!("{found:?}").contains("hunter2"), "{validation}: {found:?}");
            }
            (found, _) => panic!("{validation}: {:?}", found.map(|roster| roster.variables)),
        }
    }
}

#[test]
fn every_validation_that_does_not_hold_is_reported() {
    let rule = |word: &str| format!("  validation {{\n    condition = var.v == \"{word}\"\n    error_message = \"Not {word}.\"\n  }}\n");
    let text = format!("variable \"v\" {{\n  default = \"a\"\n{}{}{}}}\n", rule("a"), rule("b"), rule("c"));
    let found = read(&[("a.roster.hcl", &text)], &ExternalValues::default()).unwrap_err();
    let said: Vec<_> = found.iter().map(|(_, detail)| detail.split('\n').next().unwrap_or_default()).collect();
    assert_eq!(said, ["Not b.", "Not c."]);
}

#[test]
fn names_that_terraform_reserves_are_refused_and_a_text_can_hide_a_value() {
    for name in ["count", "depends_on", "for_each", "lifecycle", "locals", "provider", "providers", "source", "version"] {
        let found =
            read(&[("a.roster.hcl", &format!("variable \"{name}\" {{\n  default = 1\n}}\n"))], &ExternalValues::default()).unwrap_err();
        assert!(
            found.iter().any(|(code, detail)| *code == Code::InvalidName && detail.contains("Terraform reserves")),
            "{name}: {found:?}"
        );
    }
    for name in ["module", "self", "each", "_a", "a-b"] {
        assert!(
            read(&[("a.roster.hcl", &format!("variable \"{name}\" {{\n  default = 1\n}}\n"))], &ExternalValues::default()).is_ok(),
            "{name}"
        );
    }
    for (sensitive, shown) in [("\"true\"", 0), ("\"1\"", 0), ("true && true", 0), ("\"false\"", 1)] {
        let text = format!("variable \"v\" {{\n  default   = \"x\"\n  sensitive = {sensitive}\n}}\n");
        assert_eq!(read(&[("a.roster.hcl", &text)], &ExternalValues::default()).unwrap().variables.len(), shown, "{sensitive}");
    }
}
