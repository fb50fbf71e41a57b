//! An operator's calls to clear a block, or to undo one.

use super::*;

fn organizations(sandbox: &Sandbox, who: &str, operation: &str, input: Value) -> Result<Value, Refused> {
    call(sandbox, who, &format!("organizations:{operation}"), input)
}

#[test]
fn units_are_created_renamed_and_deleted() {
    let sandbox = open(WORLD);
    let create = |parent: &str, name: &str| {
        let answer = organizations(&sandbox, MANAGEMENT, "CreateOrganizationalUnit", json!({ "ParentId": parent, "Name": name }))?;
        Ok::<_, Refused>(answer["OrganizationalUnit"]["Id"].as_str().unwrap().to_owned())
    };
    let departing = create("r-ab12", "Departing").unwrap();
    assert_eq!(create("r-ab12", "Departing"), Err("DuplicateOrganizationalUnitException".into()));
    assert_eq!(create("ou-ab12-nowhere1", "X"), Err("ParentNotFoundException".into()));
    let mut deepest = departing.clone();
    for level in 2..=5 {
        deepest = create(&deepest, &format!("Level {level}")).unwrap();
    }
    assert_eq!(create(&deepest, "Level 6"), Err("ConstraintViolationException:OU_DEPTH_LIMIT_EXCEEDED".into()));
    let rename = |name: &str| {
        organizations(&sandbox, MANAGEMENT, "UpdateOrganizationalUnit", json!({ "OrganizationalUnitId": departing, "Name": name }))
    };
    assert_eq!(rename("Workloads"), Err("DuplicateOrganizationalUnitException".into()));
    assert_eq!(rename("Leaving").unwrap()["OrganizationalUnit"]["Name"], "Leaving");
    let delete = |unit: &str| organizations(&sandbox, MANAGEMENT, "DeleteOrganizationalUnit", json!({ "OrganizationalUnitId": unit }));
    assert_eq!(delete(&departing), Err("OrganizationalUnitNotEmptyException".into()));
    delete(&deepest).unwrap();
    assert_eq!(delete(&deepest), Err("OrganizationalUnitNotFoundException".into()));
}

#[test]
fn an_account_is_moved_between_parents() {
    let sandbox = open(WORLD);
    let move_to = |source: &str, destination: &str| {
        let input = json!({ "AccountId": LEAVER, "SourceParentId": source, "DestinationParentId": destination });
        organizations(&sandbox, MANAGEMENT, "MoveAccount", input)
    };
    assert_eq!(move_to("r-ab12", "ou-ab12-workload"), Err("SourceParentNotFoundException".into()));
    assert_eq!(move_to("ou-ab12-workload", "ou-ab12-nowhere1"), Err("DestinationParentNotFoundException".into()));
    assert_eq!(move_to("ou-ab12-workload", "ou-ab12-workload"), Err("DuplicateAccountException".into()));
    move_to("ou-ab12-workload", "r-ab12").unwrap();
    let account = organizations(&sandbox, MANAGEMENT, "DescribeAccount", json!({ "AccountId": LEAVER })).unwrap();
    assert_eq!(account["Account"]["Paths"], json!(["o-exampleorgid/r-ab12/333333333333/"]));
}

#[test]
fn delegation_is_ended_so_that_the_account_can_leave() {
    let sandbox = open(WORLD);
    let deregister = |service: &str| {
        let input = json!({ "AccountId": DELEGATED, "ServicePrincipal": service });
        organizations(&sandbox, MANAGEMENT, "DeregisterDelegatedAdministrator", input)
    };
    deregister("guardduty.amazonaws.com").unwrap();
    assert_eq!(deregister("guardduty.amazonaws.com"), Err("AccountNotRegisteredException".into()));
    assert!(organizations(&sandbox, DELEGATED, "LeaveOrganization", json!({})).unwrap_err().contains("DELEGATED"));
    deregister("config.amazonaws.com").unwrap();
    assert_eq!(organizations(&sandbox, DELEGATED, "ListAccounts", json!({})), Err("AccessDeniedException".into()));
    organizations(&sandbox, DELEGATED, "LeaveOrganization", json!({})).unwrap();
}

