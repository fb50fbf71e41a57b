//! HCL that the program prints can be read back to the same values and has the canonical format, whatever names an organization has.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use orgroster::config;
use orgroster::diag::SourceMap;
use orgroster::hcl::{Document, list, map, text};
use proptest::prelude::*;
use serde_json::{Value, json};

const LEAVES: &str = "220000000001";
const STAYS: &str = "220000000002";

/// The names in an organization.
#[derive(Debug, Clone)]
struct Names {
    account: String,
    units: [String; 2],
    policy: String,
    condition: String,
    tags: BTreeMap<String, String>,
}

/// A text with characters that are special in HCL, terminals and runners.
fn any_text(max: usize) -> impl Strategy<Value = String> {
    let special = [
        "\"",
        "\\",
        "${",
        "%{",
        "$",
        "}",
        "\n",
        "\r",
        "\t",
        "\u{c}",
        "\u{0}",
        "\u{7f}",
        "\u{85}",
        "\u{202e}",
        "\u{feff}",
        "\u{e0041}",
        "/",
        "#",
        "##[",
        "a",
        "é",
        "日",
        "👍",
    ];
    let part =
        prop_oneof![3 => proptest::sample::select(special.to_vec()).prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)];
    proptest::collection::vec(part, 1..max).prop_map(|parts| parts.concat())
}

fn names() -> impl Strategy<Value = Names> {
    let tags = proptest::collection::btree_map(any_text(8), any_text(8), 1..4);
    // Names of accounts are ASCII (API reference, CreateAccount).
    ("[ -~]{1,12}", [any_text(10), any_text(10)], any_text(10), any_text(10), tags)
        .prop_map(|(account, units, policy, condition, tags)| Names { account, units, policy, condition, tags })
}

fn fixture(names: &Names) -> String {
    let account = |id: &str| {
        Document::default()
            .argument("name", text(&names.account))
            .argument("email", text(&format!("{id}@example.com")))
            .argument("joined_method", text("INVITED"))
            .argument("joined", text("2024-03-01T10:00:00Z"))
            .argument("tags", map(&names.tags))
            .block("role", &["OrganizationAccountAccessRole"], Document::default().argument("trusts", list(["111111111111"])))
    };
    let management = Document::default().argument("name", text("management")).argument("email", text("m@example.com"));
    let inner = Document::default().argument("id", text("ou-ab12-22222222")).block("account", &[LEAVES], account(LEAVES));
    let outer = Document::default().argument("id", text("ou-ab12-11111111")).block("account", &[STAYS], account(STAYS)).block(
        "organizational_unit",
        &[&names.units[1]],
        inner,
    );
    let content = json!({ "Version": "2012-10-17", "Statement": [{
        "Sid": "Deny", "Effect": "Deny", "Action": "organizations:LeaveOrganization", "Resource": "*",
        "Condition": { "StringEquals": { "aws:PrincipalTag/x": names.condition.replace('$', "_") } } }] });
    let policy = Document::default()
        .argument("name", text(&names.policy))
        .argument("targets", list(["ou-ab12-22222222"]))
        .argument("content", text(&content.to_string()));
    let organization = Document::default()
        .argument("management_account_id", text("111111111111"))
        .block("root", &[], Document::default().argument("id", text("r-ab12")))
        .block("account", &["111111111111"], management)
        .block("organizational_unit", &[&names.units[0]], outer)
        .block("policy", &["p-guard0000"], policy);
    let sandbox = Document::default().argument("clock", text("2026-11-22T09:00:00Z"));
    Document::default().block("sandbox", &[], sandbox).block("organization", &["o-exampleorgid"], organization).text()
}

fn provider(fixture: &str) -> Document {
    Document::default().block(
        "provider",
        &["aws"],
        Document::default().argument("region", text("us-east-1")).argument("sandbox", text(fixture)),
    )
}

