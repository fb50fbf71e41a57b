//! Results equal Terraform's.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::super::{console_text, convert, function_names, parse_type};
use super::{Parsed, data, evaluate};

#[derive(Deserialize)]
struct Row {
    expression: String,
    /// The output of Terraform's console.
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
    /// The console's output for the variable; `None` if Terraform refuses the type or the value.
    result: Option<String>,
}

fn rows<T: for<'de> Deserialize<'de>>(name: &str) -> Vec<T> {
    serde_json::from_slice(&std::fs::read(data().join(name)).unwrap()).unwrap()
}

/// The expressions whose results differ from Terraform's. The reference documents each reason, with one of them as the example.
fn differences() -> BTreeSet<String> {
    let by_reason: BTreeMap<String, Vec<String>> =
        serde_json::from_slice(&std::fs::read(data().join("differences.json")).unwrap()).unwrap();
    by_reason.into_values().flatten().collect()
}

/// The rows of all tables of expressions.
fn expressions() -> Vec<Row> {
    ["conformance.json", "functions.json", "expressions.json", "random.json"].into_iter().flat_map(rows).collect()
}

#[test]
fn expressions_have_the_values_that_terraform_gives_them() {
    let rows = expressions();
    assert!(rows.len() >= 18_000, "{} expressions", rows.len());
    let known = differences();
    let mut wrong = Vec::new();
    for row in &rows {
        let found = evaluate(&row.expression).map(|value| console_text(&value));
        let same = match (&row.value, &found) {
            (Some(wanted), Ok(found)) => wanted == found,
            (None, Err(_)) => true,
            _ => false,
        };
        if same == known.contains(row.expression.as_str()) {
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

/// Functions without stable results in the console: it has no template to refer to, and its time changes.
const NOT_OF_THE_CONSOLE: [&str; 2] = ["plantimestamp", "templatestring"];

#[test]
fn every_function_has_results_of_terraforms_and_a_refusal() {
    let rows = expressions();
    let mut few = Vec::new();
    for name in function_names().into_iter().filter(|name| !NOT_OF_THE_CONSOLE.contains(name)) {
        let call = regex::Regex::new(&format!(r"(^|[^a-z0-9_]){name}\(")).unwrap();
        let of_this: Vec<_> = rows.iter().filter(|row| call.is_match(&row.expression)).collect();
        let values = of_this.iter().filter(|row| row.value.is_some()).count();
        if values < 5 || values == of_this.len() {
            few.push(format!("{name}: {values} of {}", of_this.len()));
        }
    }
    assert!(few.is_empty(), "{few:#?}");
}

#[test]
fn every_known_difference_is_in_the_table() {
    let rows: BTreeSet<_> = expressions().into_iter().map(|row| row.expression).collect();
    let unknown: Vec<_> = differences().into_iter().filter(|expression| !rows.contains(expression)).collect();
    assert!(unknown.is_empty(), "{unknown:#?}");
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
