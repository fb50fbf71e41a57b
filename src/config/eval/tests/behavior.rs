//! Locations of errors, names, sensitive values, and types.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diag::{self, Code, Evaluate};

use super::super::{Number, Scope, Type, Value, convert, parse_type, references};
use super::{Parsed, evaluate, scope};

fn with_names(parsed: &Parsed) -> Scope {
    let mut scope = scope(parsed);
    let secret = Value::from("hunter2").marked(true);
    let variables = [("ticket".to_owned(), Value::from("FIN-77")), ("token".to_owned(), secret)];
    scope.set_members("var", "input variable", variables.into());
    let row = |name: &str| Value::from_iter([("name".to_owned(), Value::from(name))]);
    scope.set_members("local", "local value", [("rows".to_owned(), ["crm", "erp"].map(row).into_iter().collect())].into());
    scope.set_each("crm", row("crm"));
    scope
}

/// The text at which the error of an expression points, and its message.
fn error(expression: &str) -> (String, String) {
    let parsed = Parsed::new(expression).unwrap();
    let error = parsed.value(&with_names(&parsed)).unwrap_err();
    (parsed.blamed(&error), error.detail.to_string())
}

fn text(expression: &str) -> String {
    let parsed = Parsed::new(expression).unwrap();
    let value = parsed.value(&with_names(&parsed)).unwrap();
    value.as_str().unwrap().to_owned()
}

#[test]
fn names_have_their_values() {
    assert_eq!(text("\"${var.ticket}: ${each.key} ${each.value.name}\""), "FIN-77: crm crm");
    assert_eq!(text("local.rows[1].name"), "erp");
    assert_eq!(text("var[\"ticket\"]"), "FIN-77");
    assert_eq!(text("join(\",\", [for var in [\"a\"] : var])"), "a");
    assert_eq!(text("join(\",\", local.rows[*].name)"), "crm,erp");
}

#[test]
fn errors_point_at_the_deepest_cause() {
    let cases = [
        ("{ x = [1, upper(\"p-${var.nope}\")] }", "nope"),
        ("[for row in local.rows : row.nmae]", "nmae"),
        ("1 + (2 * upper(\"a\"))", "upper(\"a\")"),
        ("merge({ a = 1 }, concat([1], 2))", "2"),
        ("\"a ${\"b ${null}\"}\"", "null"),
        ("uper(\"a\")", "uper"),
        ("true ? var.ticket : var.tickt", "tickt"),
        ("[for x in [1] : [for y in [2] : z]]", "z"),
        ("<<-EOT\n  text\n  ${local.rows[7]}\n  EOT\n", "7"),
        ("substr(\"é\", 0, \"x\")", "\"x\""),
        ("local.rows[*].nope", "nope"),
        ("max(local.rows...)", "local.rows"),
        ("{ (null) = 1 }", "(null)"),
        ("var", "var"),
    ];
    for (expression, wanted) in cases {
        let (blamed, detail) = error(expression);
        assert_eq!(blamed, wanted, "{expression}: {detail}");
    }
}

#[test]
fn an_undefined_reference_is_an_error_wherever_it_stands() {
    for expression in
        ["true ? 1 : var.nope", "try(var.nope, 1)", "can(nope)", "[for x in [] : var.nope]", "\"%{ if false }${var.nope}%{ endif }\""]
    {
        let parsed = Parsed::new(expression).unwrap();
        assert_eq!(parsed.value(&with_names(&parsed)).unwrap_err().code, Code::UndefinedReference, "{expression}");
    }
}

#[test]
fn slips_of_the_finger_are_answered_with_a_patch() {
    for (expression, wanted) in [("var.tickte", "ticket"), ("locals.rows", "local"), ("lenght([])", "length"), ("each.vlaue", "value")] {
        let parsed = Parsed::new(expression).unwrap();
        let error = parsed.value(&with_names(&parsed)).unwrap_err();
        assert!(error.detail.ends_with(&format!("Did you mean `{wanted}`?")), "{}", error.detail);
        assert_eq!(error.patches.first().unwrap().replacement, wanted);
    }
}