#[test]
fn an_administrator_is_delegated_for_a_service_with_trusted_access() {
    let sandbox = open(WORLD);
    let register = |account: &str, service: &str| {
        let input = json!({ "AccountId": account, "ServicePrincipal": service });
        organizations(&sandbox, MANAGEMENT, "RegisterDelegatedAdministrator", input)
    };
    assert_eq!(register(LEAVER, "macie.amazonaws.com"), Err("ConstraintViolationException:SERVICE_ACCESS_NOT_ENABLED".into()));
    organizations(&sandbox, MANAGEMENT, "EnableAWSServiceAccess", json!({ "ServicePrincipal": "macie.amazonaws.com" })).unwrap();
    register(LEAVER, "macie.amazonaws.com").unwrap();
    assert_eq!(register(LEAVER, "macie.amazonaws.com"), Err("AccountAlreadyRegisteredException".into()));
    assert!(register(MANAGEMENT, "macie.amazonaws.com").unwrap_err().contains("CANNOT_REGISTER_MASTER"));
    assert!(organizations(&sandbox, LEAVER, "ListAccounts", json!({})).is_ok());
    let enabled = list(&sandbox, MANAGEMENT, "organizations:ListAWSServiceAccessForOrganization", &json!({}), "EnabledServicePrincipals");
    assert_eq!(enabled.len(), 3);
    organizations(&sandbox, MANAGEMENT, "DisableAWSServiceAccess", json!({ "ServicePrincipal": "macie.amazonaws.com" })).unwrap();
}

#[test]
fn tags_are_written_listed_and_gone_after_leaving() {
    let sandbox = open(WORLD);
    let tags = |id: &str| list(&sandbox, MANAGEMENT, "organizations:ListTagsForResource", &json!({ "ResourceId": id }), "Tags");
    assert_eq!(tags(LEAVER), [json!({ "Key": "team", "Value": "crm" })]);
    let tag = |tags: Value| organizations(&sandbox, MANAGEMENT, "TagResource", json!({ "ResourceId": LEAVER, "Tags": tags }));
    tag(json!([{ "Key": "stage", "Value": "" }])).unwrap();
    assert_eq!(tags(LEAVER).len(), 2);
    let twice = json!([{ "Key": "a", "Value": "1" }, { "Key": "a", "Value": "2" }]);
    assert_eq!(tag(twice), Err("InvalidInputException:DUPLICATE_TAG_KEY".into()));
    assert_eq!(tag(json!([{ "Key": "aws:x", "Value": "1" }])), Err("InvalidInputException:INVALID_SYSTEM_TAGS_PARAMETER".into()));
    let many: Vec<_> = (0..49).map(|index| json!({ "Key": format!("k{index}"), "Value": "v" })).collect();
    assert_eq!(tag(json!(many)), Err("ConstraintViolationException:MAX_TAG_LIMIT_EXCEEDED".into()));
    organizations(&sandbox, MANAGEMENT, "UntagResource", json!({ "ResourceId": LEAVER, "TagKeys": ["stage"] })).unwrap();
    assert_eq!(tags(LEAVER).len(), 1);
    organizations(&sandbox, LEAVER, "LeaveOrganization", json!({})).unwrap();
    let gone = organizations(&sandbox, MANAGEMENT, "ListTagsForResource", json!({ "ResourceId": LEAVER }));
    assert_eq!(gone, Err("TargetNotFoundException".into()));
}

