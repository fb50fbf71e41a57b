//! From a live organization to a configuration with an empty plan: `init -from-organization`, and `import` for missing accounts.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use orgroster::config;
use orgroster::diag::SourceMap;
use orgroster::observe::{every_account, unit_names};
use orgroster::sandbox::generate;
use tempfile::TempDir;

use crate::worlds::serve;

const MANAGEMENT: &str = "111111111111";
/// `init`'s message about the `.gitignore` that it writes.
const IGNORED: &str = "Wrote .gitignore, which keeps .orgroster/ out of the repository.\n";

/// A directory that leads to an organization in the sandbox, and declares nothing.
fn directory(fixture: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("provider.roster.hcl"), "provider \"aws\" {\n  sandbox = \"world.sandbox.hcl\"\n}\n").unwrap();
    fs::write(directory.path().join("world.sandbox.hcl"), fixture).unwrap();
    directory
}

fn orgroster(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_orgroster")).current_dir(directory).args(arguments).env_clear().output().unwrap()
}

/// The output of a command that must succeed.
fn succeeds(directory: &Path, arguments: &[&str]) -> String {
    let output = orgroster(directory, arguments);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{arguments:?}: {text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    text
}

/// The end of every story with only active accounts: the canonical format, no findings, and nothing to do.
fn plans_to_nothing(directory: &Path) {
    is_canonical(directory);
    let plan = succeeds(directory, &["plan", "-detailed-exitcode", "-no-color"]);
    assert!(plan.contains("No changes."), "{plan}");
}

fn is_canonical(directory: &Path) {
    let names: Vec<_> = files(directory).into_iter().map(|(name, _)| name).collect();
    let names = names.iter().map(String::as_str);
    succeeds(directory, &["fmt", "-check", "-diff"].into_iter().chain(names).collect::<Vec<_>>());
}

/// The configuration's files, by name and text.
fn files(directory: &Path) -> Vec<(String, String)> {
    let names = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.filter(|name| name.ends_with(config::EXTENSION)).collect();
    names.sort();
    names.into_iter().map(|name| (name.clone(), fs::read_to_string(directory.join(&name)).unwrap())).collect()
}

#[test]
fn an_organization_of_5000_accounts_becomes_a_configuration_that_plans_to_nothing() {
    let fixture = generate(5_000, 7, None);
    let directory = directory(&fixture);
    let said = succeeds(directory.path(), &["init", "-from-organization"]);
    assert!(said.starts_with("Wrote ") && said.contains("with blocks for 4999 accounts."), "{said}");
    is_canonical(directory.path());
    // Only inactive accounts are reported, and the files mark the same ones as the plan.
    let planned = orgroster(directory.path(), &["plan", "-detailed-exitcode", "-no-color"]);
    let plan = String::from_utf8(planned.stdout).unwrap();
    assert_eq!(planned.status.code(), Some(3), "{plan}");
    let drifted = plan.matches("    its state is ").count();
    assert!(drifted > 0 && plan.matches(" has drifted (").count() == drifted, "{plan}");
    assert!(plan.contains(&format!("0 departing, 0 blocked, 0 unmanaged, 4999 unchanged ({drifted} drifted).")), "{plan}");
    let said: usize =
        files(directory.path()).iter().map(|(_, text)| text.matches("# SUSPENDED: ").count() + text.matches("# CLOSED: ").count()).sum();
    assert_eq!(said, drifted);

    let files = files(directory.path());
    assert!(files.len() > 100, "{} files", files.len());
    for (name, text) in files.iter().filter(|(name, _)| name.starts_with("members")) {
        assert!(text.starts_with("# Root"), "{name}: {text}");
        assert_eq!(text.matches("\n# Root").count(), 0, "{name} holds one unit");
        assert!(text.matches("account \"").count() <= 100, "{name} can be read");
        let labels: Vec<_> = text.lines().filter(|line| line.starts_with("account ")).collect();
        assert!(labels.is_sorted(), "{name}: {labels:?}");
    }
    let roster = config::load(directory.path(), &mut SourceMap::default()).unwrap().0;
    let ids: BTreeSet<_> = roster.accounts.iter().map(|account| account.id.to_string()).collect();
    assert_eq!(ids.len(), 4_999);
    assert!(!ids.contains(MANAGEMENT));

    // Nothing is overwritten, and the same organization gives the same text.
    let again = orgroster(directory.path(), &["init", "-from-organization"]);
    assert!(!again.status.success() && String::from_utf8_lossy(&again.stderr).contains("orgroster import"));
    assert_eq!(self::files(directory.path()), files);
    let other = self::directory(&fixture);
    succeeds(other.path(), &["init", "-from-organization"]);
    assert_eq!(self::files(other.path()), files);
}

/// Names that AWS and the sandbox accept, some of which have a meaning in a configuration.
const HOSTILE: &[&str] = &[
    "a\"b",
    "a\\b",
    "${var.secret}",
    "%{ if true }x%{ endif }",
    "$${x}",
    "# comment",
    "/* comment",
    "}",
    "EOT",
    " x ",
    "Zürich",
    "日本",
    "-",
    "CRM",
    "crm",
    "Crm!",
    "crm-200000000011",
    "crm 200000000012",
    "2026",
    "null",
    "for_each",
    "account",
    "_",
    "a.b[\"c\"]",
];

/// A fixture with these accounts, in units with equally difficult names.
fn world(names: &[&str]) -> String {
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"").replace("${", "$${").replace("%{", "%%{");
    let mut text = format!(
        "organization \"o-exampleorgid\" {{\n  management_account_id = \"{MANAGEMENT}\"\n  account \"{MANAGEMENT}\" {{\n    name = \"m\"\n    \
         email = \"m@example.com\"\n  }}\n"
    );
    for (index, name) in names.iter().enumerate() {
        let name = quoted(name);
        let account =
            format!("account \"{}\" {{\n    name = \"{name}\"\n    email = \"a{index}@example.com\"\n  }}", 200_000_000_000_usize + index);
        if index % 2 == 0 {
            let _ = writeln!(text, "  {account}");
        } else {
            let _ = writeln!(text, "  organizational_unit \"{name} {index}\" {{\n  {account}\n  }}");
        }
    }
    text + "}\n"
}

