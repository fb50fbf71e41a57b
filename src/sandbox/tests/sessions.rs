//! Roles and sessions, and their permissions.

use super::*;

const ROLE: &str = "arn:aws:iam::333333333333:role/OrganizationAccountAccessRole";

#[test]
fn an_identity_needs_no_permission() {
    let sandbox = open(WORLD);
    let answer = query(&sandbox, LEAVER, "sts:GetCallerIdentity", &[]).unwrap();
    assert_eq!(inside(&answer, "Account"), LEAVER);
    let deny = r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
    let session = assume(&sandbox, MANAGEMENT, ROLE, &[("Policy", deny)]).unwrap();
    let answer = query(&sandbox, &session, "sts:GetCallerIdentity", &[]).unwrap();
    assert_eq!(inside(&answer, "Arn"), "arn:aws:sts::333333333333:assumed-role/OrganizationAccountAccessRole/story");
}

#[test]
fn a_role_is_assumed_by_those_whom_it_trusts() {
    let sandbox = open(WORLD);
    let operator = role_arn("666666666666", "Operator");
    let secret = [("ExternalId", "s3cret")];
    assert!(assume(&sandbox, MANAGEMENT, ROLE, &[]).is_ok());
    assert!(assume(&sandbox, DELEGATED, &operator, &secret).is_ok());
    for (who, role, more) in [
        (DELEGATED, ROLE, &[][..]),
        (DELEGATED, operator.as_str(), &[][..]),
        (DELEGATED, operator.as_str(), &[("ExternalId", "other")][..]),
        (MANAGEMENT, operator.as_str(), &secret[..]),
        (MANAGEMENT, "arn:aws:iam::333333333333:role/Nobody", &[][..]),
        (MANAGEMENT, "arn:aws:iam::666666666666:role/OrganizationAccountAccessRole", &[][..]),
        (MANAGEMENT, "arn:aws:iam::333333333333:role/path/OrganizationAccountAccessRole", &[][..]),
    ] {
        assert_eq!(assume(&sandbox, who, role, more).map(|_| ()), Err("AccessDenied".into()), "{who} {role}");
    }
}

#[test]
fn a_session_policy_narrows_the_session() {
    let sandbox = open(WORLD);
    let only_leave =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["organizations:LeaveOrganization"],"Resource":"*"}]}"#;
    let session = assume(&sandbox, MANAGEMENT, ROLE, &[("Policy", only_leave)]).unwrap();
    assert_eq!(call(&sandbox, &session, "organizations:DescribeOrganization", json!({})), Err("AccessDeniedException".into()));
    let text = message(&sandbox, &session, "organizations:DescribeOrganization");
    assert!(text.ends_with("because no session policy allows the organizations:DescribeOrganization action"), "{text}");
    assert_eq!(call(&sandbox, &session, "organizations:LeaveOrganization", json!({})), Ok(json!({})));
}

#[test]
fn parameters_are_held_to_the_limits_of_the_api() {
    let sandbox = open(WORLD);
    let long = "x".repeat(2049);
    for (parameter, value, code) in [
        ("DurationSeconds", "899", "ValidationError"),
        ("DurationSeconds", "43201", "ValidationError"),
        ("DurationSeconds", "3601", "ValidationError"),
        ("DurationSeconds", "soon", "MalformedInput"),
        ("RoleSessionName", "x", "ValidationError"),
        ("RoleSessionName", "a b", "ValidationError"),
        ("RoleArn", "arn:aws:iam::333333333333:user/x", "ValidationError"),
        ("SourceIdentity", "x", "ValidationError"),
        ("Policy", "{}", "MalformedPolicyDocument"),
        ("Policy", long.as_str(), "PackedPolicyTooLarge"),
    ] {
        assert_eq!(assume(&sandbox, MANAGEMENT, ROLE, &[(parameter, value)]).map(|_| ()), Err(code.into()), "{parameter} {value}");
    }
}