#[test]
fn an_account_that_left_can_be_invited_again_but_not_at_once() {
    let sandbox = open(WORLD);
    organizations(&sandbox, LEAVER, "LeaveOrganization", json!({})).unwrap();
    let target = json!({ "Target": { "Id": LEAVER, "Type": "ACCOUNT" }, "Notes": "come back" });
    let handshake = organizations(&sandbox, MANAGEMENT, "InviteAccountToOrganization", target.clone()).unwrap()["Handshake"].clone();
    assert_eq!(organizations(&sandbox, MANAGEMENT, "InviteAccountToOrganization", target), Err("DuplicateHandshakeException".into()));
    assert_eq!(handshake["Parties"], json!([{ "Id": "o-exampleorgid", "Type": "ORGANIZATION" }, { "Id": LEAVER, "Type": "ACCOUNT" }]));
    assert_eq!(handshake["Resources"][2], json!({ "Type": "NOTES", "Value": "come back" }));
    let id = json!({ "HandshakeId": handshake["Id"] });
    assert_eq!(organizations(&sandbox, STANDALONE, "AcceptHandshake", id.clone()), Err("HandshakeNotFoundException".into()), "no party");
    assert_eq!(organizations(&sandbox, MANAGEMENT, "AcceptHandshake", id.clone()), Err("AccessDeniedException".into()));
    let wait = "HandshakeConstraintViolationException:ORGANIZATION_MEMBERSHIP_CHANGE_RATE_LIMIT_EXCEEDED";
    assert_eq!(organizations(&sandbox, LEAVER, "AcceptHandshake", id.clone()), Err(wait.into()));
    assert_eq!(control(&sandbox, "POST", "/clock", &json!({ "advance_seconds": 3600 })).1["now"], "2026-11-22T10:00:00Z");
    assert_eq!(organizations(&sandbox, LEAVER, "AcceptHandshake", id.clone()).unwrap()["Handshake"]["State"], "ACCEPTED");
    assert_eq!(organizations(&sandbox, LEAVER, "AcceptHandshake", id), Err("HandshakeAlreadyInStateException".into()));
    let account = organizations(&sandbox, MANAGEMENT, "DescribeAccount", json!({ "AccountId": LEAVER })).unwrap()["Account"].clone();
    assert_eq!(
        (account["JoinedMethod"].as_str(), account["Paths"][0].as_str()),
        (Some("INVITED"), Some("o-exampleorgid/r-ab12/333333333333/"))
    );
    let twice = json!({ "Target": { "Id": LEAVER, "Type": "ACCOUNT" } });
    let inside = "HandshakeConstraintViolationException:ALREADY_IN_AN_ORGANIZATION";
    assert_eq!(organizations(&sandbox, MANAGEMENT, "InviteAccountToOrganization", twice), Err(inside.into()));
}

#[test]
fn invitations_are_declined_taken_back_expire_and_are_counted() {
    let sandbox = open(&WORLD.replacen("sandbox {", "sandbox {\n  weather { invitations_per_day = 3 }", 1));
    let invite = || {
        organizations(
            &sandbox,
            MANAGEMENT,
            "InviteAccountToOrganization",
            json!({ "Target": { "Id": "outside@example.com", "Type": "EMAIL" } }),
        )
    };
    let first = invite().unwrap()["Handshake"]["Id"].clone();
    let open = |who: &str, operation: &str| list(&sandbox, who, &format!("organizations:{operation}"), &json!({}), "Handshakes");
    assert_eq!(open(STANDALONE, "ListHandshakesForAccount")[0]["State"], "OPEN");
    organizations(&sandbox, STANDALONE, "DeclineHandshake", json!({ "HandshakeId": first })).unwrap();
    let second = invite().unwrap()["Handshake"]["Id"].clone();
    for other in [STANDALONE, DELEGATED] {
        let refused = organizations(&sandbox, other, "CancelHandshake", json!({ "HandshakeId": second }));
        assert_eq!(refused, Err("AccessDeniedException".into()), "{other}");
    }
    organizations(&sandbox, MANAGEMENT, "CancelHandshake", json!({ "HandshakeId": second })).unwrap();
    let third = invite().unwrap()["Handshake"]["Id"].clone();
    control(&sandbox, "POST", "/clock", &json!({ "advance_seconds": 15 * 86_400 - 1 }));
    invite().unwrap_err();
    control(&sandbox, "POST", "/clock", &json!({ "advance_seconds": 1 }));
    let late = organizations(&sandbox, STANDALONE, "AcceptHandshake", json!({ "HandshakeId": third }));
    assert_eq!(late, Err("InvalidHandshakeTransitionException".into()));
    let mut states: Vec<_> =
        open(MANAGEMENT, "ListHandshakesForOrganization").iter().map(|one| one["State"].as_str().unwrap().to_owned()).collect();
    states.sort();
    assert_eq!(states, ["CANCELED", "DECLINED", "EXPIRED"]);
    for _ in 0..3 {
        let id = invite().unwrap()["Handshake"]["Id"].clone();
        organizations(&sandbox, MANAGEMENT, "CancelHandshake", json!({ "HandshakeId": id })).unwrap();
    }
    assert_eq!(invite(), Err("HandshakeConstraintViolationException:HANDSHAKE_RATE_LIMIT_EXCEEDED".into()));
}

