//! Organizations in other partitions: a rehearsal, its snapshot copy, and the printed policies use the organization's partition.

use std::fs;
use std::path::Path;
use std::process::Command;

const FIXTURE: &str = r#"sandbox {
  clock     = "2026-11-28T12:00:00Z"
  partition = "PARTITION"
}
organization "o-exampleorgid" {
  management_account_id = "111111111111"
  root { id = "r-ab12" }
  policy "p-leaver0001" {
    name    = "OnlyTheLeaver"
    targets = ["r-ab12"]
    content = <<-JSON
      {"Version":"2012-10-17","Statement":[
        {"Effect":"Deny","Action":"organizations:*","Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:PARTITION:iam::*:role/OrganizationAccountAccessRole"}}},
        {"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":"REGION"}}}]}
    JSON
  }
  account "111111111111" {
    name  = "management"
    email = "root@example.com"
  }
  account "260000000001" {
    name          = "acquired-shop"
    email         = "aws@acquired-shop.example.com"
    joined_method = "INVITED"
    joined        = "2024-01-01T00:00:00Z"
    role "OrganizationAccountAccessRole" { trusts = ["111111111111"] }
  }
}
"#;

const ROSTER: &str = r#"provider "aws" {
  sandbox = "organization.sandbox.hcl"
}
organization {
  id                    = "o-exampleorgid"
  management_account_id = "111111111111"
}
account "acquired-shop" {
  id         = "260000000001"
  email      = "aws@acquired-shop.example.com"
  membership = "detached"
  reason     = "Returned"
}
"#;

fn orgroster(directory: &Path, arguments: &[&str], code: i32) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_orgroster"));
    let output = command.args(arguments).current_dir(directory).env_clear().output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{text}");
    text
}

#[test]
fn a_rehearsal_in_another_partition_and_on_its_copy_departs() {
    for (partition, region) in [("aws-us-gov", "us-gov-west-1"), ("aws-cn", "cn-northwest-1"), ("aws", "us-east-1")] {
        let directory = tempfile::tempdir().unwrap();
        let at = directory.path();
        fs::write(at.join("main.roster.hcl"), ROSTER).unwrap();
        let fixture = FIXTURE.replace("PARTITION", partition).replace("REGION", region);
        fs::write(at.join("organization.sandbox.hcl"), &fixture).unwrap();
        orgroster(at, &["snapshot", "-out", "facts.json"], 0);
        let copy = orgroster(at, &["sandbox", "generate", "-from-snapshot", "facts.json"], 0);
        for world in [fixture, copy] {
            fs::write(at.join("organization.sandbox.hcl"), &world).unwrap();
            orgroster(at, &["plan", "-detailed-exitcode"], 2);
            let applied = orgroster(at, &["apply", "-auto-approve"], 0);
            assert!(applied.contains("1 destroyed"), "{partition}: {applied}");
            fs::remove_dir_all(at.join(".orgroster")).unwrap();
        }
    }
}

#[test]
fn the_trust_policy_names_the_account_in_its_partition() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    fs::write(at.join("organization.sandbox.hcl"), FIXTURE.replace("PARTITION", "aws-us-gov")).unwrap();
    let trusted = |provider: &str| {
        fs::write(at.join("main.roster.hcl"), ROSTER.replace("  sandbox = \"organization.sandbox.hcl\"\n", provider)).unwrap();
        ["plan", "apply", "remove", "member", "member-read"].map(|role| orgroster(at, &["iam-policy", "-trust", role], 0))
    };
    for (provider, principal) in [
        ("  sandbox = \"organization.sandbox.hcl\"\n", "arn:aws-us-gov:iam::111111111111:root"),
        ("  region = \"cn-north-1\"\n", "arn:aws-cn:iam::111111111111:root"),
        ("  region = \"us-gov-west-1\"\n", "arn:aws-us-gov:iam::111111111111:root"),
        ("", "arn:aws:iam::111111111111:root"),
    ] {
        for policy in trusted(provider) {
            assert!(policy.contains(&format!("\"{principal}\"")), "{provider}: {policy}");
        }
    }
    let role = "  assume_role {\n    role_arn = \"arn:aws-cn:iam::111111111111:role/Roster\"\n  }\n";
    let [plan, _, _, member, _] = trusted(role);
    assert!(plan.contains("\"arn:aws-cn:iam::111111111111:root\"") && member.contains("\"arn:aws-cn:iam::111111111111:role/Roster\""));
}
