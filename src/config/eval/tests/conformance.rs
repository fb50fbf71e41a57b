//! The same results as Terraform's.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::super::{console_text, convert, parse_type};
use super::{Parsed, data, evaluate};

/// Reasons for which results are not Terraform's, each with the expressions.
const DIFFERENCES: &[(&str, &[&str])] = &[
    ("a value that is lost because its key is written twice is a mistake", &["{ a = 1, a = 2 }"]),
    ("there is one zero: a minus before it would come back to the reader of a plan", &["-0", "log(10, 0)"]),
    (
        "an infinite number is an error where it arises, not somewhere later",
        &[
            "1 / 0",
            "1 % 0",
            "try(1 / 0, 5)",
            "core::try(1/0, 2)",
            "yamldecode(\"a: .inf\")",
            "yamldecode(\"a: +.inf\")",
            "yamldecode(\"!!float .inf\")",
            "log(0, 10)",
            "log(10, 1)",
            "pow(0, -1)",
            "pow(10, 400)",
            "pow(1e200, 2)",
        ],
    ),
    ("there are no unknown values; Terraform's answer here is one", &["format(\"%s\", null)", "format(\"%v\", null)"]),
    (
        "a function that is refused, with what to use instead",
        &["pathexpand(\"a/b\")", "ephemeralasnull(\"x\")", "issensitive(ephemeralasnull(sensitive(1)))"],
    ),
    (
        "Deflate has several forms of one text; what is decompressed is the same",
        &[
            "base64gzip(\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\")",
            "base64gzip(\"1x \\n?....\")",
            "base64gzip(\"[ab][ab]a{a,b}#.\")",
            "base64gzip(\"the quick brown fox jumps over the lazy dog, the quick brown fox jumps over the lazy dog\")",
        ],
    ),
    (
        "IPv6 addresses that hold one of IPv4 are those of IPv6, of which Terraform confuses the bytes",
        &[
            "cidrhost(\"::ffff:10.0.0.0/104\", 5)",
            "cidrhost(\"::ffff:10.0.0.0/96\", 5)",
            "cidrnetmask(\"::ffff:10.0.0.0/104\")",
            "cidrsubnet(\"::ffff:10.0.0.0/104\", 8, 3)",
        ],
    ),
    (
        "a number of which the network has none is an error, and not an address of another network",
        &[
            "cidrhost(\"1:2:3:4:5:6:7:8/64\", 18446744073709551616)",
            "cidrsubnet(\"10.1.2.0/24\", 4, -1)",
            "cidrsubnet(\"10.1.2.0/24\", -1, 0)",
            "cidrsubnet(\"10.1.2.0/24\", -24, 0)",
            "cidrsubnet(\"10.1.2.0/24\", -25, 0)",
        ],
    ),
    ("all addresses together have subnets as well", &["cidrsubnets(\"0.0.0.0/0\", 1, 2, 3)", "cidrsubnets(\"0.0.0.0/0\", 1, 1)"]),
    (
        "patterns of file names are those of shells: `[!…]` is what is not in the class, braces nest, and one without its other half is an error",
        &["fileset(\"sub\", \"[!o]*\")", "fileset(\"sub\", \"one}\")", "fileset(\"sub\", \"{one,{two}}.*\")"],
    ),
    ("the last digit of a logarithm is rounded to the nearest", &["log(3, 7)"]),
    (
        "encodings of DOS are not known; the error says which are",
        &["textencodebase64(\"é\", \"IBM437\")", "textdecodebase64(\"gg==\", \"IBM437\")"],
    ),
    (
        "a group has one name, which begins with a letter",
        &["regex(\"(?P<a>x)(?P<a>y)\", \"xy\")", "regex(\"(?P<1a>x)\", \"x\")", "regex(\"(?P<é>x)\", \"x\")"],
    ),
    ("classes of Unicode have their long names as well", &["regex(\"\\\\p{Letter}\", \"a\")"]),
    ("a number has at most 1,000 digits before its point, and as many after it", &["1e1001", "1e2000", "tonumber(\"1e1500\")"]),
    (
        "an error in the result that is not taken does not count: it may be the very thing that the condition guards against",
        &[
            "true ? 1.5 : [tomap(toset(tomap({})))]",
            "false ? [{ a = tolist({}) }] : [false]",
            "false ? { c = toset(false) } : toset([\"a\"])",
            "false ? [tomap(true), false] : {}",
            "false ? { a = tolist({ c = null }),  c = [{}, [tomap({})]] } : []",
            "false ? { a = toset({ a = \"a\",  b = true }),  b = toset([2, true]) } : tolist([])",
            "false ? [tolist({ a = tostring(null),  b = \"1\" }), {}] : []",
            "true ? tostring(null) : [[tolist({}), { a = 1,  b = tolist([]) }], tomap({})]",
            "true ? [] : { a = { c = tomap(tostring(null)) },  b = [{ a = \"b\" }, { c = false }] }",
            "false ? { a = toset(toset(\"a\")) } : []",
        ],
    ),
    ("the digits of a number beyond those that it is exact to are zeros", &["format(\"%f\", 1e309)"]),
    ("what is outside of the configuration's directory is not listed", &["fileset(\"/\", \"nosuch*\")"]),
    (
        "YAML's parser lets a tab pass on a line without text and within quotes, and takes none for the blank after a colon",
        &[
            "yamldecode(\"a:\\t1\")",
            "yamldecode(\"- a:\\t1\\n- b\")",
            "yamldecode(\"a:\\n  - 1\\n\\t\\n\")",
            "yamldecode(\"\\n\\t\\na: 1\")",
            "yamldecode(\"\\t# c\\na: 1\")",
            "yamldecode(\"a: \\\"x\\n\\ty\\\"\")",
        ],
    ),
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

/// The random expressions whose results are not Terraform's, by reason.
fn differences_of_random() -> BTreeMap<String, Vec<String>> {
    serde_json::from_slice(&std::fs::read(data().join("differences.json")).unwrap()).unwrap()
}

/// The rows of all tables of expressions.
fn expressions() -> Vec<Row> {
    ["conformance.json", "functions.json", "expressions.json", "random.json"].into_iter().flat_map(rows).collect()
}

#[test]
fn expressions_have_the_values_that_terraform_gives_them() {
    let rows = expressions();
    assert!(rows.len() >= 18_000, "{} expressions", rows.len());
    let of_random = differences_of_random();
    let known = DIFFERENCES.iter().flat_map(|(_, expressions)| *expressions).copied();
    let known: BTreeSet<_> = known.chain(of_random.values().flatten().map(String::as_str)).collect();
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

#[test]
fn every_known_difference_is_in_the_table() {
    let rows = expressions();
    for expression in DIFFERENCES.iter().flat_map(|(_, expressions)| *expressions) {
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