#[test]
fn a_chained_session_lasts_an_hour_at_most_and_keeps_its_source_identity() {
    let trusting = r#"  account "777777777777" {
    name  = "chain"
    email = "chain@example.com"
    role "Second" {
      trusts              = ["arn:aws:iam::333333333333:role/OrganizationAccountAccessRole"]
      max_session_seconds = 43200
    }
  }
  organizational_unit "Workloads""#;
    let sandbox = open(&WORLD.replacen("  organizational_unit \"Workloads\"", trusting, 1));
    let first = assume(&sandbox, MANAGEMENT, ROLE, &[("SourceIdentity", "change-77")]).unwrap();
    let second = role_arn("777777777777", "Second");
    assert_eq!(assume(&sandbox, &first, &second, &[("DurationSeconds", "3601")]).map(|_| ()), Err("ValidationError".into()));
    let parameters = [("RoleArn", second.as_str()), ("RoleSessionName", "two")];
    let answer = query(&sandbox, &first, "sts:AssumeRole", &parameters).unwrap();
    assert_eq!(inside(&answer, "SourceIdentity"), "change-77");
    let other = [("DurationSeconds", "900"), ("SourceIdentity", "change-78")];
    assert_eq!(assume(&sandbox, &first, &second, &other).map(|_| ()), Err("AccessDenied".into()));
    assert_eq!(inside(&answer, "Expiration"), "2026-11-22T10:00:00Z");
}

#[test]
fn a_caller_needs_permission_for_what_it_puts_into_a_session() {
    let trusting = r#"  account "777777777777" {
    name  = "chain"
    email = "chain@example.com"
    role "Second" {
      trusts = ["333333333333"]
    }
  }
  organizational_unit "Workloads""#;
    let sandbox = open(&WORLD.replacen("  organizational_unit \"Workloads\"", trusting, 1));
    let only = r#"{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}}"#;
    let first = assume(&sandbox, MANAGEMENT, ROLE, &[("Policy", only)]).unwrap();
    let second = role_arn("777777777777", "Second");
    assert!(assume(&sandbox, &first, &second, &[]).is_ok());
    for more in [&[("SourceIdentity", "change-77")][..], &[("Tags.member.1.Key", "a"), ("Tags.member.1.Value", "b")][..]] {
        assert_eq!(assume(&sandbox, &first, &second, more).map(|_| ()), Err("AccessDenied".into()), "{more:?}");
    }
}

#[test]
fn a_role_may_do_what_its_policy_says() {
    let policy = "role \"Reader\" {\n trusts = [\"111111111111\"]\n policy = { Statement = { Effect = \"Allow\", Action = \"organizations:Describe*\", Resource = \"*\" } }\n }";
    let sandbox = open(&WORLD.replacen("tags               =", &format!("{policy}\n tags ="), 1));
    let session = assume(&sandbox, MANAGEMENT, &role_arn(LEAVER, "Reader"), &[]).unwrap();
    assert!(call(&sandbox, &session, "organizations:DescribeOrganization", json!({})).is_ok());
    assert_eq!(call(&sandbox, &session, "organizations:LeaveOrganization", json!({})), Err("AccessDeniedException".into()));
    assert!(
        message(&sandbox, &session, "organizations:LeaveOrganization")
            .ends_with("because no identity-based policy allows the organizations:LeaveOrganization action")
    );
}

