//! How a missing member left, according to CloudTrail.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

const FIXTURE: &str = r#"sandbox {
  clock = "2026-11-22T09:00:00Z"
  weather {
    trail_delay_seconds = 0
  }
}
organization "o-exampleorgid" {
  management_account_id = "111111111111"
  account "111111111111" {
    name  = "management"
    email = "m@example.com"
  }
  account "444444444444" {
    name          = "legacy"
    email         = "legacy@example.com"
    joined_method = "INVITED"
    role "OrganizationAccountAccessRole" {
      trusts = ["111111111111"]
    }
  }
}
"#;
const HEAD: &str = r#"provider "aws" {
  region  = "us-east-1"
  sandbox = "world.sandbox.hcl"
}
organization {
  id                    = "o-exampleorgid"
  management_account_id = "111111111111"
}
"#;
const DETACHED: &str = r#"account "legacy" {
  id         = "444444444444"
  name       = "legacy"
  membership = "detached"
  reason     = "Divested"
}
"#;
const MEMBER: &str = "account \"legacy\" {\n  id         = \"444444444444\"\n  membership = \"member\"\n}\n";

fn run(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_orgroster")).current_dir(directory).args(arguments).env_clear().output().unwrap()
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn a_member_that_left_is_said_to_have_left_and_a_plan_over_it_exits_with_3() {
    let directory = tempfile::tempdir().unwrap();
    let write = |block: &str| fs::write(directory.path().join("main.roster.hcl"), format!("{HEAD}{block}")).unwrap();
    fs::write(directory.path().join("world.sandbox.hcl"), FIXTURE).unwrap();
    write(DETACHED);
    let applied = run(directory.path(), &["apply", "-auto-approve"]);
    assert!(applied.status.success(), "{}", text(&applied));
    write(MEMBER);
    let plan = run(directory.path(), &["plan", "-detailed-exitcode"]);
    let said = text(&plan);
    assert_eq!(plan.status.code(), Some(3), "{said}");
    assert!(said.contains("it is declared as a member but left the organization at 2026-11-22T09:00:00Z (LEFT)"), "{said}");
    assert!(said.contains("It left at 2026-11-22T09:00:00Z (LEFT).") && said.contains("invite-account-to-organization"), "{said}");
    assert!(!said.contains("No changes."), "{said}");
    assert!(!said.contains("lookup-events"), "what is known is not asked for again: {said}");
}
