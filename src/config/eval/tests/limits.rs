//! Hostile configurations end with an error.

use std::sync::Arc;

use proptest::prelude::*;

use super::super::{Limits, Scope, Value, console_text};
use super::{Parsed, evaluate, scope};

/// The error of an expression with small limits.
fn stopped(expression: &str) -> String {
    let parsed = Parsed::new(expression).unwrap();
    let scope = scope(&parsed).with_limits(Limits { steps: 100_000, bytes: 4 << 20, file_bytes: 10, ..Limits::default() });
    parsed.value(&scope).unwrap_err().detail.to_string()
}

#[test]
fn too_many_steps_and_too_much_memory_are_errors() {
    let thousand = "range(1000)";
    for expression in [
        format!("[for a in {thousand} : [for b in {thousand} : [for c in {thousand} : 1]]]"),
        format!("join(\"\", [for a in {thousand} : join(\"\", [for b in {thousand} : format(\"%1000d\", 1)])])"),
        format!("\"%{{ for a in {thousand} }}%{{ for b in {thousand} }}${{format(\"%1000d\", a)}}%{{ endfor }}%{{ endfor }}\""),
        "format(\"%100000d%100000d\", 1, 1) == \"\" ? 1 : [for a in range(1000) : format(\"%100000d\", a)]".into(),
        format!("flatten([for a in {thousand} : [for b in {thousand} : {thousand}]])"),
        "yamldecode(\"a: &a [1,1,1,1,1,1,1,1,1,1]\\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\\n\
         d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\\n\
         g: [*f,*f,*f,*f,*f,*f,*f,*f,*f,*f]\")"
            .into(),
        format!("setproduct({thousand}, {thousand})"),
        "setproduct([for a in range(60) : [1, 2]]...)".into(),
        format!("[for a in {thousand} : chunklist({thousand}, 1)]"),
        format!("[for a in {thousand} : matchkeys({thousand}, {thousand}, {thousand})]"),
        format!("[for a in {thousand} : transpose({{ a = [for b in {thousand} : \"${{b}}\"] }})]"),
        format!("[for a in {thousand} : yamlencode({thousand})]"),
        format!("[for a in {thousand} : cidrsubnets(\"10.0.0.0/8\", [for b in {thousand} : 14]...)]"),
        "[for a in range(1000) : base64gzip(format(\"%100000d\", a))]".into(),
        "[for a in range(1000) : textencodebase64(format(\"%100000d\", a), \"UTF-16LE\")]".into(),
        "[for a in range(1000) : sha512(format(\"%100000d\", a))]".into(),
        "[for a in range(1000) : basename(format(\"%100000d\", a))]".into(),
        format!("[for a in {thousand} : [for b in {thousand} : fileset(\"sub\", \"*\")]]"),
    ] {
        let detail = stopped(&expression);
        assert!(detail.starts_with("Evaluation stopped: "), "{expression}: {detail}");
    }
}

#[test]
fn trying_does_not_make_good_a_limit() {
    let detail = stopped("try([for a in range(1000) : [for b in range(1000) : [for c in range(1000) : 1]]], 1)");
    assert!(detail.starts_with("Evaluation stopped: "), "{detail}");
}

#[test]
fn a_file_may_not_be_larger_than_its_limit() {
    for function in ["file", "filebase64", "filemd5", "filesha1", "filesha256", "filesha512", "filebase64sha256", "filebase64sha512"] {
        assert!(stopped(&format!("{function}(\"hello.txt\")")).contains("larger than 10 bytes"), "{function}");
    }
}

#[test]
fn what_would_take_forever_is_an_error() {
    for expression in [
        "1e999999999",
        "1e9999",
        "1e999 * 1e999 * 1e999 * 1e999 * 1e999",
        "regex(\"(((a{1000}){1000}){1000})\", \"a\")",
        "format(\"%99999999999d\", 1)",
        "range(1e9)",
        "jsondecode(join(\"\", [for x in range(1000) : \"[\"]))",
        "yamldecode(join(\"\", [for x in range(1000) : \"[\"]))",
    ] {
        assert!(evaluate(expression).is_err(), "{expression}");
    }
}

