//! Fixtures and persistence.

use std::collections::BTreeSet;

use super::*;
use crate::diag::Code;

#[test]
fn every_mistake_of_a_fixture_is_reported_with_its_line() {
    let fixture = r#"sandbox {
  clock = "today"
  sed   = 1
}
organization "O-WRONG" {
  management_account_id = "111111111111"
  feature_set = "EVERYTHING"
  account "12" {
    name = "short"
    email = "x@example.com"
  }
  account "222222222222" {
    name = "a"
    email = "a@example.com"
    state = "ACTIV"
  }
  organizational_unit "A" {
    id = "ou-1"
    account "222222222222" {
      name = "again"
    }
  }
}
acount "1" {}
"#;
    let found: Vec<_> = mistakes(fixture).into_iter().map(|(code, line, _)| (code, line)).collect();
    let found: Vec<_> = found.iter().map(|(code, line)| (code.as_str(), *line)).collect();
    let expected = [
        ("invalid-value", 2),
        ("unknown-attribute", 3),
        ("sandbox-fixture", 5),
        ("sandbox-fixture", 6),
        ("invalid-value", 7),
        ("invalid-account-id", 8),
        ("invalid-value", 15),
        ("sandbox-fixture", 18),
        ("missing-attribute", 19),
        ("duplicate-account-id", 19),
        ("unknown-block", 24),
    ];
    assert_eq!(found, expected);
}

#[test]
fn units_nest_five_deep_and_have_names_of_their_own() {
    let deep = |levels: usize| {
        let open: String = (0..levels).map(|level| format!("organizational_unit \"L{level}\" {{\n")).collect();
        WORLD.replacen(
            "  organizational_unit \"Workloads\"",
            &format!("{open}{}  organizational_unit \"Workloads\"", "}\n".repeat(levels)),
            1,
        )
    };
    let _ = open(&deep(5));
    assert!(mistakes(&deep(6))[0].2.contains("at most 5 deep"));
    let twins = WORLD.replacen(
        "organizational_unit \"Young\"",
        "organizational_unit \"Twin\" {}\n organizational_unit \"Twin\" {}\n organizational_unit \"Young\"",
        1,
    );
    assert!(mistakes(&twins).iter().any(|(_, _, detail)| detail.contains("same parent")));
}

#[test]
fn policies_of_a_fixture_are_checked_and_attached() {
    let with = |policy: &str| WORLD.replacen("  root {", &format!("{policy}\n  root {{"), 1);
    let right = r#"policy "p-denyleave1" {
    name    = "DenyLeave"
    content = { Version = "2012-10-17", Statement = [{ Effect = "Deny", Action = "organizations:LeaveOrganization", Resource = "*" }] }
    targets = ["ou-ab12-workload", "666666666666"]
  }"#;
    let _ = open(&with(right));
    for (wrong, about) in [
        (right.replace("Effect = \"Deny\"", "Effect = \"No\""), "Effect must be"),
        (right.replace("666666666666", "999999999999"), "not a root, organizational unit or account"),
        (right.replace("p-denyleave1", "p-1"), "A policy id is"),
        (right.replace("content", "# content"), "needs `content`"),
    ] {
        let found = mistakes(&with(&wrong));
        assert!(found.iter().any(|(_, _, detail)| detail.contains(about)), "{about}: {found:?}");
    }
}

#[test]
fn faults_of_a_fixture_are_checked() {
    let with = |fault: &str| WORLD.replacen("sandbox {", &format!("sandbox {{\n  fault {{\n{fault}\n  }}"), 1);
    for (wrong, about) in [
        ("operation = \"organizations:Leave\"\nkind = \"throttle\"", "neither"),
        ("operation = \"*\"\nkind = \"error\"", "needs `code`"),
        ("operation = \"*\"\nkind = \"throtle\"", "Did you mean `throttle`"),
        ("kind = \"throttle\"", "needs `operation`"),
    ] {
        let found = mistakes(&with(wrong));
        assert!(found.iter().any(|(_, _, detail)| detail.contains(about)), "{about}: {found:?}");
    }
}

#[test]
fn without_a_fixture_there_are_accounts_and_no_organization() {
    let sandbox = Sandbox::open(&SourceMap::default(), None, None).unwrap();
    assert_eq!(call(&sandbox, "AKIAANYTHING", "organizations:ListAccounts", json!({})), Err("AWSOrganizationsNotInUseException".into()));
    let answer = query(&sandbox, "AKIAANYTHING", "sts:GetCallerIdentity", &[]).unwrap();
    assert_eq!(inside(&answer, "Account"), MANAGEMENT);
}

