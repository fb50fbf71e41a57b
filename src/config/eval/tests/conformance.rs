//! The same results as Terraform's.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::super::{console_text, convert, parse_type};
use super::{Parsed, data, evaluate};

/// Expressions whose result is not Terraform's, each with the reason.
const DIFFERENCES: &[(&str, &str)] = &[
    ("{ a = 1, a = 2 }", "a value that is lost because its key is written twice is a mistake"),
    ("-0", "there is one zero: a minus before it would come back to the reader of a plan"),
    ("1 / 0", "an infinite number is an error where it arises, not somewhere later"),
    ("1 % 0", "an infinite number is an error where it arises, not somewhere later"),
    ("try(1 / 0, 5)", "an infinite number is an error where it arises, not somewhere later"),
    ("yamldecode(\"a: .inf\")", "there are no infinite numbers"),
    ("yamldecode(\"a: +.inf\")", "there are no infinite numbers"),
    ("yamldecode(\"a: !!int \\\"1\\\"\")", "the tag says that it is a number"),
    ("format(\"%s\", null)", "there are no unknown values; Terraform's answer here is one"),
    ("format(\"%v\", null)", "there are no unknown values; Terraform's answer here is one"),
    ("fileexists(\"a/../hello.txt\")", "paths with `..` are refused, wherever they lead"),
];

#[derive(Deserialize)]
struct Row {
    expression: String,
    /// What the console prints.
    value: Option<String>,
    /// The summary of Terraform's error.
    error: Option<String>,
}

#[derive(Deserialize)]
struct Layout {
    expression: String,
    /// The value as JSON.
    json: serde_json::Value,
}

/// A variable's type with a default value.
#[derive(Deserialize)]
struct Constraint {
    r#type: String,
    value: String,
    /// What the console prints for the variable; absent where Terraform refuses the type or the value.
    result: Option<String>,
}

fn rows<T: for<'de> Deserialize<'de>>(name: &str) -> Vec<T> {
    serde_json::from_slice(&std::fs::read(data().join(name)).unwrap()).unwrap()
}

#[test]
fn expressions_have_the_values_that_terraform_gives_them() {
    let rows: Vec<Row> = rows("conformance.json");
    assert!(rows.len() >= 1_000, "{} expressions", rows.len());
    let known: BTreeMap<_, _> = DIFFERENCES.iter().copied().collect();
    let mut wrong = Vec::new();
    for row in &rows {
        let found = evaluate(&row.expression).map(|value| console_text(&value));
        let same = match (&row.value, &found) {
            (Some(wanted), Ok(found)) => wanted == found,
            (None, Err(_)) => true,
            _ => false,
        };
        if same == known.contains_key(row.expression.as_str()) {
            let wanted = row.value.as_ref().or(row.error.as_ref());
            let found = found.map_err(|error| error.detail);
            wrong.push(format!("{}\n  wanted {wanted:?}\n  found  {found:?}\n  known difference: {same}", row.expression));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn types_take_the_values_that_terraform_lets_them_take() {
    let rows: Vec<Constraint> = rows("types.json");
    assert!(rows.len() >= 150, "{} types", rows.len());
    let converted = |row: &Constraint| {
        let parsed = Parsed::new(&row.r#type)?;
        let r#type = parse_type(&parsed.syntax, parsed.expression())?;
        Ok::<_, crate::diag::Diagnostic>(convert(&evaluate(&row.value)?, &r#type).map(|value| console_text(&value)).ok())
    };
    let mut wrong = Vec::new();
    for row in &rows {
        let found = converted(row).ok().flatten();
        if found != row.result {
            wrong.push(format!("{} = {}\n  wanted {:?}\n  found  {found:?}", row.r#type, row.value, row.result));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn every_known_difference_is_in_the_table() {
    let rows: Vec<Row> = rows("conformance.json");
    for (expression, _) in DIFFERENCES {
        assert!(rows.iter().any(|row| row.expression == *expression), "{expression}");
    }
}

#[test]
fn heredocs_and_expressions_over_several_lines_have_the_values_that_terraform_gives_them() {
    let rows: Vec<Layout> = rows("layouts.json");
    assert!(rows.len() > 50);
    let mut wrong = Vec::new();
    for row in &rows {
        let found = match evaluate(&row.expression) {
            Ok(value) => evaluate_json(&value),
            Err(error) => serde_json::Value::String(format!("error: {}", error.detail)),
        };
        if found != row.json {
            wrong.push(format!("{}\n  wanted {}\n  found  {found}", row.expression, row.json));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn evaluate_json(value: &super::Value) -> serde_json::Value {
    use super::super::Kind;
    match value.kind() {
        Kind::Null(_) => serde_json::Value::Null,
        Kind::Bool(value) => (*value).into(),
        Kind::Number(number) => serde_json::from_str(&number.to_string()).unwrap(),
        Kind::String(text) => text.to_string().into(),
        Kind::List(_, elements) | Kind::Set(_, elements) | Kind::Tuple(elements) => elements.iter().map(evaluate_json).collect(),
        Kind::Map(_, entries) | Kind::Object(entries) => {
            entries.iter().map(|(name, value)| (name.clone(), evaluate_json(value))).collect::<serde_json::Map<_, _>>().into()
        }
    }
}