#[test]
fn conditions_see_the_tags_and_the_path_of_the_principal() {
    let content = |condition: &str| {
        format!(r#"{{"Statement":{{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*","Condition":{condition}}}}}"#)
    };
    for (condition, denied) in [
        (r#"{"StringEquals":{"aws:PrincipalTag/stage":"prod"}}"#, true),
        (r#"{"StringEquals":{"aws:PrincipalTag/stage":"test"}}"#, false),
        (r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-exampleorgid/r-ab12/ou-ab12-workload/*"}}"#, true),
        (r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-exampleorgid/r-ab12/ou-ab12-otherunit/*"}}"#, false),
        (r#"{"StringEquals":{"aws:SourceIdentity":"change-77"}}"#, true),
        (r#"{"IpAddress":{"aws:SourceIp":"127.0.0.0/8"}}"#, true),
        (r#"{"DateLessThan":{"aws:CurrentTime":"2026-11-22T08:59:59Z"}}"#, false),
    ] {
        let sandbox = open(WORLD);
        let input = json!({ "Name": "P", "Description": "", "Type": "SERVICE_CONTROL_POLICY", "Content": content(condition) });
        let policy = call(&sandbox, MANAGEMENT, "organizations:CreatePolicy", input).unwrap()["Policy"]["PolicySummary"]["Id"].clone();
        call(&sandbox, MANAGEMENT, "organizations:AttachPolicy", json!({ "PolicyId": policy, "TargetId": LEAVER })).unwrap();
        let more = [("Tags.member.1.Key", "stage"), ("Tags.member.1.Value", "prod"), ("SourceIdentity", "change-77")];
        let session = assume(&sandbox, MANAGEMENT, ROLE, &more).unwrap();
        assert_eq!(call(&sandbox, &session, "organizations:LeaveOrganization", json!({})).is_err(), denied, "{condition}");
    }
}

/// A world with a role that requires multi-factor authentication, and a policy that lets only sessions with it leave.
fn guarded() -> Sandbox {
    let role =
        "role \"Guarded\" {\n        trusts       = [\"111111111111\"]\n        requires_mfa = true\n      }\n      tags               =";
    let policy = r#"policy "p-onlymfa01" {
    name    = "OnlyMfa"
    targets = ["r-ab12"]
    content = <<-JSON
      {"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*","Condition":{"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}}}}
    JSON
  }

  root {"#;
    open(&WORLD.replacen("tags               =", role, 1).replacen("root {", policy, 1))
}

#[test]
fn a_trust_can_ask_for_a_second_factor_and_conditions_see_it() {
    let sandbox = guarded();
    let arn = role_arn(LEAVER, "Guarded");
    let device = |account: &str| format!("arn:aws:iam::{account}:mfa/alice");
    let (own, foreign) = (device(MANAGEMENT), device(LEAVER));
    let factor = |serial: &'static str| [("SerialNumber", serial), ("TokenCode", "123456")];
    let denied = Err("AccessDenied".to_owned());
    let with = |more: &[(&str, &str)]| assume(&sandbox, MANAGEMENT, &arn, more);
    assert_eq!(with(&[]).map(|_| ()), denied);
    assert_eq!(with(&[("SerialNumber", foreign.as_str()), ("TokenCode", "123456")]).map(|_| ()), denied);
    for wrong in
        [&[("SerialNumber", own.as_str())][..], &[("TokenCode", "123456")], &[("SerialNumber", own.as_str()), ("TokenCode", "12345x")]]
    {
        assert_eq!(with(wrong).map(|_| ()), Err("ValidationError".into()), "{wrong:?}");
    }
    assert!(with(&factor("GAHT12345678")).is_ok());
    let session = with(&[("SerialNumber", own.as_str()), ("TokenCode", "123456")]).unwrap();
    let trust = query(&sandbox, LEAVER, "iam:GetRole", &[("RoleName", "Guarded")]).unwrap();
    assert!(inside(&trust, "AssumeRolePolicyDocument").contains("aws%3AMultiFactorAuthPresent"));
    let plain = assume(&sandbox, MANAGEMENT, &role_arn(LEAVER, "OrganizationAccountAccessRole"), &[]).unwrap();
    assert_eq!(call(&sandbox, &plain, "organizations:LeaveOrganization", json!({})), Err("AccessDeniedException".into()));
    assert_eq!(call(&sandbox, &session, "organizations:LeaveOrganization", json!({})), Ok(json!({})));
}

#[test]
fn what_a_session_is_given_keeps_the_bounds_of_the_model() {
    let sandbox = open(WORLD);
    let arn = role_arn(LEAVER, "OrganizationAccountAccessRole");
    let with = |more: &[(&str, &str)]| assume(&sandbox, MANAGEMENT, &arn, more).map(|_| ());
    let (fits, long) = ("a".repeat(256), "a".repeat(257));
    assert_eq!(with(&[("SourceIdentity", &fits)]), Ok(()));
    assert_eq!(with(&[("SourceIdentity", &long)]), Err("ValidationError".into()));
    let names: Vec<_> =
        (1..=51).map(|index| (format!("Tags.member.{index}.Key"), format!("Tags.member.{index}.Value"), format!("k{index}"))).collect();
    let tags: Vec<_> = names.iter().flat_map(|(key, value, name)| [(key.as_str(), name.as_str()), (value.as_str(), "v")]).collect();
    assert_eq!((with(&tags[..100]), with(&tags)), (Ok(()), Err("ValidationError".into())));
    let tag = |first: &'static str, second: &'static str| {
        with(&[("Tags.member.1.Key", first), ("Tags.member.1.Value", "v"), ("Tags.member.2.Key", second), ("Tags.member.2.Value", "v")])
    };
    assert_eq!(tag("Team", "team"), Err("InvalidParameterValue".into()));
    assert_eq!(tag("team", "aws:team"), Err("InvalidParameterValue".into()));
    assert_eq!(with(&[("Tags.member.1.Key", "team")]), Err("ValidationError".into()), "a tag has a value");
    let policies: Vec<_> = (1..=11).map(|index| format!("PolicyArns.member.{index}.arn")).collect();
    let policies: Vec<_> = policies.iter().map(|name| (name.as_str(), "arn:aws:iam::aws:policy/AdministratorAccess")).collect();
    assert_eq!((with(&policies[..10]), with(&policies)), (Ok(()), Err("ValidationError".into())));
}

/// No principal outside the organization can assume a role in its members.
const PERIMETER: &str = r#"
  policy "p-perimeter0" {
    name    = "Perimeter"
    type    = "RESOURCE_CONTROL_POLICY"
    targets = ["r-ab12"]
    content = {
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Deny"
        Principal = "*"
        Action    = "sts:AssumeRole"
        Resource  = "*"
        Condition = { StringNotEqualsIfExists = { "aws:PrincipalOrgID" = "o-exampleorgid" } }
      }]
    }
  }
"#;

#[test]
fn a_resource_control_policy_keeps_outsiders_from_the_roles_of_members() {
    let head = "  root { id = \"r-ab12\" }";
    let enabled = "  enabled_policy_types = [\"SERVICE_CONTROL_POLICY\", \"RESOURCE_CONTROL_POLICY\"]\n";
    let outsiders = |text: &str| {
        let role = "    role \"Auditor\" { trusts = [\"999999999999\", \"111111111111\"] }\n";
        let text = text.replacen(
            "      email              = \"legacy-crm@example.com\"\n",
            &format!("      email = \"legacy-crm@example.com\"\n{role}"),
            1,
        );
        text.replacen("    email = \"aws-management@example.com\"\n", &format!("    email = \"aws-management@example.com\"\n{role}"), 1)
    };
    let world = outsiders(WORLD);
    let guarded = open(&world.replacen(head, &format!("{enabled}{head}{PERIMETER}"), 1));
    let auditor = |account: &str| role_arn(account, "Auditor");
    assert!(assume(&open(&world), STANDALONE, &auditor(LEAVER), &[]).is_ok());
    assert_eq!(assume(&guarded, STANDALONE, &auditor(LEAVER), &[]).map(|_| ()), Err("AccessDenied".into()));
    assert!(assume(&guarded, MANAGEMENT, &auditor(LEAVER), &[]).is_ok());
    assert!(assume(&guarded, STANDALONE, &auditor(MANAGEMENT), &[]).is_ok(), "the management account's own roles are exempt");
    let off = open(&world.replacen(head, &format!("{head}{PERIMETER}"), 1));
    assert!(assume(&off, STANDALONE, &auditor(LEAVER), &[]).is_ok(), "the type is not enabled");
}