#[test]
fn a_world_persists_and_belongs_to_its_fixture() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("deep/state.json");
    let reopen = |fixture: &str| {
        let mut sources = SourceMap::default();
        let file = sources.add("world.sandbox.hcl", fixture.to_owned());
        Sandbox::open(&sources, Some(file), Some(path.clone()))
    };
    let sandbox = reopen(WORLD).unwrap();
    assert!(!path.exists(), "reading changes nothing");
    call(&sandbox, LEAVER, "organizations:LeaveOrganization", json!({})).unwrap();
    let again = reopen(WORLD).unwrap();
    assert_eq!(call(&again, LEAVER, "organizations:LeaveOrganization", json!({})), Err("AWSOrganizationsNotInUseException".into()));
    assert_eq!(list(&again, MANAGEMENT, "organizations:ListAccounts", &json!({}), "Accounts").len(), 5);
    #[cfg(unix)]
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions()) & 0o777, 0o600);
    let saved = std::fs::read(&path).unwrap();
    let refused = |fixture: &str, about: &str| {
        let found = reopen(fixture).map(|_| ()).unwrap_err();
        let found = found.sorted()[0].clone();
        assert_eq!(found.code, Code::SandboxState);
        assert!(found.detail.contains(about) && found.detail.contains("orgroster sandbox reset"), "{}", found.detail);
    };
    refused(&WORLD.replace("legacy", "old"), "another fixture");
    assert_eq!(std::fs::read(&path).unwrap(), saved);
    for (damaged, about) in [
        (saved[..saved.len() / 2].to_vec(), "damaged"),
        (b"{\"format\":2,\"fixture\":\"\",\"world\":{},\"faults\":[]}".to_vec(), "format 2"),
        (
            String::from_utf8(saved.clone()).unwrap().replace("\"parent\":\"r-ab12\"", "\"parent\":\"r-gone\"").into_bytes(),
            "contradicts itself",
        ),
    ] {
        std::fs::write(&path, &damaged).unwrap();
        refused(WORLD, about);
        assert_eq!(std::fs::read(&path).unwrap(), damaged, "a damaged file is kept");
    }
}

#[test]
fn events_and_requests_have_ids_of_their_own_whichever_process_served_them() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.json");
    let mut sources = SourceMap::default();
    let file = sources.add("world.sandbox.hcl", WORLD.to_owned());
    let mut seen = BTreeSet::new();
    for process in 0..3 {
        let sandbox = Sandbox::open(&sources, Some(file), Some(path.clone())).unwrap();
        for key in ["a", "b"] {
            let input = json!({ "ResourceId": LEAVER, "Tags": [{ "Key": format!("{key}{process}"), "Value": "x" }] });
            call(&sandbox, MANAGEMENT, "organizations:TagResource", input).unwrap();
        }
        for event in list(&sandbox, MANAGEMENT, "cloudtrail:LookupEvents", &json!({}), "Events") {
            let record: Value = serde_json::from_str(event["CloudTrailEvent"].as_str().unwrap()).unwrap();
            seen.insert(event["EventId"].to_string());
            seen.insert(record["requestID"].to_string());
        }
    }
    assert_eq!(seen.len(), 12, "{seen:?}");
}

#[test]
fn faults_still_to_come_persist_with_the_world() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("state.json");
    let fault = "sandbox {\n  fault {\n    operation = \"organizations:ListRoots\"\n    kind = \"throttle\"\n    count = 2\n  }";
    let reopen = || {
        let mut sources = SourceMap::default();
        let file = sources.add("world.sandbox.hcl", WORLD.replacen("sandbox {", fault, 1));
        Sandbox::open(&sources, Some(file), Some(path.clone())).unwrap()
    };
    for refused in [true, true, false] {
        assert_eq!(call(&reopen(), MANAGEMENT, "organizations:ListRoots", json!({})).is_err(), refused);
    }
}

#[test]
fn a_state_that_can_not_be_written_is_reported_to_the_caller() {
    let directory = tempfile::tempdir().unwrap();
    let mut sources = SourceMap::default();
    let file = sources.add("world.sandbox.hcl", WORLD.to_owned());
    let blocked = directory.path().join("blocked");
    let sandbox = Sandbox::open(&sources, Some(file), Some(blocked.join("state.json"))).unwrap();
    std::fs::write(&blocked, "a file where a directory is needed").unwrap();
    assert_eq!(call(&sandbox, LEAVER, "organizations:LeaveOrganization", json!({})), Err("ServiceException".into()));
}