#[test]
fn a_created_account_appears_later_and_is_not_signed_up() {
    let sandbox = open(WORLD);
    let create =
        |email: &str| organizations(&sandbox, MANAGEMENT, "CreateAccount", json!({ "AccountName": "new", "Email": email })).unwrap();
    let status = create("new@example.com")["CreateAccountStatus"].clone();
    assert_eq!(status["State"], "IN_PROGRESS");
    let describe =
        |id: &Value| organizations(&sandbox, MANAGEMENT, "DescribeCreateAccountStatus", json!({ "CreateAccountRequestId": id })).unwrap();
    let status = describe(&status["Id"])["CreateAccountStatus"].clone();
    assert_eq!(status["State"], "SUCCEEDED");
    let id = status["AccountId"].as_str().unwrap();
    assert_eq!(organizations(&sandbox, id, "LeaveOrganization", json!({})), Err("ConstraintViolationException:WAIT_PERIOD_ACTIVE".into()));
    control(&sandbox, "POST", "/clock", &json!({ "advance_seconds": 4 * 86_400 }));
    let eula = "ConstraintViolationException:ACCOUNT_CANNOT_LEAVE_WITHOUT_EULA";
    assert_eq!(organizations(&sandbox, id, "LeaveOrganization", json!({})), Err(eula.into()));
    assert!(assume(&sandbox, MANAGEMENT, &role_arn(id, "OrganizationAccountAccessRole"), &[]).is_ok());
    let again = describe(&create("new@example.com")["CreateAccountStatus"]["Id"])["CreateAccountStatus"].clone();
    assert_eq!((again["State"].as_str(), again["FailureReason"].as_str()), (Some("FAILED"), Some("EMAIL_ALREADY_EXISTS")));
    let statuses =
        list(&sandbox, MANAGEMENT, "organizations:ListCreateAccountStatus", &json!({ "States": ["FAILED"] }), "CreateAccountStatuses");
    assert_eq!(statuses.len(), 1);
}

#[test]
fn a_creation_takes_as_long_as_the_weather_says() {
    let sandbox = open(&WORLD.replacen("sandbox {", "sandbox {\n  weather { creation_delay_ms = 3600000 }", 1));
    let input = json!({ "AccountName": "new", "Email": "new@example.com" });
    let id = organizations(&sandbox, MANAGEMENT, "CreateAccount", input).unwrap()["CreateAccountStatus"]["Id"].clone();
    let state = || organizations(&sandbox, MANAGEMENT, "DescribeCreateAccountStatus", json!({ "CreateAccountRequestId": id })).unwrap();
    assert_eq!(state()["CreateAccountStatus"]["State"], "IN_PROGRESS");
    control(&sandbox, "POST", "/weather", &json!({ "creation_delay_ms": 0 }));
    assert_eq!(state()["CreateAccountStatus"]["State"], "SUCCEEDED");
}