#[test]
fn values_nest_only_so_deep() {
    let parsed = Parsed::new("[local.a]").unwrap();
    let mut scope = scope(&parsed);
    let mut value = Value::from("x");
    for depth in 0.. {
        scope.add_member("local", "local value", "a", value);
        match parsed.value(&scope) {
            Ok(deeper) => value = deeper,
            Err(error) => {
                assert!(error.detail.contains("nested too deeply"), "{}", error.detail);
                return assert!((100..10_000).contains(&depth), "{depth}");
            }
        }
    }
}

#[test]
fn patterns_are_compiled_once_and_paid_for() {
    assert!(stopped("[for x in range(1000) : can(regex(\"a${x}\", \"b\"))]").starts_with("Evaluation stopped"));
    let parsed = Parsed::new("alltrue([for x in range(1000) : can(regex(\"^\\\\d+$\", x))])").unwrap();
    let limits = Limits { steps: 100_000, ..Limits::default() };
    assert_eq!(console_text(&parsed.value(&scope(&parsed).with_limits(limits)).unwrap()), "true");
}

#[test]
fn regular_expressions_take_linear_time() {
    let expression = "can(regex(\"(a+)+$\", join(\"\", [for x in range(1000) : \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"])))";
    assert_eq!(console_text(&evaluate(expression).unwrap()), "false");
}

fn expressions() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "1",
        "-2.5",
        "\"a\"",
        "\"1\"",
        "true",
        "null",
        "[]",
        "{}",
        "\"x${1}\"",
        "[1, \"a\"]",
        "{ a = 1 }",
        "x",
        "toset([\"b\"])",
        "1e30",
        "\"é\"",
    ])
    .prop_map(str::to_owned);
    let names = super::super::function_names();
    leaf.prop_recursive(4, 24, 3, move |inner| {
        let call = (prop::sample::select(names.clone()), prop::collection::vec(inner.clone(), 0..4), any::<bool>()).prop_map(
            |(name, arguments, expand)| {
                format!("{name}({}{})", arguments.join(", "), if expand && !arguments.is_empty() { "..." } else { "" })
            },
        );
        let operator = prop::sample::select(vec!["+", "-", "*", "/", "%", "==", "<", "&&"]);
        prop_oneof![
            call,
            (inner.clone(), operator, inner.clone()).prop_map(|(left, operator, right)| format!("({left} {operator} {right})")),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
            inner.clone().prop_map(|inner| format!("[for x in {inner} : x]")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{{ for k, x in {a} : k => {b}... }}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a})[{b}]")),
            inner.clone().prop_map(|inner| format!("({inner})[*].a")),
            inner.prop_map(|inner| format!("\"a${{{inner}}}b\"")),
        ]
    })
}

proptest! {
    #[test]
    fn any_expression_has_a_value_or_an_error_with_a_place(expression in expressions()) {
        let Ok(parsed) = Parsed::new(&expression) else { return Ok(()) };
        let mut scope = Scope::new(Arc::clone(&parsed.sources));
        scope.set_value("x", Value::from("x"));
        match parsed.value(&scope) {
            Ok(value) => drop(console_text(&value)),
            Err(error) => {
                prop_assert!(!parsed.blamed(&error).is_empty(), "{expression}: {}", error.detail);
                prop_assert!(!error.detail.contains("bug"), "{expression}: {}", error.detail);
            }
        }
    }
}

#[test]
fn the_deepest_expressions_that_parse_have_values() {
    let nested = |open: &str, inner: &str, close: &str, levels: usize| format!("{}{inner}{}", open.repeat(levels), close.repeat(levels));
    for (open, inner, close) in [
        ("[for x in [1] : ", "1", "]"),
        ("(true ? ", "1", " : 2)"),
        ("upper(", "\"a\"", ")"),
        ("\"a${", "1", "}\""),
        ("\"%{ if true }${", "1", "}%{ endif }\""),
        ("{ a = ", "1", " }"),
        ("try(", "1", ")"),
        ("-(", "1", ")"),
        ("[1][", "0", "]"),
    ] {
        let deepest = (1..70).rev().find_map(|levels| Parsed::new(&nested(open, inner, close, levels)).ok()).unwrap();
        let _ = deepest.value(&scope(&deepest));
    }
}
