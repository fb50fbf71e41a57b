//! Whole configurations: variables, locals and loops.

mod loops;
mod variables;

use std::fmt::Write;

use super::*;
use crate::diag::Code;

const HEADER: &str = "organization {\n  id = \"o-exampleorgid\"\n  management_account_id = \"111111111111\"\n}\n";

fn read(files: &[(&str, &str)], given: &ExternalValues) -> Result<DesiredRoster, Vec<(Code, String)>> {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("header.roster.hcl"), HEADER).unwrap();
    for (name, text) in files {
        std::fs::write(directory.path().join(name), text).unwrap();
    }
    let loaded = load_with(directory.path(), given, &mut SourceMap::default());
    loaded.map(|(roster, _)| roster).map_err(|found| found.sorted().iter().map(|found| (found.code, found.detail.to_string())).collect())
}

fn codes(text: &str) -> Vec<Code> {
    read(&[("a.roster.hcl", text)], &ExternalValues::default()).unwrap_err().into_iter().map(|(code, _)| code).collect()
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
    let mut given = ExternalValues::default();
    let value = |files: &[(&str, &str)], given: &ExternalValues| read(files, given).unwrap().variables["v"].clone();
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
}

#[test]
fn values_from_outside_of_the_directory_are_told_from_those_that_stand_in_it() {
    let files = [
        (
            "a.roster.hcl",
            "variable \"d\" {\n  default = 1\n}\nvariable \"f\" {}\nvariable \"e\" {}\nvariable \"s\" {\n  sensitive = true\n}\n",
        ),
        ("a.auto.rostervars.hcl", "f = \"file\"\n"),
    ];
    let mut given = ExternalValues { arguments: vec![Argument::Value("s=secret".into())], ..ExternalValues::default() };
    given.environment.insert("e".into(), "environment".into());
    let roster = read(&files, &given).unwrap();
    assert_eq!(roster.variables.keys().collect::<Vec<_>>(), ["d", "e", "f"]);
    assert_eq!(serde_json::to_value(roster.given).unwrap(), serde_json::json!({ "e": "environment" }));
}

#[test]
fn a_text_is_a_string_or_an_expression_as_the_type_wants() {
    let text = "variable \"s\" {}\nvariable \"n\" {\n  type = number\n}\nvariable \"l\" {\n  type = list(string)\n}\n";
    let arguments = ["s=[1]", "n=7", "l=[\"a\", 2]"].map(|text| Argument::Value(text.into())).to_vec();
    let given = ExternalValues { arguments, ..ExternalValues::default() };
    let variables = read(&[("a.roster.hcl", text)], &given).unwrap().variables;
    assert_eq!(serde_json::to_value(variables).unwrap(), serde_json::json!({ "l": ["a", "2"], "n": 7, "s": "[1]" }));
}

#[test]
fn files_may_be_named_by_the_path_of_the_module() {
    for path in ["ids.csv", "./ids.csv", "${path.module}/ids.csv", "${path.root}/ids.csv"] {
        let text = format!("account \"a\" {{\n  id = csvdecode(file(\"{path}\"))[0].id\n  membership = \"member\"\n}}\n");
        let roster = read(&[("a.roster.hcl", &text), ("ids.csv", "id\n222222222222\n")], &ExternalValues::default()).unwrap();
        assert_eq!(roster.accounts[0].id.to_string(), "222222222222", "{path}");
    }
    // The working directory must not matter to the configuration.
    assert_eq!(codes("locals {\n  here = path.cwd\n}\n"), [Code::UndefinedReference]);
}

#[test]
fn an_id_that_came_as_a_number_out_of_a_data_file_names_the_files_value() {
    let account = |ids: &str| format!("account \"a\" {{\n  for_each = {ids}\n  id = each.value.id\n  membership = \"member\"\n}}\n");
    let detail = |ids: &str, file: (&str, &str)| {
        let found = read(&[("a.roster.hcl", &account(ids)), file], &ExternalValues::default()).unwrap_err();
        assert_eq!(found.iter().map(|found| found.0).collect::<Vec<_>>(), [Code::UnquotedAccountId], "{found:?}");
        found[0].1.clone()
    };
    let yaml = "{ for row in yamldecode(file(\"ids.yaml\")) : row.name => row }";
    let found = detail(yaml, ("ids.yaml", "- name: x\n  id: \"222222222222\"\n- name: y\n  id: 033333333333 # by hand\n"));
    assert!(found.contains("the number 33333333333 (ids.yaml, line 4)") && found.contains("leading zeros"), "{found}");
    let json = "{ for name, id in jsondecode(file(\"more.json\")) : name => { id = id } }";
    let found = detail(json, ("more.json", "{\"x\": \"444444444444\",\n \"y\": 444444444444}\n"));
    assert!(found.contains("(more.json, line 2)"), "{found}");
    let found = detail("{ x = { id = 2 * 222222222222 } }", ("none.yaml", "- 444444444444\n"));
    assert!(found.contains("where it comes from") && !found.contains("none.yaml"), "{found}");
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
    assert_eq!(read(&[("a.roster.hcl", &text)], &ExternalValues::default()).unwrap().accounts.len(), 1);
    let circle = text.replacen("v0 = \"222222222222\"", "v0 = local.v19999", 1);
    assert_eq!(codes(&circle), [Code::ReferenceCycle]);
}