#[test]
fn the_example_is_a_valid_world_that_rehearses_what_it_says() {
    let sandbox = open(include_str!("../../../examples/sandbox/organization.sandbox.hcl"));
    for (account, outcome) in [
        ("333333333333", "free"),
        ("393939393939", "reset"),
        ("444444444444", "ConstraintViolationException:ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA"),
        ("454545454545", "ConstraintViolationException:ACCOUNT_CANNOT_LEAVE_WITHOUT_PHONE_VERIFICATION"),
        ("464646464646", "ConstraintViolationException:MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED"),
        ("474747474747", "ConstraintViolationException:INVALID_PAYMENT_INSTRUMENT"),
        ("484848484848", "ConstraintViolationException:WAIT_PERIOD_ACTIVE"),
        ("494949494949", "InvalidInputException:TARGET_NOT_SUPPORTED"),
        ("555555555555", "AccessDeniedException"),
    ] {
        let left = call(&sandbox, account, "organizations:LeaveOrganization", json!({}));
        assert_eq!(left.map_or_else(|refused| refused, |_| "free".to_owned()), outcome, "{account}");
    }
}

#[test]
fn every_attribute_of_a_fixture_has_its_effect() {
    let fixture = r#"
sandbox {
  clock = "2026-11-22T09:00:00Z"
  weather {
    source_ip = "203.0.113.7"
  }
}
organization "o-exampleorgid" {
  management_account_id = "111111111111"
  enabled_policy_types  = ["TAG_POLICY"]
  service_access        = ["account.amazonaws.com"]
  root_tags             = { owner = "platform" }
  account "111111111111" {
    name  = "management"
    email = "aws-management@example.com"
  }
  account "222222222222" {
    name           = "bare"
    email          = "bare@example.com"
    no_access_role = true
    created        = "2026-11-21T00:00:00Z"
    joined         = "2020-01-01T00:00:00Z"
    role "Deep" {
      trusts              = ["111111111111"]
      path                = "/ops/"
      max_session_seconds = 7200
      tags                = { stage = "prod" }
    }
  }
  account "333333333333" {
    name  = "gone"
    email = "gone@example.com"
    state = "SUSPENDED"
  }
  organizational_unit "Tagged" {
    tags = { a = "b" }
  }
}
"#;
    let sandbox = open(fixture);
    let roots = call(&sandbox, MANAGEMENT, "organizations:ListRoots", json!({})).unwrap()["Roots"][0].clone();
    assert_eq!(roots["PolicyTypes"], json!([{ "Type": "TAG_POLICY", "Status": "ENABLED" }]));
    let tags = |id: &Value| list(&sandbox, MANAGEMENT, "organizations:ListTagsForResource", &json!({ "ResourceId": id }), "Tags").len();
    assert_eq!(tags(&roots["Id"]), 1);
    let units = call(&sandbox, MANAGEMENT, "organizations:ListOrganizationalUnitsForParent", json!({ "ParentId": roots["Id"] })).unwrap();
    assert_eq!(tags(&units["OrganizationalUnits"][0]["Id"]), 1);
    let enabled = list(&sandbox, MANAGEMENT, "organizations:ListAWSServiceAccessForOrganization", &json!({}), "EnabledServicePrincipals");
    assert_eq!(enabled[0]["ServicePrincipal"], "account.amazonaws.com");
    // The waiting period starts at the account's creation, whatever the date of joining is.
    let leave = call(&sandbox, DELEGATED, "organizations:LeaveOrganization", json!({}));
    assert_eq!(leave, Err("ConstraintViolationException:WAIT_PERIOD_ACTIVE".into()));
    let deep = "arn:aws:iam::222222222222:role/ops/Deep";
    assert!(assume(&sandbox, MANAGEMENT, deep, &[("DurationSeconds", "7200")]).is_ok());
    for role in [role_arn(DELEGATED, "OrganizationAccountAccessRole"), role_arn(LEAVER, "OrganizationAccountAccessRole")] {
        assert_eq!(assume(&sandbox, MANAGEMENT, &role, &[]).map(|_| ()), Err("AccessDenied".into()), "{role}");
    }
    let role = query(&sandbox, DELEGATED, "iam:GetRole", &[("RoleName", "Deep")]).unwrap();
    assert_eq!((inside(&role, "Path"), inside(&role, "Value")), ("/ops/".into(), "prod".into()));
}