fn configuration(names: &Names, fixture: &str) -> String {
    let organization = Document::default().argument("id", text("o-exampleorgid")).argument("management_account_id", text("111111111111"));
    let account = Document::default()
        .argument("id", text(LEAVES))
        .argument("name", text(&names.account))
        .argument("membership", text("detached"))
        .argument("reason", text("Divested"));
    provider(fixture).block("organization", &[], organization).block("account", &["leaves"], account).text()
}

fn succeeds(directory: &Path, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_orgroster")).current_dir(directory).args(arguments).env_clear().output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{arguments:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

/// The plan's facts about the account that should leave.
fn seen(directory: &Path, fixture: &str, names: &Names) -> Value {
    fs::write(directory.join("main.roster.hcl"), configuration(names, fixture)).unwrap();
    succeeds(directory, &["plan", "-out", "plan.json"]);
    let plan: Value = serde_json::from_slice(&fs::read(directory.join("plan.json")).unwrap()).unwrap();
    let accounts = plan["orgroster"]["accounts"].as_array().unwrap();
    let planned = accounts.iter().find(|planned| planned["change"].get("act").is_some()).unwrap();
    let act = &planned["change"]["act"];
    json!([planned["before"]["name"], act["kept"], act["depends_on"]["path"]])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: crate::testing::cases(12), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn printed_hcl_is_read_back_whatever_names_an_organization_has(names in names()) {
        let directory = tempfile::tempdir().unwrap();
        let here = directory.path();
        fs::write(here.join("world.sandbox.hcl"), fixture(&names)).unwrap();
        let original = seen(here, "world.sandbox.hcl", &names);
        prop_assert_eq!(&original[1]["unit_path"][2]["name"], &names.units[1]);
        prop_assert_eq!(&original[1]["tags"], &json!(names.tags));

        succeeds(here, &["snapshot", "-out", "facts.json"]);
        fs::write(here.join("copy.sandbox.hcl"), succeeds(here, &["sandbox", "generate", "-from-snapshot", "facts.json"])).unwrap();
        succeeds(here, &["fmt", "-check", "copy.sandbox.hcl", "main.roster.hcl"]);
        fs::remove_dir_all(here.join(".orgroster")).ok();
        prop_assert_eq!(seen(here, "copy.sandbox.hcl", &names), original);

        let imported = succeeds(here, &["import"]);
        fs::write(here.join("imported.roster.hcl"), &imported).unwrap();
        succeeds(here, &["fmt", "-check", "imported.roster.hcl"]);
        let roster = config::load(here, &mut SourceMap::default()).unwrap().0;
        prop_assert!(roster.accounts.iter().any(|account| account.id.to_string() == STAYS), "{}", imported);

        let fresh = tempfile::tempdir().unwrap();
        fs::write(fresh.path().join("world.sandbox.hcl"), fixture(&names)).unwrap();
        fs::write(fresh.path().join("provider.roster.hcl"), provider("world.sandbox.hcl").text()).unwrap();
        succeeds(fresh.path(), &["init", "-from-organization"]);
        succeeds(fresh.path(), &["fmt", "-check"]);
        prop_assert_eq!(config::load(fresh.path(), &mut SourceMap::default()).unwrap().0.accounts.len(), 2);
    }
}

/// Units with the same name keep their ids in every rendering.
#[test]
fn a_unit_with_a_slash_and_a_form_feed_keeps_its_name() {
    let directory = tempfile::tempdir().unwrap();
    let here = directory.path();
    let names = Names {
        account: "shop".to_owned(),
        units: ["R/D \u{c} x".to_owned(), "a/b".to_owned()],
        policy: "p".to_owned(),
        condition: "c".to_owned(),
        tags: BTreeMap::new(),
    };
    fs::write(here.join("world.sandbox.hcl"), fixture(&names)).unwrap();
    seen(here, "world.sandbox.hcl", &names);
    let page = succeeds(here, &["show", "-html", "plan.json"]);
    assert!(page.contains(r#""name":"R/D \\u{c} x""#) && page.contains(r#""name":"a/b""#), "{page}");
}