#[test]
fn a_sensitive_value_is_in_no_message_and_not_among_the_variables() {
    let text = "variable \"t\" {\n  type = map(number)\n  sensitive = true\n}\naccount \"a\" {\n  id = \"222222222222\"\n  membership = var.t.x\n}\n";
    for value in ["s3cr3t", "{ x = \"s3cr3t\" }", "upper(\"s3cr3t\")", "["] {
        let given = ExternalValues { arguments: vec![Argument::Value(format!("t={value}"))], ..ExternalValues::default() };
        let found = read(&[("a.roster.hcl", text)], &given).unwrap_err();
        assert!(!format!("{found:?}").contains("s3cr3t"), "{found:?}");
    }
    let given = ExternalValues { arguments: vec![Argument::Value("t={ x = 1 }".into())], ..ExternalValues::default() };
    assert_eq!(read(&[("a.roster.hcl", text)], &given).unwrap_err()[0].0, Code::SensitiveValue);
}

#[test]
fn each_instance_of_a_block_has_its_own_address() {
    let text =
        "account \"a\" {\n  for_each = { y = \"333333333333\", x = \"222222222222\" }\n  id = each.value\n  membership = \"member\"\n}\n";
    let roster = read(&[("a.roster.hcl", text)], &ExternalValues::default()).unwrap();
    let addresses: Vec<_> = roster.accounts.iter().map(|account| account.address.to_string()).collect();
    assert_eq!(addresses, ["account.a[\"x\"]", "account.a[\"y\"]"]);
}

fn start_of(text: &str) -> Result<Bootstrap, Vec<Code>> {
    let directory = tempfile::tempdir().unwrap();
    if !text.is_empty() {
        std::fs::write(directory.path().join("a.roster.hcl"), text).unwrap();
    }
    let started = bootstrap(directory.path(), &ExternalValues::default(), &mut SourceMap::default());
    started.map_err(|found| found.sorted().iter().map(|found| found.code).collect())
}

#[test]
fn a_configuration_can_be_started_beside_what_says_how_to_reach_the_organization() {
    let nothing = start_of("").unwrap();
    assert!(!nothing.has_guardrails && nothing.backend == Backend::default() && nothing.provider == check::default_provider());
    let said = "orgroster {\n  backend \"local\" {\n    path = \"state\"\n  }\n}\nprovider \"aws\" {\n  region = \"eu-west-1\"\n}\nguardrails {\n}\n";
    let said = start_of(said).unwrap();
    assert!(said.has_guardrails && said.provider.region.as_deref() == Some("eu-west-1"));
    assert!(matches!(said.backend, Backend::Local { path } if path == Path::new("state")));
}

#[test]
fn a_configuration_that_declares_something_or_is_wrong_is_not_started() {
    let account = "account \"a\" {\n  id = \"222222222222\"\n  membership = \"member\"\n}\n";
    for (text, code) in [
        (HEADER, Code::OutputError),
        (account, Code::OutputError),
        ("provider \"aws\" {\n  regoin = \"x\"\n}\n", Code::UnknownAttribute),
        ("provider \"aws\" {", Code::SyntaxError),
        ("variable \"region\" {}\nprovider \"aws\" {\n  region = var.region\n}\n", Code::MissingVariable),
    ] {
        assert_eq!(start_of(text).err(), Some(vec![code]), "{text}");
    }
}