#[test]
fn any_name_of_an_account_or_unit_gives_a_configuration_that_plans_to_nothing() {
    let directory = directory(&world(HOSTILE));
    let said = succeeds(directory.path(), &["init", "-from-organization"]);
    assert_eq!(
        said,
        format!(
            "Wrote organization.roster.hcl and members.roster.hcl with blocks for {} accounts. Review them, then run orgroster plan.\n{IGNORED}",
            HOSTILE.len()
        )
    );
    plans_to_nothing(directory.path());
    let members = fs::read_to_string(directory.path().join("members.roster.hcl")).unwrap();
    for label in ["a-b-200000000000", "var-secret", "zürich", "日本", "account-2026", "_"] {
        assert!(members.contains(&format!("account \"{label}\" {{\n")), "{label}: {members}");
    }
}

#[test]
fn import_writes_what_is_missing_and_keeps_labels_apart() {
    let directory = directory(&world(HOSTILE));
    let header = format!("organization {{\n  id                    = \"o-exampleorgid\"\n  management_account_id = \"{MANAGEMENT}\"\n}}\n");
    // The labels that the accounts named "CRM" and "crm" would get.
    let mine = "account \"crm-200000000011\" {\n  id         = \"200000000000\"\n  membership = \"member\"\n}\n";
    fs::write(directory.path().join("mine.roster.hcl"), format!("{header}\n{mine}")).unwrap();
    fs::write(directory.path().join("members.roster.hcl"), "# kept\n").unwrap();
    let said = succeeds(directory.path(), &["import", "-out", "."]);
    assert_eq!(
        said,
        format!("Wrote members-2.roster.hcl with blocks for {} accounts. Review them, then run orgroster plan.\n", HOSTILE.len() - 1)
    );
    plans_to_nothing(directory.path());
    assert_eq!(fs::read_to_string(directory.path().join("members.roster.hcl")).unwrap(), "# kept\n");
    assert!(succeeds(directory.path(), &["import", "-out", "."]).contains("nothing to import"));
    let over = orgroster(directory.path(), &["init", "-from-organization"]);
    assert!(!over.status.success() && files(directory.path()).len() == 4);
}

#[test]
fn an_empty_organization_and_an_empty_directory_are_fine() {
    let directory = directory(&world(&[]));
    let said = succeeds(directory.path(), &["init", "-from-organization"]);
    assert_eq!(said, format!("Wrote organization.roster.hcl with blocks for 0 accounts. Review them, then run orgroster plan.\n{IGNORED}"));
    plans_to_nothing(directory.path());

    let empty = tempfile::tempdir().unwrap();
    let refused = orgroster(empty.path(), &["init", "-from-organization"]);
    // No configuration is needed, so the first thing that is missing is credentials.
    assert!(String::from_utf8_lossy(&refused.stderr).contains("(no-credentials)"), "{}", String::from_utf8_lossy(&refused.stderr));
}

#[test]
fn names_of_units_are_read_from_lists_and_a_lone_one_by_itself() {
    let mut fixture = format!(
        "organization \"o-exampleorgid\" {{\n  management_account_id = \"{MANAGEMENT}\"\n  account \"{MANAGEMENT}\" {{\n    name = \"m\"\n    \
         email = \"m@example.com\"\n  }}\n"
    );
    for unit in 0..30 {
        let _ = writeln!(
            fixture,
            "  organizational_unit \"unit {unit}\" {{\n    account \"2{unit:011}\" {{\n      name = \"a{unit}\"\n      email = \"a{unit}@example.com\"\n    }}\n    \
             organizational_unit \"empty\" {{}}\n  }}"
        );
    }
    fixture.push_str(
        "  organizational_unit \"outer\" {\n    organizational_unit \"inner\" {\n      account \"300000000000\" {\n        name = \"x\"\n        \
         email = \"x@example.com\"\n      }\n    }\n  }\n}\n",
    );
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let served = serve(&fixture).await;
        let accounts = every_account(&served.aws, MANAGEMENT.parse().unwrap()).await.unwrap();
        let before = served.sandbox.requests();
        let names = unit_names(&served.aws, &accounts).await.unwrap();
        let names: BTreeSet<_> = names.into_values().collect();
        let wanted = (0..30).map(|unit| format!("unit {unit}")).chain(["inner".to_owned(), "outer".to_owned()]);
        assert_eq!(names, wanted.collect());
        let mut requests = served.sandbox.requests();
        requests.retain(|operation, count| {
            *count -= before.get(operation).copied().unwrap_or_default();
            *count > 0
        });
        // The 31 units below the root take two pages; nothing is read about empty units.
        let wanted = [("organizations:DescribeOrganizationalUnit", 1), ("organizations:ListOrganizationalUnitsForParent", 2)];
        assert_eq!(requests, wanted.map(|(operation, count)| (operation.to_owned(), count)).into());
    });
}
