//! Whole configurations: variables, locals and loops.

mod loops;
mod variables;

use std::fmt::Write;

use super::*;
use crate::diag::Code;

const HEADER: &str = "organization {\n  id = \"o-exampleorgid\"\n  management_account_id = \"111111111111\"\n}\n";

fn read(files: &[(&str, &str)], given: &Given) -> Result<DesiredRoster, Vec<(Code, String)>> {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("header.roster.hcl"), HEADER).unwrap();
    for (name, text) in files {
        std::fs::write(directory.path().join(name), text).unwrap();
    }
    let loaded = load_with(directory.path(), given, &mut SourceMap::default());
    loaded.map(|(roster, _)| roster).map_err(|found| found.sorted().iter().map(|found| (found.code, found.detail.clone())).collect())
}

fn codes(text: &str) -> Vec<Code> {
    read(&[("a.roster.hcl", text)], &Given::default()).unwrap_err().into_iter().map(|(code, _)| code).collect()
}

#[test]
fn a_later_source_of_a_value_wins_over_an_earlier_one() {
    let directory = tempfile::tempdir().unwrap();
    let named = directory.path().join("named.rostervars.hcl");
    std::fs::write(&named, "v = \"file\"\n").unwrap();
    let files = [
        ("a.roster.hcl", "variable \"v\" {\n  type = string\n  default = \"default\"\n}\n"),
        ("a.auto.rostervars.hcl", "v = \"first\"\n"),
        ("b.auto.rostervars.hcl", "v = \"second\"\n"),
    ];
    let mut given = Given::default();
    let value = |files: &[(&str, &str)], given: &Given| read(files, given).unwrap().variables["v"].clone();
    assert_eq!(value(&files[..1], &given), "default");
    given.environment.insert("v".into(), "environment".into());
    given.environment.insert("other".into(), "no matter".into());
    assert_eq!(value(&files[..1], &given), "environment");
    assert_eq!(value(&files, &given), "second");
    given.arguments.push(Argument::File(named.clone()));
    assert_eq!(value(&files, &given), "file");
    given.arguments.push(Argument::Value("v=argument".into()));
    assert_eq!(value(&files, &given), "argument");
    given.arguments.push(Argument::File(named));
    assert_eq!(value(&files, &given), "file");
    given.saved.insert("v".into(), "plan".into());
    assert_eq!(value(&files, &given), "plan");
}

#[test]
fn a_text_is_a_string_or_an_expression_as_the_type_wants() {
    let text = "variable \"s\" {}\nvariable \"n\" {\n  type = number\n}\nvariable \"l\" {\n  type = list(string)\n}\n";
    let arguments = ["s=[1]", "n=7", "l=[\"a\", 2]"].map(|text| Argument::Value(text.into())).to_vec();
    let given = Given { arguments, ..Given::default() };
    let variables = read(&[("a.roster.hcl", text)], &given).unwrap().variables;
    assert_eq!(serde_json::to_value(variables).unwrap(), serde_json::json!({ "l": ["a", "2"], "n": 7, "s": "[1]" }));
}

#[test]
fn files_may_be_named_by_the_path_of_the_module() {
    for path in ["ids.csv", "./ids.csv", "${path.module}/ids.csv", "${path.root}/ids.csv"] {
        let text = format!("account \"a\" {{\n  id = csvdecode(file(\"{path}\"))[0].id\n  membership = \"member\"\n}}\n");
        let roster = read(&[("a.roster.hcl", &text), ("ids.csv", "id\n222222222222\n")], &Given::default()).unwrap();
        assert_eq!(roster.accounts[0].id.to_string(), "222222222222", "{path}");
    }
    // The directory that the program runs in is none of the configuration's business.
    assert_eq!(codes("locals {\n  here = path.cwd\n}\n"), [Code::UndefinedReference]);
}

#[test]
fn a_null_that_is_computed_is_as_absent_as_one_that_is_written() {
    let account = |attribute: &str| format!("account \"a\" {{\n  id = \"222222222222\"\n  name = \"a\"\n{attribute}\n}}\n");
    assert_eq!(codes(&account("membership = true ? null : \"member\"")), [Code::MissingAttribute]);
    assert_eq!(codes(&account("membership = \"detached\"\nreason = try(null, \"\")")), [Code::DetachedWithoutReason]);
}

#[test]
fn locals_have_values_in_any_order_and_in_chains_of_any_length() {
    let mut text = String::from("locals {\n  v0 = \"222222222222\"\n");
    for at in (1..20_000).rev() {
        writeln!(text, "  v{at} = local.v{}", at - 1).unwrap();
    }
    text.push_str("}\naccount \"a\" {\n  id = local.v19999\n  membership = \"member\"\n}\n");
    assert_eq!(read(&[("a.roster.hcl", &text)], &Given::default()).unwrap().accounts.len(), 1);
    let circle = text.replacen("v0 = \"222222222222\"", "v0 = local.v19999", 1);
    assert_eq!(codes(&circle), [Code::ReferenceCycle]);
}

#[test]
fn a_sensitive_value_is_in_no_message_and_not_among_the_variables() {
    let text = "variable \"t\" {\n  type = map(number)\n  sensitive = true\n}\naccount \"a\" {\n  id = \"222222222222\"\n  membership = var.t.x\n}\n";
    for value in ["s3cr3t", "{ x = \"s3cr3t\" }", "upper(\"s3cr3t\")", "["] {
        let given = Given { arguments: vec![Argument::Value(format!("t={value}"))], ..Given::default() };
        let found = read(&[("a.roster.hcl", text)], &given).unwrap_err();
        assert!(!format!("{found:?}").contains("s3cr3t"), "{found:?}");
    }
    let given = Given { arguments: vec![Argument::Value("t={ x = 1 }".into())], ..Given::default() };
    assert_eq!(read(&[("a.roster.hcl", text)], &given).unwrap_err()[0].0, Code::SensitiveValue);
}

#[test]
fn each_instance_of_a_block_has_its_own_address() {
    let text =
        "account \"a\" {\n  for_each = { y = \"333333333333\", x = \"222222222222\" }\n  id = each.value\n  membership = \"member\"\n}\n";
    let roster = read(&[("a.roster.hcl", text)], &Given::default()).unwrap();
    let addresses: Vec<_> = roster.accounts.iter().map(|account| account.address.to_string()).collect();
    assert_eq!(addresses, ["account.a[\"x\"]", "account.a[\"y\"]"]);
}