#[test]
fn of_a_file_of_values_that_is_partly_wrong_each_mistake_is_reported_and_the_rest_counts() {
    let text = "variable \"a\" {\n  type = string\n}\nvariable \"n\" {\n  type = number\n}\nvariable \"c\" {}\n\
                account \"x\" {\n  id = var.a\n  membership = \"member\"\n}\n";
    let wrong = "a = \"222222222222\"\nn = \"many\"\nc = upper(\"x\")\nother = 1\nblock {\n}\n";
    let found = read(&[("a.roster.hcl", text), ("v.auto.rostervars.hcl", wrong)], &ExternalValues::default()).unwrap_err();
    let codes: Vec<_> = found.iter().map(|(code, _)| *code).collect();
    // In the order of the lines. There is no error about `a`, which has its value.
    let wanted = [Code::InvalidVariable, Code::UnsupportedExpression, Code::UndeclaredVariable, Code::UnknownBlock];
    assert_eq!(codes, wanted, "{found:?}");

    // After a syntax error, the file's values are unknown. They are not reported as missing in addition.
    let broken = "a = \"222222222222\"\nn = = 1\n";
    let found = read(&[("a.roster.hcl", text), ("v.auto.rostervars.hcl", broken)], &ExternalValues::default()).unwrap_err();
    assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), [Code::SyntaxError], "{found:?}");
}

#[test]
fn as_many_accounts_are_declared_as_the_limit_allows_and_not_one_more() {
    let one = |name: &str| format!("account \"{name}\" {{\n  id = \"222222222222\"\n  membership = \"member\"\n}}\n");
    let each = "account \"each\" {\n  for_each = toset([\"a\", \"b\", \"c\"])\n  id = \"222222222222\"\n  membership = \"member\"\n}\n";
    let mut sources = SourceMap::default();
    let file = sources.add("a.roster.hcl", format!("{}{each}{}", one("x"), one("y")));
    let syntax = crate::diag::parse(&sources, file).unwrap();
    let scope = Scope::new(Arc::new(sources.clone()));
    for (accounts, declared, refused) in
        [(5, 5, vec![]), (4, 4, vec!["account"]), (3, 2, vec!["toset([\"a\", \"b\", \"c\"])"]), (0, 0, vec!["account"; 2])]
    {
        let scope = scope.clone().with_limits(eval::Limits { accounts, ..eval::Limits::default() });
        let mut diagnostics = Diagnostics::default();
        assert_eq!(blocks::read(std::slice::from_ref(&syntax), &scope, &mut diagnostics).accounts.len(), declared, "{accounts}");
        let found = diagnostics.sorted();
        assert!(found.iter().all(|found| found.code == Code::EvaluationLimit && found.detail.contains("more accounts")), "{found:?}");
        let places: Vec<_> = found.iter().map(|found| sources.text(&found.primary.as_ref().unwrap().span)).collect();
        let places: Vec<_> = places.into_iter().filter(|place| accounts > 0 || *place == "account").collect();
        assert_eq!(places, refused, "{accounts}");
    }
}

#[test]
fn mistakes_of_very_many_instances_end_the_reading_of_their_block() {
    let wrong: String = (0..400).map(|index| format!("  wrong{index} = 1\n")).collect();
    let rows = "toset(flatten([for a in range(30) : [for b in range(30) : \"${a}-${b}\"]]))";
    let text = format!("account \"a\" {{\n  for_each = {rows}\n  id = \"222222222222\"\n  membership = \"member\"\n{wrong}}}\n");
    let found = codes(&text);
    assert_eq!(found.iter().filter(|code| **code == Code::UnknownAttribute).count(), 400, "each is reported once");
    // 900 accounts with one id: fewer are reported, because checking stops at the limit.
    let duplicates = found.iter().filter(|code| **code == Code::DuplicateAccountId).count();
    assert!((200..300).contains(&duplicates), "{duplicates}");
}

#[test]
fn a_condition_key_that_is_nearly_one_of_awss_is_named() {
    let warned = |keys: &str| {
        let directory = tempfile::tempdir().unwrap();
        let text = format!("{HEADER}provider \"aws\" {{\n  context {{\n    keys = {{ {keys} }}\n  }}\n}}\n");
        std::fs::write(directory.path().join("a.roster.hcl"), text).unwrap();
        let (_, warnings) = load(directory.path(), &mut SourceMap::default()).unwrap();
        warnings.sorted().iter().map(|found| (found.code, found.detail.to_string(), found.primary.is_some())).collect::<Vec<_>>()
    };
    for keys in
        ["\"aws:SourceIp\" = \"203.0.113.7\"", "\"AWS:sourceip\" = []", "\"aws:PrincipalTag/team\" = \"a\"", "\"ec2:SourcIp\" = \"a\""]
    {
        assert_eq!(warned(keys), [], "{keys}");
    }
    for (keys, near) in [("\"aws:SourcIp\" = \"203.0.113.7\"", "aws:SourceIp"), ("\"aws:PrincipalOrgIds\" = \"a\"", "aws:PrincipalOrgID")] {
        let found = warned(keys);
        let [(Code::NoEffect, detail, true)] = found.as_slice() else { panic!("{found:?}") };
        assert!(detail.ends_with(&format!("Did you mean {near:?}?")), "{detail}");
    }
}
