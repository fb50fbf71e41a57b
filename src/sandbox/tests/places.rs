//! Partitions and regions: every ARN has the fixture's partition.

use super::*;

const GOV: &str = r#"
sandbox {
  clock  = "2026-11-22T09:00:00Z"
  region = "us-gov-east-1"
}
organization "o-exampleorgid" {
  management_account_id = "111111111111"
  service_access        = ["account.amazonaws.com", "ram.amazonaws.com", "controltower.amazonaws.com", "sso.amazonaws.com"]
  root { id = "r-ab12" }
  account "111111111111" {
    name  = "management"
    email = "management@example.com"
  }
  account "333333333333" {
    name          = "leaver"
    email         = "leaver@example.com"
    joined_method = "INVITED"
    joined        = "2024-01-01T00:00:00Z"
    role "Admin" { trusts = ["111111111111"] }
  }
  policy "p-region0001" {
    name    = "OnlyHome"
    targets = ["r-ab12"]
    content = <<-JSON
      {"Version":"2012-10-17","Statement":{"Effect":"Deny","NotAction":"sts:*","Resource":"*","Condition":{"StringNotEquals":{"aws:RequestedRegion":"us-gov-west-1"}}}}
    JSON
  }
  policy "p-role000001" {
    name    = "OnlyAdmin"
    targets = ["r-ab12"]
    content = <<-JSON
      {"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"organizations:*","Resource":"*","Condition":{"ArnNotLike":{"aws:PrincipalArn":"arn:aws-us-gov:iam::*:role/Admin"}}}}
    JSON
  }
  integrations {
    enrolled = ["333333333333"]
    resource_share "net" {
      owner    = "111111111111"
      accounts = ["333333333333"]
    }
    permission_set "Ops" { accounts = ["333333333333"] }
  }
}
"#;

const ADMIN: &str = "arn:aws-us-gov:iam::333333333333:role/Admin";

/// Every string in an answer that begins like an ARN.
fn arns(text: &str) -> Vec<&str> {
    let ends = |character: char| !(character.is_alphanumeric() || "-_:/.+=@*".contains(character));
    text.match_indices("arn:").map(|(at, _)| text[at..].split(ends).next().unwrap()).collect()
}

#[test]
fn every_arn_is_of_the_fixtures_partition() {
    let sandbox = open(GOV);
    assert_eq!((sandbox.partition(), sandbox.region().as_str()), ("aws-us-gov", "us-gov-east-1"));
    let session = assume(&sandbox, MANAGEMENT, ADMIN, &[]).unwrap();
    let mut answers = Vec::new();
    for (action, input) in [
        ("DescribeOrganization", json!({})),
        ("ListRoots", json!({})),
        ("ListAccounts", json!({})),
        ("ListPolicies", json!({ "Filter": "SERVICE_CONTROL_POLICY" })),
        ("ListTargetsForPolicy", json!({ "PolicyId": "p-FullAWSAccess" })),
        ("InviteAccountToOrganization", json!({ "Target": { "Id": STANDALONE, "Type": "ACCOUNT" } })),
    ] {
        answers.push(call(&sandbox, MANAGEMENT, &format!("organizations:{action}"), input).unwrap().to_string());
    }
    answers.push(query(&sandbox, MANAGEMENT, "sts:GetCallerIdentity", &[]).unwrap());
    answers.push(query(&sandbox, &session, "sts:GetCallerIdentity", &[]).unwrap());
    answers.push(query(&sandbox, LEAVER, "iam:GetRole", &[("RoleName", "Admin")]).unwrap().replace("%3A", ":").replace("%2F", "/"));
    for text in &answers {
        assert!(!arns(text).is_empty(), "{text}");
        for arn in arns(text) {
            assert!(arn.starts_with("arn:aws-us-gov:"), "{arn} in {text}");
        }
    }
    assert_eq!(
        assume(&sandbox, MANAGEMENT, &role_arn(LEAVER, "Admin"), &[]).err(),
        Some("AccessDenied".into()),
        "another partition's role"
    );
}

/// Organizations is called in its home region, whatever region its client signs for, and STS in the region that is signed for.
#[test]
fn conditions_see_the_partition_and_the_home_region() {
    let sandbox = open(GOV);
    let session = assume(&sandbox, MANAGEMENT, ADMIN, &[]).unwrap();
    assert_eq!(call(&sandbox, LEAVER, "organizations:LeaveOrganization", json!({})), Err("AccessDeniedException".into()));
    assert!(message(&sandbox, LEAVER, "organizations:LeaveOrganization").ends_with("/p-role000001"));
    call(&sandbox, &session, "organizations:LeaveOrganization", json!({})).unwrap();

    let lookup = |region: &str| {
        let mut incoming = request(&LEAVER.into(), "cloudtrail");
        incoming.authorization = incoming.authorization.map(|header| header.replace("us-east-1", region));
        incoming.target = Some("CloudTrail_20131101.LookupEvents".to_owned());
        incoming.body = b"{}".to_vec();
        let (Reply::Answer(outgoing), _) = sandbox.handle(&incoming) else { panic!() };
        let events = serde_json::from_slice::<Value>(&outgoing.body).unwrap()["Events"].as_array().unwrap().clone();
        events.into_iter().filter(|event| event["EventSource"] == "organizations.amazonaws.com").collect::<Vec<_>>()
    };
    assert!(lookup("us-east-1").is_empty());
    let events = lookup("us-gov-west-1");
    let event: Value = serde_json::from_str(events[0]["CloudTrailEvent"].as_str().unwrap()).unwrap();
    assert_eq!((event["eventName"].as_str(), event["awsRegion"].as_str()), (Some("LeaveOrganization"), Some("us-gov-west-1")));
}

#[test]
fn partition_and_region_follow_from_each_other_and_must_not_differ() {
    let place = |settings: &str| {
        let sandbox = open(&format!("sandbox {{\n{settings}\n}}\n"));
        (sandbox.partition(), sandbox.region())
    };
    assert_eq!(place(""), ("aws", "us-east-1".into()));
    assert_eq!(place("partition = \"aws-cn\""), ("aws-cn", "cn-northwest-1".into()));
    assert_eq!(place("region = \"cn-north-1\""), ("aws-cn", "cn-north-1".into()));
    assert_eq!(place("partition = \"aws\"\nregion = \"eu-west-1\""), ("aws", "eu-west-1".into()));
    let [(code, line, detail)] = mistakes("sandbox {\n  partition = \"aws-cn\"\n  region    = \"eu-west-1\"\n}\n").try_into().unwrap();
    assert_eq!((code.as_str(), line), ("sandbox-fixture", 3));
    assert!(detail.contains("is in the partition \"aws\", not in \"aws-cn\""), "{detail}");
}