#[test]
fn what_is_derived_from_a_sensitive_value_is_sensitive() {
    let derived = [
        "var.token",
        "\"a${var.token}\"",
        "upper(var.token)",
        "[for c in split(\"\", var.token) : c]",
        "var.token == \"x\"",
        "var.token == \"x\" ? 1 : 2",
        "{ (var.token) = 1 }",
        "length(var.token)",
        "toset([var.token])",
        "try(var.token, 1)",
        "jsonencode({ a = [var.token] })",
        "\"%{ if var.token == \"x\" }a%{ endif }\"",
        "flatten([[var.token]])[0]",
        "merge({ a = 1 }, { b = var.token }).b",
        "element([var.token], 0)",
        "contains([var.token], \"x\")",
        "{ hunter2 = 1 }[var.token]",
        "zipmap([var.token], [1])",
        "md5(var.token)",
        "base64sha512(var.token)",
        "base64gzip(var.token)",
        "uuidv5(\"dns\", var.token)",
        "basename(var.token)",
        "yamlencode({ a = [var.token] })",
        "textencodebase64(var.token, \"UTF-16LE\")",
        "chunklist([var.token], 1)[0][0]",
        "setproduct([var.token], [1])[0][0]",
        "setproduct(toset([var.token]), [1])",
        "matchkeys([1], [var.token], [var.token])",
        "transpose({ (var.token) = [\"a\"] })",
        "transpose({ a = [var.token] })",
    ];
    for expression in derived {
        let parsed = Parsed::new(expression).unwrap();
        let value = parsed.value(&with_names(&parsed)).unwrap();
        assert!(value.has_sensitive(), "{expression}");
        assert!(!format!("{value:?}").contains("hunter2"), "{expression}");
        assert!(!super::super::console_text(&value).contains("hunter2"), "{expression}");
        let error = with_names(&parsed).evaluate(&parsed.syntax, parsed.expression()).unwrap_err();
        assert!(error.detail.contains("sensitive"), "{expression}");
    }
    assert_eq!(text("nonsensitive(var.token)"), "hunter2");
}

#[test]
fn no_error_shows_a_sensitive_value() {
    let failing = [
        "parseint(var.token, 10)",
        "timeadd(var.token, \"1h\")",
        "{ a = 1 }[var.token]",
        "lookup({}, var.token)",
        "file(var.token)",
        "tonumber(var.token)",
        "[1][var.token]",
        "var.token + 1",
        "{ for x in [var.token, var.token] : x => 1 }",
        "{ for x in sensitive([\"hunter2\", \"hunter2\"]) : x => 1 }",
        "sensitive({ hunter2 = 1 }).hunter3",
        "regex(\"(${var.token}\", \"a\")",
        "csvdecode(\"${var.token},${var.token}\")",
        "templatefile(\"null.tpl\", { (var.token) = 1 })",
        "jsondecode(var.token)",
        "yamldecode(\"a: !${var.token} 1\")",
        "formatdate(var.token, \"2026-01-01T00:00:00Z\")",
        "format(\"%${var.token}\", 1)",
        "index([var.token], \"x\")",
        "sensitive([\"hunter2\"])[*].hunter2x",
        "fileexists(\"../${var.token}\")",
        "filemd5(var.token)",
        "filebase64(\"../${var.token}\")",
        "fileset(\"../${var.token}\", \"*\")",
        "fileset(\".\", \"[${var.token}\")",
        "fileset(\".\", \"../${var.token}\")",
        "cidrhost(var.token, 1)",
        "cidrnetmask(var.token)",
        "cidrsubnets(\"10.0.0.0/8\", var.token)",
        "uuidv5(var.token, \"x\")",
        "textencodebase64(\"x\", var.token)",
        "textdecodebase64(var.token, \"UTF-8\")",
        "templatestring(var.token, [])",
        "yamldecode(\"a: !!int ${var.token}\")",
    ];
    for expression in failing {
        let (_, detail) = error(expression);
        assert!(!detail.contains("hunter2") || expression.ends_with("hunter2x"), "{expression}: {detail}");
    }
}

#[test]
fn readers_of_attributes_get_values_with_places() {
    let parsed = Parsed::new("{ a = [upper(\"x\"), 1 + 1], (\"b\") = null }").unwrap();
    let found = scope(&parsed).evaluate(&parsed.syntax, parsed.expression()).unwrap();
    let diag::Value::Map(entries) = found.value else { panic!("{found:?}") };
    let (key, value) = entries.first().unwrap();
    assert_eq!((key.value.as_str(), parsed.sources.text(&key.span)), ("a", "a"));
    let diag::Value::List(items) = &value.value else { panic!("{value:?}") };
    let items: Vec<_> = items.iter().map(|item| (item.value.clone(), parsed.sources.text(&item.span))).collect();
    let wanted = [(diag::Value::String("X".into()), "upper(\"x\")"), (diag::Value::Number("2".into()), "1 + 1")];
    assert_eq!(items, wanted);
    assert_eq!(entries.get(1).unwrap().1.value, diag::Value::Null);
}

