//! Operations on policies and features: effective policies, delegation by resource policy, all features, contacts, and accounts that AWS
//! removes after they were closed.

use super::*;

fn organizations(sandbox: &Sandbox, who: &str, operation: &str, input: Value) -> Result<Value, Refused> {
    call(sandbox, who, &format!("organizations:{operation}"), input)
}

fn create(sandbox: &Sandbox, kind: &str, name: &str, content: &str) -> Result<String, Refused> {
    let input = json!({ "Name": name, "Description": "", "Type": kind, "Content": content });
    let answer = organizations(sandbox, MANAGEMENT, "CreatePolicy", input)?;
    Ok(answer["Policy"]["PolicySummary"]["Id"].as_str().unwrap().to_owned())
}

#[test]
fn policies_are_checked_by_their_type() {
    let sandbox = open(WORLD);
    let malformed = Err("MalformedPolicyDocumentException".to_owned());
    let rcp = |effect: &str, principal: &str| {
        format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}","Principal":{principal},"Action":"s3:*","Resource":"*"}}}}"#)
    };
    for (kind, content) in [
        ("SERVICE_CONTROL_POLICY", r#"{"Version":"2012-10-18","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#.to_owned()),
        ("SERVICE_CONTROL_POLICY", r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"foo"}}"#.to_owned()),
        ("RESOURCE_CONTROL_POLICY", r#"{"a":1}"#.to_owned()),
        ("RESOURCE_CONTROL_POLICY", rcp("Allow", "\"*\"")),
        ("RESOURCE_CONTROL_POLICY", rcp("Deny", "{\"AWS\":\"111111111111\"}")),
        ("TAG_POLICY", r#"{"plans":{"a":{"b":{"@@assign":"c"}}}}"#.to_owned()),
        ("GUARDDUTY_POLICY", "[]".to_owned()),
    ] {
        assert_eq!(create(&sandbox, kind, "P", &content), malformed, "{kind} {content}");
    }
    for (kind, content) in [
        ("RESOURCE_CONTROL_POLICY", rcp("Deny", "\"*\"")),
        ("TAG_POLICY", r#"{"tags":{"a":{"tag_key":{"@@assign":"A"}}}}"#.to_owned()),
        ("GUARDDUTY_POLICY", r#"{"guardduty":{"enablement":{"x":{"@@assign":"y"}}}}"#.to_owned()),
        ("SECURITYHUB_CSPM_POLICY", r#"{"securityhub_cspm":{"x":{"@@assign":"y"}}}"#.to_owned()),
    ] {
        assert!(create(&sandbox, kind, "P", &content).is_ok(), "{kind} {content}");
    }
    let fixture = WORLD.replacen(
        "root { id = \"r-ab12\" }",
        "root { id = \"r-ab12\" }\n  policy \"p-badpolicy1\" {\n    name = \"Bad\"\n    type = \"TAG_POLICY\"\n    content = \"{}\"\n  }",
        1,
    );
    assert!(mistakes(&fixture)[0].2.contains("it sets nothing"), "{:?}", mistakes(&fixture));
}

#[test]
fn an_effective_policy_is_what_all_levels_come_to() {
    let sandbox = open(WORLD);
    let describe = |who: &str, input: Value| organizations(&sandbox, who, "DescribeEffectivePolicy", input);
    let of = |target: &str| json!({ "PolicyType": "BACKUP_POLICY", "TargetId": target });
    let not_found = Err("EffectivePolicyNotFoundException".to_owned());
    assert_eq!(describe(MANAGEMENT, of(LEAVER)), not_found);
    organizations(&sandbox, MANAGEMENT, "EnablePolicyType", json!({ "RootId": "r-ab12", "PolicyType": "BACKUP_POLICY" })).unwrap();
    assert_eq!(describe(MANAGEMENT, of(LEAVER)), not_found);
    let attach = |content: &str, name: &str, target: &str| {
        let policy = create(&sandbox, "BACKUP_POLICY", name, content).unwrap();
        organizations(&sandbox, MANAGEMENT, "AttachPolicy", json!({ "PolicyId": policy, "TargetId": target })).unwrap();
    };
    attach(
        r#"{"plans":{"daily":{"regions":{"@@assign":["us-east-1"]},"rules":{"r":{"schedule_expression":{"@@assign":"cron(0 5 ? * * *)"}}}}}}"#,
        "Root",
        "r-ab12",
    );
    let invalid =
        || organizations(&sandbox, MANAGEMENT, "ListAccountsWithInvalidEffectivePolicy", json!({ "PolicyType": "BACKUP_POLICY" })).unwrap();
    assert_eq!(invalid()["Accounts"].as_array().unwrap().len(), 6, "without selections no account has a complete plan");
    let errors = organizations(
        &sandbox,
        MANAGEMENT,
        "ListEffectivePolicyValidationErrors",
        json!({ "AccountId": LEAVER, "PolicyType": "BACKUP_POLICY" }),
    )
    .unwrap();
    assert_eq!(errors["EffectivePolicyValidationErrors"][0]["ErrorMessage"], "the backup plan \"daily\" has no selections");
    attach(
        r#"{"plans":{"daily":{"selections":{"tags":{"s":{"tag_key":{"@@assign":"backup"}}}},"regions":{"@@append":["eu-west-1"]}}}}"#,
        "Unit",
        "ou-ab12-workload",
    );
    let ids: Vec<_> = invalid()["Accounts"].as_array().unwrap().iter().map(|account| account["Id"].clone()).collect();
    assert_eq!(ids, [MANAGEMENT, DELEGATED]);
    let effective = describe(LEAVER, json!({ "PolicyType": "BACKUP_POLICY" })).unwrap();
    let content: Value = serde_json::from_str(effective["EffectivePolicy"]["PolicyContent"].as_str().unwrap()).unwrap();
    assert_eq!(content["plans"]["daily"]["regions"], json!(["us-east-1", "eu-west-1"]));
    assert_eq!(effective["EffectivePolicy"]["TargetId"], LEAVER);
    assert_eq!(describe(LEAVER, of("444444444444")), Err("AccessDeniedException".into()));
    assert_eq!(describe(MANAGEMENT, of("r-ab12")), Err("InvalidInputException:TARGET_NOT_SUPPORTED".into()));
    assert_eq!(describe(MANAGEMENT, of(STANDALONE)), Err("TargetNotFoundException".into()));
    let authorization = json!({ "PolicyType": "SERVICE_CONTROL_POLICY", "TargetId": LEAVER });
    assert_eq!(describe(MANAGEMENT, authorization), Err("InvalidInputException:INVALID_ENUM_POLICY_TYPE".into()));
}

#[test]
fn a_resource_policy_delegates_what_it_names() {
    let sandbox = open(WORLD);
    let describe = |who: &str| organizations(&sandbox, who, "DescribeResourcePolicy", json!({}));
    assert_eq!(describe(MANAGEMENT), Err("ResourcePolicyNotFoundException".into()));
    let policies = || organizations(&sandbox, LEAVER, "ListPolicies", json!({ "Filter": "SERVICE_CONTROL_POLICY" })).map(|_| ());
    assert_eq!(policies(), Err("AccessDeniedException".into()));
    let content = |action: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{LEAVER}:root"}},"Action":"{action}","Resource":"*"}}]}}"#
        )
    };
    let put = |who: &str, content: &str| organizations(&sandbox, who, "PutResourcePolicy", json!({ "Content": content }));
    assert_eq!(put(LEAVER, &content("organizations:List*")), Err("AccessDeniedException".into()));
    let put_by_management = put(MANAGEMENT, &content("organizations:List*")).unwrap();
    let summary = &put_by_management["ResourcePolicy"]["ResourcePolicySummary"];
    let id = summary["Id"].as_str().unwrap().to_owned();
    assert_eq!(summary["Arn"], format!("arn:aws:organizations::111111111111:resourcepolicy/o-exampleorgid/{id}"));
    assert_eq!(policies(), Ok(()));
    assert_eq!(describe(LEAVER), Err("AccessDeniedException".into()), "not among what is delegated");
    let tags = json!({ "ResourceId": id, "Tags": [{ "Key": "a", "Value": "b" }] });
    organizations(&sandbox, MANAGEMENT, "TagResource", tags).unwrap();
    let again = put(MANAGEMENT, &content("organizations:DescribePolicy")).unwrap();
    assert_eq!(again["ResourcePolicy"]["ResourcePolicySummary"]["Id"], id.as_str(), "it is the same policy");
    assert_eq!(list(&sandbox, MANAGEMENT, "organizations:ListTagsForResource", &json!({ "ResourceId": id }), "Tags").len(), 1);
    assert_eq!(policies(), Err("AccessDeniedException".into()));
    for (content, reason) in [
        ("{}".to_owned(), "INVALID_RESOURCE_POLICY_JSON"),
        (
            content("organizations:*").replace(r#""Principal":{"AWS":"arn:aws:iam::333333333333:root"},"#, ""),
            "INVALID_RESOURCE_POLICY_JSON",
        ),
        (content("s3:GetObject"), "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY"),
        (content("organizations:RemoveAccountFromOrganization"), "UNSUPPORTED_ACTION_IN_RESOURCE_POLICY"),
    ] {
        assert_eq!(put(MANAGEMENT, &content), Err(format!("InvalidInputException:{reason}")), "{content}");
    }
    let remove = || organizations(&sandbox, MANAGEMENT, "DeleteResourcePolicy", json!({}));
    assert_eq!((remove(), remove()), (Ok(json!({})), Err("ResourcePolicyNotFoundException".into())));
}

/// The world with consolidated billing only and two invited members, 222222222222 and 666666666666.
fn billing_only() -> Sandbox {
    open(&WORLD.replacen("  root {", "  feature_set = \"CONSOLIDATED_BILLING\"\n  root {", 1))
}

fn waiting(sandbox: &Sandbox, who: &str, action: &str) -> Vec<String> {
    let operation = if who == MANAGEMENT { "ListHandshakesForOrganization" } else { "ListHandshakesForAccount" };
    let input = json!({ "Filter": { "ActionType": action } });
    let found = list(sandbox, who, &format!("organizations:{operation}"), &input, "Handshakes");
    found.iter().map(|handshake| handshake["Id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn all_features_need_every_invited_account_and_the_last_word_of_the_management_account() {
    let sandbox = billing_only();
    let enable = || organizations(&sandbox, MANAGEMENT, "EnableAllFeatures", json!({}));
    let accept = |who: &str, id: &str| organizations(&sandbox, who, "AcceptHandshake", json!({ "HandshakeId": id }));
    let handshake = enable().unwrap()["Handshake"].clone();
    let id = handshake["Id"].as_str().unwrap().to_owned();
    assert_eq!((handshake["State"].as_str(), handshake["Action"].as_str()), (Some("REQUESTED"), Some("ENABLE_ALL_FEATURES")));
    assert_eq!(handshake["Arn"], format!("arn:aws:organizations::111111111111:handshake/o-exampleorgid/enable_all_features/{id}"));
    assert_eq!(enable(), Err("HandshakeConstraintViolationException:ORGANIZATION_IS_ALREADY_PENDING_ALL_FEATURES_MIGRATION".into()));
    let invite = json!({ "Target": { "Id": STANDALONE, "Type": "ACCOUNT" } });
    let invited = organizations(&sandbox, MANAGEMENT, "InviteAccountToOrganization", invite);
    assert_eq!(invited, Err("HandshakeConstraintViolationException:INVITE_DISABLED_DURING_ENABLE_ALL_FEATURES".into()));
    assert_eq!(accept(MANAGEMENT, &id), Err("InvalidHandshakeTransitionException".into()), "not all have answered");
    assert!(waiting(&sandbox, LEAVER, "APPROVE_ALL_FEATURES").is_empty(), "a created account is not asked");
    for member in [DELEGATED, "666666666666"] {
        let [own] = waiting(&sandbox, member, "APPROVE_ALL_FEATURES").try_into().unwrap();
        assert_eq!(accept(LEAVER, &own), Err("AccessDeniedException".into()));
        let approved = accept(member, &own).unwrap();
        let parent = approved["Handshake"]["Resources"].as_array().unwrap().iter().find(|resource| resource["Type"] == "PARENT_HANDSHAKE");
        assert_eq!(parent.unwrap()["Value"], id.as_str());
        assert_eq!(accept(member, &own), Err("HandshakeAlreadyInStateException".into()));
    }
    let children = json!({ "Filter": { "ParentHandshakeId": id } });
    assert_eq!(list(&sandbox, MANAGEMENT, "organizations:ListHandshakesForOrganization", &children, "Handshakes").len(), 2);
    let type_of_root = json!({ "RootId": "r-ab12", "PolicyType": "SERVICE_CONTROL_POLICY" });
    let enabled = || organizations(&sandbox, MANAGEMENT, "EnablePolicyType", type_of_root.clone()).map(|_| ());
    assert_eq!(enabled(), Err("PolicyTypeNotAvailableForOrganizationException".into()));
    assert_eq!(accept(DELEGATED, &id), Err("AccessDeniedException".into()));
    assert_eq!(accept(MANAGEMENT, &id).unwrap()["Handshake"]["State"], "ACCEPTED");
    assert_eq!(organizations(&sandbox, LEAVER, "DescribeOrganization", json!({})).unwrap()["Organization"]["FeatureSet"], "ALL");
    assert_eq!(enabled(), Ok(()));
    assert_eq!(enable(), Err("HandshakeConstraintViolationException:ORGANIZATION_ALREADY_HAS_ALL_FEATURES".into()));
}

#[test]
fn all_features_end_where_one_declines_and_can_be_withdrawn() {
    let sandbox = billing_only();
    let enable =
        || organizations(&sandbox, MANAGEMENT, "EnableAllFeatures", json!({})).unwrap()["Handshake"]["Id"].as_str().unwrap().to_owned();
    let first = enable();
    let [own] = waiting(&sandbox, DELEGATED, "APPROVE_ALL_FEATURES").try_into().unwrap();
    organizations(&sandbox, DELEGATED, "DeclineHandshake", json!({ "HandshakeId": own })).unwrap();
    let id = json!({ "HandshakeId": first });
    assert_eq!(organizations(&sandbox, MANAGEMENT, "DeclineHandshake", id.clone()), Err("AccessDeniedException".into()));
    assert_eq!(organizations(&sandbox, MANAGEMENT, "AcceptHandshake", id.clone()), Err("InvalidHandshakeTransitionException".into()));
    organizations(&sandbox, MANAGEMENT, "CancelHandshake", id).unwrap();
    let open = list(&sandbox, "666666666666", "organizations:ListHandshakesForAccount", &json!({}), "Handshakes");
    assert_eq!(open[0]["State"], "CANCELED", "what was not answered is withdrawn too");
    enable();
    control(&sandbox, "POST", "/clock", &json!({ "advance_seconds": 90 * 86_400 }));
    enable();
}

#[test]
fn without_invited_accounts_all_features_only_wait_for_the_management_account() {
    let fixture = WORLD
        .replacen("  root {", "  feature_set = \"CONSOLIDATED_BILLING\"\n  root {", 1)
        .replace("joined_method      = \"INVITED\"", "")
        .replace("joined_method = \"INVITED\"", "");
    let sandbox = open(&fixture);
    let handshake = organizations(&sandbox, MANAGEMENT, "EnableAllFeatures", json!({})).unwrap()["Handshake"].clone();
    assert_eq!(handshake["State"], "OPEN");
    organizations(&sandbox, MANAGEMENT, "AcceptHandshake", json!({ "HandshakeId": handshake["Id"] })).unwrap();
    let disable = json!({ "RootId": "r-ab12", "PolicyType": "TAG_POLICY" });
    assert_eq!(organizations(&sandbox, MANAGEMENT, "DisablePolicyType", disable.clone()), Err("PolicyTypeNotEnabledException".into()));
    assert_eq!(organizations(&billing_only(), MANAGEMENT, "DisablePolicyType", disable), Err("PolicyTypeNotEnabledException".into()));
}

#[test]
fn a_closed_account_is_cleaned_after_ninety_days_with_its_event() {
    let fixture = WORLD.replacen("tags               =", "state = \"CLOSED\"\n      closed = \"2026-09-01T00:00:00Z\"\n      tags =", 1);
    let sandbox = open(&fixture);
    organizations(&sandbox, MANAGEMENT, "CloseAccount", json!({ "AccountId": "444444444444" })).unwrap();
    let members = || list(&sandbox, MANAGEMENT, "organizations:ListAccounts", &json!({}), "Accounts").len();
    let advance = |seconds: i64| control(&sandbox, "POST", "/clock", &json!({ "advance_seconds": seconds }));
    assert_eq!(members(), 6);
    // Advances to 2026-11-30, 90 days after the first account was closed.
    advance(7 * 86_400 + 14 * 3600 + 3600);
    assert_eq!(members(), 5);
    advance(82 * 86_400);
    assert_eq!(members(), 5);
    advance(86_400);
    assert_eq!(members(), 4);
    let input = json!({ "LookupAttributes": [{ "AttributeKey": "EventName", "AttributeValue": "AccountDepartedOrganization" }] });
    let events = list(&sandbox, MANAGEMENT, "cloudtrail:LookupEvents", &input, "Events");
    let details: Vec<Value> =
        events.iter().map(|event| serde_json::from_str(event["CloudTrailEvent"].as_str().unwrap()).unwrap()).collect();
    let detail = |event: &Value, name: &str| event["serviceEventDetails"]["accountDepartedOrganization"][name].as_str().unwrap().to_owned();
    assert_eq!(detail(&details[0], "departureMethod"), "CLEANED");
    assert!(details.iter().all(|event| detail(event, "departureMethod") == "CLEANED"));
    assert!(detail(details.last().unwrap(), "departureTime").starts_with("2026-11-30T00:00:00"));
}

#[test]
fn every_change_is_in_the_history_and_results_are_service_events() {
    let sandbox = open(WORLD);
    organizations(&sandbox, MANAGEMENT, "CreateAccount", json!({ "Email": "new@example.com", "AccountName": "new" })).unwrap();
    organizations(&sandbox, MANAGEMENT, "TagResource", json!({ "ResourceId": LEAVER, "Tags": [{ "Key": "a", "Value": "b" }] })).unwrap();
    organizations(&sandbox, MANAGEMENT, "CloseAccount", json!({ "AccountId": LEAVER })).unwrap();
    organizations(&sandbox, MANAGEMENT, "DeletePolicy", json!({ "PolicyId": "p-FullAWSAccess" })).unwrap_err();
    list(&sandbox, MANAGEMENT, "organizations:ListRoots", &json!({}), "Roots");
    let events = list(&sandbox, MANAGEMENT, "cloudtrail:LookupEvents", &json!({}), "Events");
    let mut names: Vec<_> = events.iter().map(|event| event["EventName"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["AccountJoinedOrganization", "CloseAccount", "CloseAccountResult", "CreateAccount", "CreateAccountResult", "TagResource"]
    );
    let none = call(&sandbox, MANAGEMENT, "cloudtrail:LookupEvents", json!({ "EventCategory": "insight" })).unwrap();
    assert_eq!(none["Events"], json!([]));
    let wrong = call(&sandbox, MANAGEMENT, "cloudtrail:LookupEvents", json!({ "EventCategory": "Management" }));
    assert_eq!(wrong, Err("InvalidEventCategoryException".into()));
}

#[test]
fn services_must_be_known_and_have_their_number_of_administrators() {
    let sandbox = open(WORLD);
    let enable =
        |service: &str| organizations(&sandbox, MANAGEMENT, "EnableAWSServiceAccess", json!({ "ServicePrincipal": service })).map(|_| ());
    assert_eq!(enable("flights.amazonaws.com"), Err("InvalidInputException:UNRECOGNIZED_SERVICE_PRINCIPAL".into()));
    assert_eq!(enable("member.org.stacksets.cloudformation.amazonaws.com"), Ok(()));
    let register = |account: &str, service: &str| {
        let input = json!({ "AccountId": account, "ServicePrincipal": service });
        organizations(&sandbox, MANAGEMENT, "RegisterDelegatedAdministrator", input).map(|_| ())
    };
    let limit = Err("ConstraintViolationException:MAX_DELEGATED_ADMINISTRATORS_FOR_SERVICE_LIMIT_EXCEEDED".to_owned());
    assert_eq!(register(LEAVER, "guardduty.amazonaws.com"), limit, "222222222222 is the one");
    assert_eq!(register(LEAVER, "member.org.stacksets.cloudformation.amazonaws.com"), Ok(()));
    let untagged = json!({ "ResourceId": LEAVER });
    assert_eq!(organizations(&sandbox, MANAGEMENT, "TagResource", untagged), Err("InvalidInputException:INPUT_REQUIRED".into()));
    for (operation, input) in
        [("ListInboundResponsibilityTransfers", json!({ "Type": "BILLING" })), ("TerminateResponsibilityTransfer", json!({}))]
    {
        assert_eq!(organizations(&sandbox, MANAGEMENT, operation, input), Err("UnknownOperationException".into()));
    }
}
