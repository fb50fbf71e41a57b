//! Which accounts can leave, and what remains afterwards.

use super::*;

const LEAVE: &str = "organizations:LeaveOrganization";
const REMOVE: &str = "organizations:RemoveAccountFromOrganization";

#[test]
fn a_member_leaves_by_itself_and_becomes_standalone() {
    let sandbox = open(WORLD);
    assert_eq!(call(&sandbox, LEAVER, LEAVE, json!({})), Ok(json!({})));
    assert_eq!(call(&sandbox, LEAVER, LEAVE, json!({})), Err("AWSOrganizationsNotInUseException".into()));
    assert_eq!(call(&sandbox, LEAVER, "organizations:DescribeOrganization", json!({})), Err("AWSOrganizationsNotInUseException".into()));
    let gone = call(&sandbox, MANAGEMENT, "organizations:DescribeAccount", json!({ "AccountId": LEAVER }));
    assert_eq!(gone, Err("AccountNotFoundException".into()));
    let left = list(&sandbox, MANAGEMENT, "organizations:ListAccounts", &json!({}), "Accounts");
    assert!(!ids(&left).contains(&LEAVER));
}

#[test]
fn the_management_account_removes_a_member() {
    let sandbox = open(WORLD);
    assert_eq!(call(&sandbox, LEAVER, REMOVE, json!({ "AccountId": LEAVER })), Err("AccessDeniedException".into()));
    assert_eq!(call(&sandbox, DELEGATED, REMOVE, json!({ "AccountId": LEAVER })), Err("AccessDeniedException".into()));
    assert_eq!(call(&sandbox, MANAGEMENT, REMOVE, json!({ "AccountId": LEAVER })), Ok(json!({})));
    assert_eq!(call(&sandbox, MANAGEMENT, REMOVE, json!({ "AccountId": LEAVER })), Err("AccountNotFoundException".into()));
    assert_eq!(call(&sandbox, MANAGEMENT, REMOVE, json!({})), Err("InvalidInputException:INPUT_REQUIRED".into()));
    assert_eq!(call(&sandbox, MANAGEMENT, REMOVE, json!({ "AccountId": "12" })), Err("InvalidInputException:INVALID_PATTERN".into()));
}

#[test]
fn each_state_of_the_fixture_gives_its_refusal_by_either_way() {
    for (account, refusal) in [
        (MANAGEMENT, "MasterCannotLeaveOrganizationException"),
        (DELEGATED, "ConstraintViolationException:CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG"),
        ("444444444444", "ConstraintViolationException:MEMBER_ACCOUNT_PAYMENT_INSTRUMENT_REQUIRED"),
        ("555555555555", "ConstraintViolationException:WAIT_PERIOD_ACTIVE"),
    ] {
        let sandbox = open(WORLD);
        assert_eq!(call(&sandbox, account, LEAVE, json!({})), Err(refusal.into()));
        assert_eq!(call(&sandbox, MANAGEMENT, REMOVE, json!({ "AccountId": account })), Err(refusal.into()));
    }
    assert_eq!(call(&open(WORLD), STANDALONE, LEAVE, json!({})), Err("AWSOrganizationsNotInUseException".into()));
    assert_eq!(call(&open(WORLD), "666666666666", LEAVE, json!({})), Ok(json!({})));
}

#[test]
fn errors_that_no_state_gives_come_from_the_schedule() {
    let faults = r#"
  fault {
    operation = "organizations:LeaveOrganization"
    kind      = "throttle"
  }
  fault {
    operation = "organizations:LeaveOrganization"
    kind      = "concurrent_modification"
    account   = "333333333333"
  }
  fault {
    operation = "organizations:LeaveOrganization"
    kind      = "error"
    code      = "InvalidInputException"
    reason    = "CALLER_REQUIRED_FIELD_MISSING"
  }
  fault {
    operation = "organizations:LeaveOrganization"
    kind      = "internal_error_after_effect"
  }
}
"#;
    let sandbox = open(&WORLD.replacen("}\n", faults.trim_start_matches('\n'), 1));
    for refusal in [
        "TooManyRequestsException",
        "ConcurrentModificationException",
        "InvalidInputException:CALLER_REQUIRED_FIELD_MISSING",
        "ServiceException",
    ] {
        assert_eq!(call(&sandbox, LEAVER, LEAVE, json!({})), Err(refusal.into()));
    }
    // The last call had taken effect although it failed.
    assert_eq!(call(&sandbox, LEAVER, LEAVE, json!({})), Err("AWSOrganizationsNotInUseException".into()));
}

#[test]
fn every_declared_error_of_either_way_can_be_scheduled() {
    for operation in [LEAVE, REMOVE] {
        let sandbox = open(WORLD);
        for code in [
            "AccessDeniedException",
            "AccountNotFoundException",
            "AWSOrganizationsNotInUseException",
            "ConcurrentModificationException",
            "ConstraintViolationException",
            "InvalidInputException",
            "MasterCannotLeaveOrganizationException",
            "ServiceException",
            "TooManyRequestsException",
        ] {
            control(&sandbox, "POST", "/faults", &json!({ "operation": operation, "kind": "error", "code": code }));
            let who = if operation == LEAVE { LEAVER } else { MANAGEMENT };
            assert_eq!(call(&sandbox, who, operation, json!({ "AccountId": LEAVER })), Err(code.into()), "{operation}");
        }
        assert!(call(&sandbox, MANAGEMENT, "organizations:DescribeAccount", json!({ "AccountId": LEAVER })).is_ok());
    }
}

#[test]
fn a_role_of_the_member_outlives_its_membership() {
    let sandbox = open(WORLD);
    let role = role_arn(LEAVER, "OrganizationAccountAccessRole");
    let session = assume(&sandbox, MANAGEMENT, &role, &[]).unwrap();
    assert_eq!(call(&sandbox, &session, LEAVE, json!({})), Ok(json!({})));
    assert_eq!(call(&sandbox, &session, "organizations:DescribeOrganization", json!({})), Err("AWSOrganizationsNotInUseException".into()));
    assert!(assume(&sandbox, MANAGEMENT, &role, &[]).is_ok());
}