#[test]
fn references_are_found_without_those_that_a_for_declares() {
    let parsed = Parsed::new(
        "[for row in local.rows : \"${row.name} ${var.ticket} %{ for x in each.value }${x}%{ endfor }\" if row.id != local[\"none\"]]",
    );
    let found: Vec<_> = references(parsed.unwrap().expression())
        .into_iter()
        .map(|reference| format!("{}.{}", reference.root, reference.name.unwrap_or_default().0))
        .collect();
    assert_eq!(found, ["local.rows", "var.ticket", "each.value", "local.none"]);
}

#[test]
fn type_constraints_are_read_and_applied() {
    let wanted = |text: &str| {
        let parsed = Parsed::new(text).unwrap();
        parse_type(&parsed.syntax, parsed.expression())
    };
    let object = wanted("object({ name = string, age = optional(number, 7), tags = optional(map(string)) })").unwrap();
    let value = convert(&evaluate("{ name = 1, other = 2 }").unwrap(), &object).unwrap();
    let entries = value.entries().unwrap();
    assert_eq!(entries.keys().collect::<Vec<_>>(), ["age", "name", "tags"]);
    assert_eq!(entries.get("age").unwrap(), &Value::from(Number::from(7)));
    assert!(entries.get("tags").unwrap().is_null());
    assert_eq!(wanted("list(any)").unwrap(), Type::Any.list());
    assert_eq!(wanted("tuple([string, bool])").unwrap(), Type::Tuple([Type::String, Type::Bool].into()));
    let error = convert(&evaluate("{ name = [] }").unwrap(), &object).unwrap_err();
    assert_eq!(error.to_string(), "at .name: a string is required, not a tuple");
    assert!(convert(&evaluate("{}").unwrap(), &object).unwrap_err().to_string().contains("\"name\" is required"));
    for invalid in ["\"string\"", "strin", "list()", "object([])", "optional(string)", "1"] {
        assert!(wanted(invalid).is_err(), "{invalid}");
    }
}

#[test]
fn a_member_can_be_added_and_a_dynamic_block_has_its_iterator() {
    let parsed = Parsed::new("\"${local.a} ${attestation.value}\"").unwrap();
    let mut scope = scope(&parsed);
    scope.add_member("local", "local value", "a", Value::from("x"));
    let iterator = BTreeMap::from([("key".to_owned(), Value::from("k")), ("value".to_owned(), Value::from("v"))]);
    scope.set_value("attestation", Value::object(iterator));
    assert_eq!(parsed.value(&scope).unwrap().as_str(), Some("x v"));
    assert_eq!(parsed.value(&scope.clone()).unwrap(), parsed.value(&scope.with_files(Arc::new(super::super::NoFiles))).unwrap());
}

#[test]
fn an_error_tells_what_its_references_stand_for_and_no_secret() {
    let told = |expression: &str| {
        let parsed = Parsed::new(expression).unwrap();
        let mut scope = scope(&parsed);
        scope.add_member("local", "local value", "list", Value::strings(["a", "b"]));
        scope.add_member("local", "local value", "text", Value::from("x\"y"));
        scope.add_member("local", "local value", "object", [("only".to_owned(), Value::from(true))].into_iter().collect());
        scope.add_member("var", "input variable", "secret", Value::from("hunter2").marked(true));
        let error = parsed.value(&scope).unwrap_err();
        error.values.into_iter().map(|value| format!("{} {}", value.traversal, value.statement)).collect::<Vec<_>>()
    };
    assert_eq!(told("\"${local.text}${local.list}\""), ["local.list is list of string with 2 elements"]);
    assert_eq!(told("local.text + 1"), ["local.text is \"x\\\"y\""]);
    assert_eq!(told("local.object.other"), ["local.object is object with 1 attribute \"only\""]);
    assert_eq!(told("var.secret + var.secret"), ["var.secret has a sensitive value"]);
    assert_eq!(told("local.nothing"), Vec::<String>::new());
}