#[test]
fn a_closed_account_stays_and_can_not_leave() {
    let sandbox = open(WORLD);
    let close = |id: &str| organizations(&sandbox, MANAGEMENT, "CloseAccount", json!({ "AccountId": id }));
    assert_eq!(close(MANAGEMENT), Err("ConstraintViolationException:CANNOT_CLOSE_MANAGEMENT_ACCOUNT".into()));
    close(LEAVER).unwrap();
    let account = organizations(&sandbox, MANAGEMENT, "DescribeAccount", json!({ "AccountId": LEAVER })).unwrap()["Account"].clone();
    assert_eq!((account["State"].as_str(), account["Status"].as_str()), (Some("CLOSED"), Some("SUSPENDED")));
    assert_eq!(close(LEAVER), Err("AccountAlreadyClosedException".into()));
    let remove = organizations(&sandbox, MANAGEMENT, "RemoveAccountFromOrganization", json!({ "AccountId": LEAVER }));
    assert_eq!(remove, Err("InvalidInputException:TARGET_NOT_SUPPORTED".into()));
}

#[test]
fn an_organization_is_created_and_deleted() {
    let sandbox = open(WORLD);
    let organization = organizations(&sandbox, STANDALONE, "CreateOrganization", json!({})).unwrap()["Organization"].clone();
    assert_eq!((organization["MasterAccountId"].as_str(), organization["FeatureSet"].as_str()), (Some(STANDALONE), Some("ALL")));
    assert_eq!(organizations(&sandbox, STANDALONE, "CreateOrganization", json!({})), Err("AlreadyInOrganizationException".into()));
    let roots = organizations(&sandbox, STANDALONE, "ListRoots", json!({})).unwrap();
    assert_eq!(roots["Roots"][0]["PolicyTypes"], json!([]));
    assert_eq!(organizations(&sandbox, MANAGEMENT, "DeleteOrganization", json!({})), Err("OrganizationNotEmptyException".into()));
    organizations(&sandbox, STANDALONE, "DeleteOrganization", json!({})).unwrap();
    assert_eq!(organizations(&sandbox, STANDALONE, "DescribeOrganization", json!({})), Err("AWSOrganizationsNotInUseException".into()));
}

#[test]
fn input_outside_the_shapes_of_the_api_is_refused_with_its_reason() {
    let sandbox = open(WORLD);
    let invite = |id: &str, kind: &str| json!({ "Target": { "Id": id, "Type": kind } });
    for (operation, input, reason) in [
        ("CreateAccount", json!({ "AccountName": "new", "Email": "nobody" }), "INVALID_PATTERN"),
        ("CreateAccount", json!({ "AccountName": "new", "Email": "a@b.c" }), "MIN_LENGTH_EXCEEDED"),
        ("CreateAccount", json!({ "AccountName": "ä", "Email": "a@example.com" }), "INVALID_PATTERN"),
        ("CreateAccount", json!({ "AccountName": "x".repeat(51), "Email": "a@example.com" }), "MAX_LENGTH_EXCEEDED"),
        ("CreateAccount", json!({ "AccountName": "new", "Email": "a@example.com", "RoleName": "a b" }), "INVALID_ROLE_NAME"),
        ("CreateAccount", json!({ "AccountName": "new", "Email": "a@example.com", "IamUserAccessToBilling": "MAYBE" }), "INVALID_ENUM"),
        ("InviteAccountToOrganization", json!({}), "INPUT_REQUIRED"),
        ("InviteAccountToOrganization", invite("12", "ACCOUNT"), "INVALID_PATTERN"),
        ("InviteAccountToOrganization", invite("nobody@example.com", "EMAIL"), "INVALID_EMAIL_ADDRESS_TARGET"),
        ("InviteAccountToOrganization", invite("o-exampleorgid", "ORGANIZATION"), "INVALID_PARTY_TYPE_TARGET"),
        ("CreateOrganizationalUnit", json!({ "ParentId": "r-ab12", "Name": "" }), "MIN_LENGTH_EXCEEDED"),
        ("ListPolicies", json!({ "Filter": "NO_POLICY" }), "INVALID_ENUM_POLICY_TYPE"),
        ("ListHandshakesForAccount", json!({ "Filter": { "ActionType": "FLY" } }), "INVALID_ENUM"),
        ("ListCreateAccountStatus", json!({ "States": ["LATER"] }), "INVALID_ENUM"),
        ("EnableAWSServiceAccess", json!({ "ServicePrincipal": "a b" }), "INVALID_PATTERN"),
        ("UntagResource", json!({ "ResourceId": LEAVER }), "INPUT_REQUIRED"),
        ("DescribePolicy", json!({ "PolicyId": "x" }), "INVALID_PATTERN"),
        ("DescribeHandshake", json!({ "HandshakeId": "h-1" }), "INVALID_PATTERN"),
        ("DescribeCreateAccountStatus", json!({ "CreateAccountRequestId": "car-1" }), "INVALID_PATTERN"),
    ] {
        let refused = organizations(&sandbox, MANAGEMENT, operation, input.clone());
        assert_eq!(refused, Err(format!("InvalidInputException:{reason}")), "{operation} {input}");
    }
}

#[test]
fn resource_control_policies_are_kept_but_the_one_of_aws_is_never_detached() {
    let sandbox = open(WORLD);
    let kind = json!({ "RootId": "r-ab12", "PolicyType": "RESOURCE_CONTROL_POLICY" });
    organizations(&sandbox, MANAGEMENT, "EnablePolicyType", kind).unwrap();
    let detach = json!({ "PolicyId": "p-RCPFullAWSAccess", "TargetId": LEAVER });
    assert_eq!(organizations(&sandbox, MANAGEMENT, "DetachPolicy", detach), Err("InvalidInputException:NON_DETACHABLE_POLICY".into()));
}

#[test]
fn billing_only_organizations_have_neither_trusted_access_nor_closing() {
    let sandbox = open(&WORLD.replacen("  root {", "  feature_set = \"CONSOLIDATED_BILLING\"\n  root {", 1));
    let refused = Err("ConstraintViolationException:ORGANIZATION_NOT_IN_ALL_FEATURES_MODE".to_owned());
    let service = json!({ "ServicePrincipal": "macie.amazonaws.com" });
    assert_eq!(organizations(&sandbox, MANAGEMENT, "EnableAWSServiceAccess", service), refused);
    assert_eq!(organizations(&sandbox, MANAGEMENT, "CloseAccount", json!({ "AccountId": LEAVER })), refused);
}

#[test]
fn only_the_management_account_changes_the_organization() {
    let sandbox = open(WORLD);
    for operation in [
        "CreateAccount",
        "CloseAccount",
        "MoveAccount",
        "CreateOrganizationalUnit",
        "UpdateOrganizationalUnit",
        "DeleteOrganizationalUnit",
        "CreatePolicy",
        "UpdatePolicy",
        "DeletePolicy",
        "AttachPolicy",
        "DetachPolicy",
        "EnablePolicyType",
        "DisablePolicyType",
        "TagResource",
        "UntagResource",
        "RegisterDelegatedAdministrator",
        "DeregisterDelegatedAdministrator",
        "EnableAWSServiceAccess",
        "DisableAWSServiceAccess",
        "InviteAccountToOrganization",
        "DeleteOrganization",
    ] {
        for who in [LEAVER, DELEGATED] {
            assert_eq!(organizations(&sandbox, who, operation, json!({})), Err("AccessDeniedException".into()), "{who} {operation}");
        }
        assert_eq!(
            organizations(&sandbox, STANDALONE, operation, json!({})),
            Err("AWSOrganizationsNotInUseException".into()),
            "{operation}"
        );
    }
}
